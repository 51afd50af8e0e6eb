"""What is long done goes; what waits, died or is fresh stays."""

from datetime import timedelta

import pytest

from srexpert import clock
from srexpert.outbox import pruning
from srexpert.outbox.models import OutboxMessage, State
from srexpert.tenancy import acting_everywhere, acting_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_prune_forgets_only_what_is_long_done(cast, settings, monkeypatch):
    monkeypatch.setattr(pruning, "_BATCH", 1)
    settings.OUTBOX_KEEP_DAYS = 7
    now = clock.now()
    old, fresh = now - timedelta(days=7, seconds=1), now - timedelta(days=6)
    with acting_for(cast.northwind):
        for key, state, finished in (
            ("done", State.DONE, old),
            ("cancelled", State.CANCELLED, old),
            ("dead", State.DEAD, old),
            ("fresh", State.DONE, fresh),
            ("waiting", State.PENDING, None),
        ):
            OutboxMessage.objects.create(
                topic="t", key=key, state=state, finished_at=finished, created_at=old
            )
    assert pruning.prune() == 2
    with acting_everywhere(reason="test"):
        assert sorted(OutboxMessage.objects.values_list("key", flat=True)) == ["dead", "fresh", "waiting"]
