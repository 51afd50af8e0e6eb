"""Events of both groups: what happened to which object; messages redacted, annotations left behind."""

from clusters.wire.kinds.core import ObjectReference
from clusters.wire.kinds.meta import BareMeta, Root
from clusters.wire.rules import Host, Part, Qualified, Reason, Text, Time, Word


class EventSource(Part):
    """The component that reported, in the core group."""

    component: Qualified | None = None
    host: Host | None = None


class EventSeries(Part):
    """Repetitions of an event."""

    count: int | None = None
    last_observed_time: Time | None = None
    state: Word | None = None


class BareRoot(Root):
    """An object whose annotations stay behind."""

    metadata: BareMeta | None = None  # type: ignore[assignment]  # narrower on purpose: no annotations


class Event(BareRoot):
    """An event, with the fields of `v1` and of `events.k8s.io/v1`."""

    action: Reason | None = None
    count: int | None = None
    deprecated_count: int | None = None
    deprecated_first_timestamp: Time | None = None
    deprecated_last_timestamp: Time | None = None
    deprecated_source: EventSource | None = None
    event_time: Time | None = None
    first_timestamp: Time | None = None
    involved_object: ObjectReference | None = None
    last_timestamp: Time | None = None
    message: Text | None = None
    note: Text | None = None
    reason: Reason | None = None
    regarding: ObjectReference | None = None
    related: ObjectReference | None = None
    reporting_component: Qualified | None = None
    reporting_controller: Qualified | None = None
    reporting_instance: Host | None = None
    series: EventSeries | None = None
    source: EventSource | None = None
    type: Word | None = None
