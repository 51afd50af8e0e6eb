"""Writes work into the outbox within the caller's transaction, and rings the doorbell after its commit."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from srexpert import clock
from srexpert.outbox import doorbell
from srexpert.outbox.models import OutboxMessage, State

# Filled by the privacy app at start-up: refuses a message to a person that names no known activity.
guards: list[Callable[[OutboxMessage], None]] = []


def put(
    *,
    topic: str,
    key: str,
    payload: Any,
    due_at: datetime | None = None,
    activity: str = "",
    person_id: UUID | None = None,
) -> None:
    """Leaves a piece of work for `topic`; a second call with the same topic and key changes nothing.

    Runs in the caller's transaction and scope: if that rolls back, nothing was promised. Raises whatever a
    guard raises for a message that may not be written.
    """
    message = OutboxMessage(
        topic=topic,
        key=key,
        payload=payload,
        due_at=due_at or clock.now(),
        activity=activity,
        person_id=person_id,
    )
    for guard in guards:
        guard(message)
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    if message.due_at <= clock.now():
        transaction.on_commit(partial(doorbell.ring))


def cancel(*, topic: str, key_prefix: str) -> int:
    """Withdraws what hasn't started yet of a topic, by the beginning of its key; gives how many.

    A row that a worker is taking is left to its handler, which looks whether it is still wanted: a handler
    locks its row and then what it works on, the caller has locked that already, and waiting would deadlock.
    """
    waiting = OutboxMessage.objects.filter(topic=topic, key__startswith=key_prefix, state=State.PENDING)
    free = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
    cancelled = OutboxMessage.objects.filter(pk__in=free)
    return cancelled.update(state=State.CANCELLED, finished_at=clock.now())
