"""The outbox: done once in effect, retried, fenced, buried where a person sees it."""

from datetime import timedelta

import pytest
from django.db import connection

from srexpert import clock, outbox
from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage, State
from srexpert.tenancy import acting_everywhere, acting_for, current_organization
from tests.factories.accounts import organization

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

calls: list[tuple[str, object]] = []
behaviour: dict[str, object] = {}


def _behave(message):
    calls.append((message.key, current_organization()))
    fault = behaviour.get(message.key)
    if isinstance(fault, Exception):
        raise fault
    if callable(fault):
        fault(message)


outbox.handles("tests.inside")(_behave)
outbox.handles("tests.outside", external=True, forget=True, max_attempts=3)(_behave)


def _give_up(message, reason):
    calls.append(("gave up", message.payload))
    raise RuntimeError(reason)


outbox.handles("tests.hopeless", external=True, forget=True, max_attempts=1, gave_up=_give_up)(_behave)


@pytest.fixture(autouse=True)
def _fresh():
    calls.clear()
    behaviour.clear()


@pytest.fixture
def northwind(db):
    return organization()


def put(of, topic="tests.inside", key="a", **fields):
    with acting_for(of):
        outbox.put(topic=topic, key=key, payload={"n": 1}, **fields)


def rows():
    with acting_everywhere(reason="test"):
        return list(OutboxMessage.objects.order_by("id"))


def state():
    return [(row.key, row.state, row.attempts) for row in rows()]


def test_put_is_done_in_the_organization_of_its_writer(northwind):
    put(northwind)
    assert dispatch.drain() == 1
    assert calls == [("a", northwind.pk)]
    assert state() == [("a", State.DONE, 1)]


def test_put_twice_is_done_once(northwind):
    put(northwind)
    put(northwind)
    dispatch.drain()
    assert calls == [("a", northwind.pk)]


def test_put_with_the_same_key_in_two_organizations_is_done_for_both(northwind):
    other = organization("Elsewhere")
    put(northwind)
    put(other)
    dispatch.drain()
    assert sorted(calls, key=str) == sorted([("a", northwind.pk), ("a", other.pk)], key=str)


def test_put_in_a_transaction_that_rolls_back_promises_nothing(northwind):
    with pytest.raises(RuntimeError), acting_for(northwind):
        outbox.put(topic="tests.inside", key="a", payload={})
        raise RuntimeError
    assert dispatch.drain() == 0


def test_work_that_is_not_due_waits(northwind):
    put(northwind, due_at=clock.now() + timedelta(hours=1))
    assert dispatch.drain() == 0
    assert state() == [("a", State.PENDING, 0)]


def test_failure_inside_leaves_nothing_but_a_later_try(northwind):
    def write_then_fail(_message):
        OutboxMessage.objects.create(topic="tests.trace", key="half-done")
        raise RuntimeError("canary-in-the-error")

    behaviour["a"] = write_then_fail
    put(northwind)
    dispatch.drain()
    (row,) = rows()
    assert (row.state, row.attempts, row.last_error) == (State.PENDING, 1, "RuntimeError")
    assert row.due_at > clock.now()


def test_external_failure_is_tried_again_until_it_is_buried(northwind):
    behaviour["a"] = outbox.Undeliverable("receiver away")
    put(northwind, "tests.outside")
    for _ in range(5):
        dispatch.drain()
        _make_due()
    (row,) = rows()
    assert (row.state, row.attempts, row.last_error) == (State.DEAD, 3, "receiver away")
    assert len(calls) == 3


def test_permanent_failure_is_buried_at_once(northwind):
    behaviour["a"] = outbox.Undeliverable("no such mailbox", permanent=True)
    put(northwind, "tests.outside")
    dispatch.drain()
    assert state() == [("a", State.DEAD, 1)]


def _make_due():
    with acting_everywhere(reason="test"):
        OutboxMessage.objects.filter(state=State.PENDING).update(due_at=clock.now())


def test_payload_of_forgotten_work_is_emptied_once_done(northwind):
    put(northwind, "tests.outside")
    dispatch.drain()
    assert [row.payload for row in rows()] == [{}]


def test_claim_is_exclusive_and_its_lease_ends(northwind, settings):
    put(northwind, "tests.outside")
    (first,) = dispatch.claim(external=True, limit=10)
    assert dispatch.claim(external=True, limit=10) == []
    with acting_everywhere(reason="test"):
        OutboxMessage.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    (second,) = dispatch.claim(external=True, limit=10)
    assert (first.id, first.attempt, second.attempt, second.fence) == (second.id, 1, 2, first.fence + 1)
    assert first.idempotency_key == second.idempotency_key


def test_worker_past_its_lease_is_fenced_out(northwind):
    put(northwind)
    (stale,) = dispatch.claim(external=False, limit=1)
    with acting_everywhere(reason="test"):
        OutboxMessage.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    (current,) = dispatch.claim(external=False, limit=1)
    dispatch.perform(current)
    dispatch.perform(stale)
    assert calls == [("a", northwind.pk)]
    assert state() == [("a", State.DONE, 2)]


def test_failure_of_a_fenced_out_worker_does_not_bring_work_back(northwind):
    put(northwind, "tests.outside")
    (stale,) = dispatch.claim(external=True, limit=1)
    with acting_everywhere(reason="test"):
        OutboxMessage.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    (current,) = dispatch.claim(external=True, limit=1)
    dispatch.perform(current)
    behaviour["a"] = outbox.Undeliverable("late")
    dispatch.perform(stale)
    assert state() == [("a", State.DONE, 2)]


def test_one_slow_topic_does_not_hold_what_comes_after(northwind):
    behaviour["stuck"] = outbox.Undeliverable("away")
    put(northwind, "tests.outside", "stuck")
    put(northwind, "tests.outside", "fine")
    dispatch.drain()
    assert state() == [("stuck", State.PENDING, 1), ("fine", State.DONE, 1)]


def test_cancel_withdraws_what_has_not_started(northwind):
    put(northwind, key="incident-1:step-1")
    put(northwind, key="incident-2:step-1")
    with acting_for(northwind):
        assert outbox.cancel(topic="tests.inside", key_prefix="incident-1:") == 1
    dispatch.drain()
    assert [key for key, _ in calls] == ["incident-2:step-1"]


def test_lag_is_the_age_of_the_oldest_overdue_work(northwind):
    assert dispatch.lag_seconds() == 0
    put(northwind, due_at=clock.now() - timedelta(seconds=90))
    assert dispatch.lag_seconds() >= 90


def test_broker_away_does_not_fail_the_writer(northwind, settings, monkeypatch):
    from kombu.exceptions import OperationalError

    from srexpert.outbox import doorbell

    def refuse(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr(doorbell.current_app, "send_task", refuse)
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    put(northwind)
    assert doorbell._silent_until > 0
    assert dispatch.drain() == 1


@pytest.mark.parametrize("attempt", [1, 2, 5, 40])
def test_backoff_grows_and_is_capped(attempt, settings):
    settings.OUTBOX_BACKOFF_SECONDS = 5
    seconds = dispatch.backoff(attempt)
    ceiling = min(900, 5 * 2 ** (attempt - 1))
    assert ceiling / 2 <= seconds <= ceiling


def test_states_and_finish_go_together(northwind):
    from django.db import IntegrityError, transaction

    with acting_for(northwind):
        for wrong in ({"state": State.DONE}, {"state": State.PENDING, "finished_at": clock.now()}):
            with pytest.raises(IntegrityError), transaction.atomic():
                OutboxMessage.objects.create(topic="tests.inside", key="x", **wrong)
    assert connection.in_atomic_block is False


def test_dead_row_forgets_its_payload_and_survives_an_error_in_giving_up(northwind):
    behaviour["a"] = outbox.Undeliverable("no such mailbox", permanent=True)
    put(northwind, "tests.hopeless")
    put(northwind, "tests.hopeless", "b")
    assert dispatch.drain() == 2
    assert [(row.key, row.state, row.payload) for row in rows()] == [
        ("a", State.DEAD, {}),
        ("b", State.DONE, {}),
    ]
    assert ("gave up", {"n": 1}) in calls
