"""Claims due rows, calls their handlers, marks the outcome; safe to kill at any instruction."""

import json
import logging
import random
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from srexpert import clock
from srexpert.outbox import doorbell
from srexpert.outbox.models import OutboxMessage, State
from srexpert.outbox.registry import Message, Registration, Undeliverable, registration, topics
from srexpert.tenancy import acting_everywhere, acting_for

logger = logging.getLogger(__name__)

_BATCH = 20
_MAX_BACKOFF = 900.0

_CLAIM = """
UPDATE outbox_message SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = %(until)s
WHERE id IN (
    SELECT id FROM outbox_message
    WHERE topic = ANY(%(topics)s)
      AND ((state = 'pending' AND due_at <= %(now)s) OR (state = 'running' AND lease_until < %(now)s))
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, organization_id, topic, key, payload::text, attempts, due_at, fence
"""


class _FencedOut(Exception):
    """Another worker took the row over after our lease ended; our outcome no longer counts."""


def drain(limit: int = 500) -> int:
    """Works through what is due, at most `limit` rows; gives how many were handled.

    Rows of the database are claimed in batches; work that leaves the server one at a time, so that a slow
    receiver never holds the leases of others. If more is left, the next worker is rung.
    """
    handled = 0
    while handled < limit:
        messages = claim(external=False, limit=_BATCH) or claim(external=True, limit=1)
        if not messages:
            return handled
        for message in messages:
            perform(message)
        handled += len(messages)
    doorbell.ring()
    return handled


def claim(*, external: bool, limit: int) -> list[Message]:
    """Takes up to `limit` due rows for this process, with a lease and a new fencing number."""
    names = topics(external=external)
    now = clock.now()
    lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    with acting_everywhere(reason="outbox dispatch"), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": now + lease, "now": now, "topics": names, "limit": limit})
        rows = cursor.fetchall()
    messages = [Message(r[0], r[1], r[2], r[3], json.loads(r[4]), r[5], r[6], r[7]) for r in rows]
    return sorted(messages, key=lambda message: (message.due_at, message.id))


def perform(message: Message) -> None:
    """Calls the handler of a claimed row and records what became of it."""
    how = registration(message.topic)
    try:
        if how.external:
            how.handler(message)
            with _scope_of(message):
                _finish(message, how)
        else:
            with _scope_of(message):
                _finish(message, how)
                how.handler(message)
    except _FencedOut:
        logger.warning("outbox row %s was taken over; its outcome here is dropped", message.id)
    except Exception as error:
        if not isinstance(error, Undeliverable):
            logger.exception("outbox row %s (%s) failed", message.id, message.topic)
        try:
            _failed(message, how, error)
        except Exception:  # the lease will end, and the others of the batch must not wait for that
            logger.exception("the failure of outbox row %s could not be noted", message.id)


def _scope_of(message: Message) -> AbstractContextManager[object]:
    if message.organization_id:
        return acting_for(message.organization_id)
    return acting_everywhere(reason=f"outbox work of no organization: {message.topic}")


def _finish(message: Message, how: Registration) -> None:
    """Marks the row done if it is still ours; locks it for the rest of the transaction."""
    changes = {"state": State.DONE, "finished_at": clock.now(), "lease_until": None, "last_error": ""}
    if how.forget:
        changes["payload"] = {}
    if not _still_ours(message).update(**changes):
        raise _FencedOut


def _failed(message: Message, how: Registration, error: Exception) -> None:
    """Gives the row back with a later due time, or buries it where a person will see it."""
    permanent = isinstance(error, Undeliverable) and error.permanent
    reason = str(error)[:500] if isinstance(error, Undeliverable) else type(error).__name__
    if permanent or message.attempt >= how.max_attempts:
        _bury(message, how, reason)
        return
    with _scope_of(message):
        _still_ours(message).update(
            state=State.PENDING,
            lease_until=None,
            last_error=reason,
            due_at=clock.now() + timedelta(seconds=backoff(message.attempt)),
        )


def _bury(message: Message, how: Registration, reason: str) -> None:
    """Marks the row dead, whatever `gave_up` makes of it; what is to be forgotten is forgotten here too."""
    forgotten: dict[str, Any] = {"payload": {}} if how.forget else {}
    with _scope_of(message):
        buried = _still_ours(message).update(
            state=State.DEAD, finished_at=clock.now(), lease_until=None, last_error=reason, **forgotten
        )
        logger.error("outbox row %s (%s) is dead: %s", message.id, message.topic, reason)
        if not buried or not how.gave_up:
            return
        try:
            with transaction.atomic():
                how.gave_up(message, reason)
        except Exception:
            logger.exception("giving up on outbox row %s (%s) failed", message.id, message.topic)


def _still_ours(message: Message) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(pk=message.id, fence=message.fence, state=State.RUNNING)


def backoff(attempt: int) -> float:
    """Seconds to wait after the given failed try: doubling, capped at 15 minutes, with full jitter above half."""
    ceiling = min(_MAX_BACKOFF, settings.OUTBOX_BACKOFF_SECONDS * 2 ** (attempt - 1))
    return float(ceiling) * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads retries, guards nothing


def lag_seconds() -> float:
    """How long the oldest overdue row has been waiting, in seconds; 0 with none."""
    with acting_everywhere(reason="outbox lag"):
        oldest = OutboxMessage.objects.overdue().order_by("due_at").values_list("due_at", flat=True).first()
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
