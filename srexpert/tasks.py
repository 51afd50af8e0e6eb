"""The core's handlers and tasks: mail; the outbox's doorbell and its sweep."""

from celery import shared_task

from srexpert import mail, outbox
from srexpert.outbox import dispatch, doorbell, pruning


@outbox.handles(mail.TOPIC, external=True, forget=True)
def deliver_mail(message: outbox.Message) -> None:
    """Sends a mail that was left in the outbox."""
    mail.send(**message.payload, key=f"outbox.{message.id}")


@shared_task(name=doorbell.DRAIN)
def drain() -> int:
    """Works through what is due."""
    return dispatch.drain()


@shared_task(name="srexpert.outbox.sweep", expires=10)
def sweep() -> int:
    """Works through what is due although nobody rang."""
    return dispatch.drain()


@shared_task(name="srexpert.outbox.prune", expires=600)
def prune() -> int:
    """Forgets work that is long done."""
    return pruning.prune()
