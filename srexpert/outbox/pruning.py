"""Forgets work that is long done, so that the outbox stays as small as what it still has to do."""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from srexpert import clock
from srexpert.tenancy import acting_everywhere

_BATCH = 5000
_STATEMENT = """
DELETE FROM outbox_message WHERE id IN (
    SELECT id FROM outbox_message WHERE state IN ('done', 'cancelled') AND finished_at < %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def prune() -> int:
    """Deletes rows that were done, or withdrawn, for longer than OUTBOX_KEEP_DAYS; gives how many.

    Dead rows stay until somebody looked. In batches of their own transactions, so that no lock is long.
    """
    before = clock.now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    deleted = 0
    while True:
        with acting_everywhere(reason="outbox pruning"), connection.cursor() as cursor:
            cursor.execute(_STATEMENT, [before, _BATCH])
            count = int(cursor.rowcount)
        deleted += count
        if count < _BATCH:
            return deleted
