"""The handlers and tasks of clusters: judge what became stale, now and a while later; watch the contact."""

from uuid import UUID

from celery import shared_task

from clusters.domain import contact, health, staleness
from srexpert import outbox


@outbox.handles(staleness.TOPIC)
def evaluate(message: outbox.Message) -> None:
    """Judges a cluster's stale scopes; several requests for one evaluation cost one."""
    health.evaluate(UUID(message.payload["cluster"]))


@shared_task(name="clusters.watch_contact", expires=30)
def watch_contact() -> int:
    """Tells of agents that fell silent."""
    return contact.watch()
