"""Domain events: typed facts that a lower app publishes in its transaction and upper apps subscribe to.

The publisher never knows who listens. Each subscriber gets a row of the outbox, so that an event is not
lost with a process, and is called once for it in effect (rows are unique by event and subscriber).
"""

import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from srexpert import outbox
from srexpert.outbox.registry import Message


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every event; its fields hold primitives, dates and ids only."""


class ObjectReference(msgspec.Struct, frozen=True):
    """A Kubernetes object in a cluster; `namespace` is empty for cluster-scoped kinds."""

    cluster: uuid.UUID
    kind: str
    namespace: str
    name: str


class SignalRaised(Event, frozen=True, kw_only=True):
    """Something needs attention: a finding, a metric rule, a regression, an alarm of the privacy duties.

    `source` names the producer ('health'), `key` the condition within it, and `version` grows with each
    change of that condition: delivery has no order, so an older version of a key is ignored.
    `cause` is the key of the condition that this one follows from, if known.
    """

    source: str
    key: str
    version: int
    object: ObjectReference | None
    severity: str
    title: str
    detail: str = ""
    fix: str = ""
    cause: str | None = None
    labels: dict[str, str] = {}
    at: datetime


class SignalCleared(Event, frozen=True, kw_only=True):
    """The condition of a SignalRaised is over."""

    source: str
    key: str
    version: int
    at: datetime


E = TypeVar("E", bound=Event)
_subscribers: dict[type[Event], list[str]] = defaultdict(list)


def subscribes(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Registers a function of an app's `tasks.py` as a subscriber; it runs in the publisher's organization."""

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        topic = f"{function.__module__}.{function.__qualname__}"

        def handle(message: Message) -> None:
            function(msgspec.convert(message.payload, event))

        outbox.handles(topic)(handle)
        _subscribers[event].append(topic)
        return function

    return register


def publish(event: Event, *, key: str | None = None) -> None:
    """Writes the event for each subscriber, in the current transaction and for its organization.

    `key` makes a repeated publication of the same fact harmless; without one each call is a new fact.
    """
    payload: dict[str, Any] = msgspec.to_builtins(event)
    fact = key or str(uuid.uuid4())
    for topic in _subscribers[type(event)]:
        outbox.put(topic=topic, key=fact, payload=payload)
