"""Who handles which topic, and what a handler is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


class Undeliverable(Exception):
    """A handler could not do its work; `permanent` tells that no later try will do better."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Message:
    """One claimed row of the outbox, as a handler sees it.

    `idempotency_key` is the same for each try of the same row and goes out with what leaves the server.
    """

    id: int
    organization_id: UUID | None
    topic: str
    key: str
    payload: Any
    attempt: int
    due_at: datetime
    fence: int

    @property
    def idempotency_key(self) -> str:
        return f"{self.topic}:{self.key}"


Handler = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Registration:
    """How a topic is handled.

    `external` work leaves the server: it runs outside a transaction, may run twice after a crash, and
    carries the idempotency key. Other work runs in the transaction that marks it done. `forget` empties
    the payload once done, for payloads that hold personal data. `gave_up` is called, in the transaction
    that buries the row, when the last try has failed; an error of it is logged and changes nothing.
    """

    handler: Handler
    external: bool
    forget: bool
    max_attempts: int
    gave_up: Callable[[Message, str], None] | None


_registrations: dict[str, Registration] = {}


def handles(
    topic: str,
    *,
    external: bool = False,
    forget: bool = False,
    max_attempts: int = 12,
    gave_up: Callable[[Message, str], None] | None = None,
) -> Callable[[Handler], Handler]:
    """Registers the handler of a topic; a second one for the same topic is a programming error."""

    def register(handler: Handler) -> Handler:
        if topic in _registrations:
            raise ValueError(f"the outbox topic {topic} has a handler already")
        _registrations[topic] = Registration(handler, external, forget, max_attempts, gave_up)
        return handler

    return register


def registration(topic: str) -> Registration:
    """The registration of a topic; raises KeyError for a topic that no installed app handles."""
    return _registrations[topic]


def topics(*, external: bool) -> list[str]:
    """The topics of one of the two ways of working, in a stable order."""
    return sorted(topic for topic, r in _registrations.items() if r.external == external)
