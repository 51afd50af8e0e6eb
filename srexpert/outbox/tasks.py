"""The Celery tasks of the outbox: answer the doorbell, and sweep for rings that were lost."""

from celery import shared_task

from srexpert.outbox import dispatch, doorbell


@shared_task(name=doorbell.DRAIN)
def drain() -> int:
    """Works through what is due."""
    return dispatch.drain()


@shared_task(name="srexpert.outbox.sweep", expires=10)
def sweep() -> int:
    """Works through what is due although nobody rang."""
    return dispatch.drain()
