"""Finds the Kubernetes Events about an object: evidence that supports a judgement, never the only ground for health.

Source: `v1.Event` and `events.k8s.io/v1.Event`.
"""

from collections import defaultdict

from clusters.analyzers.base import Evidence
from clusters.analyzers.evidence import seen_on
from clusters.analyzers.examination import Examination, fact
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


@fact
def _by_object(examination: Examination) -> dict[tuple[str, str, str], list[Resource]]:
    found: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
    for event in examination.inventory.of("Event"):
        regarding = fields.mapping(event.body, "involvedObject") or fields.mapping(event.body, "regarding")
        identity = tuple(fields.text(regarding, name) for name in ("kind", "namespace", "name"))
        found[identity[0], identity[1], identity[2]].append(event)
    return found


def message_of(event: Resource) -> str:
    """Return the event's message, which the two API versions name differently."""
    return fields.text(event.body, "message") or fields.text(event.body, "note")


def about(examination: Examination, resource: Resource, *reasons: str) -> list[Resource]:
    """Return the events about an object with one of these reasons.

    Ordered by reason and message, not by time, so that the first one stays first while they repeat. An event of a
    former object of the same name is left out by its uid.
    """
    found = [
        event
        for event in _by_object(examination).get(resource.identity, [])
        if fields.text(event.body, "reason") in reasons and _same(event, resource)
    ]
    return sorted(found, key=lambda event: (fields.text(event.body, "reason"), message_of(event), event.name))


def _same(event: Resource, resource: Resource) -> bool:
    regarding = fields.mapping(event.body, "involvedObject") or fields.mapping(event.body, "regarding")
    uid = fields.text(regarding, "uid")
    return not uid or not resource.uid or uid in (resource.uid, resource.name)  # the kubelet names nodes so


def quoted(event: Resource) -> list[Evidence]:
    """Return an event's reason and message as evidence."""
    message = seen_on(event, "message") or seen_on(event, "note")
    return seen_on(event, "reason") + message
