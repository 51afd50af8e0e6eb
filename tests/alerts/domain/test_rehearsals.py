"""Test pages: sent outside of transactions, once, and what became of the last one is kept."""

import pytest
from django.db import connection

from alerts.domain import rehearsals
from alerts.enums import RehearsalState
from alerts.models import WebhookTarget
from srexpert.outbox import Undeliverable, dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_for, current_organization
from tests.factories import alerts as make


@pytest.fixture
def ordered(cast):
    with acting_for(cast.northwind):
        webhook = make.webhook(cast.owner)
        rehearsals.order(webhook=webhook)
    return webhook


def outcome(cast) -> tuple[str, str]:
    with acting_for(cast.northwind):
        return WebhookTarget.objects.values_list("test_state", "test_reason").get()


def sends_by(monkeypatch, function) -> None:
    monkeypatch.setattr(rehearsals, "load", lambda: {"webhook": function})


def test_page_leaves_in_no_organizations_transaction(cast, ordered, monkeypatch):
    seen = []

    def send(page):
        seen.append((page.title, len(connection.savepoint_ids), current_organization()))

    depth = len(connection.savepoint_ids)
    sends_by(monkeypatch, send)
    dispatch.drain()

    assert seen == [("Test of this webhook: nothing is wrong", depth, None)]
    assert outcome(cast) == ("delivered", "")


def test_refusal_is_kept_and_not_tried_again(cast, ordered, monkeypatch):
    tries = []

    def refuse(page):
        tries.append(page.key)
        raise Undeliverable("the webhook answered 503")

    sends_by(monkeypatch, refuse)
    dispatch.drain()
    dispatch.drain()

    assert len(tries) == 1
    assert outcome(cast) == ("failed", "the webhook answered 503")
    with acting_for(cast.northwind):
        assert OutboxMessage.objects.get(topic=rehearsals.TOPIC).state == "done"


def test_outcome_of_an_earlier_test_does_not_replace_that_of_a_later_one(cast, ordered):
    with acting_for(cast.northwind):
        earlier = ordered.tested_at
        rehearsals.order(webhook=ordered)
        rehearsals.note(
            webhook_id=ordered.pk, ordered_at=earlier, state=RehearsalState.FAILED, reason="too late"
        )

    assert outcome(cast) == ("pending", "")


def test_webhook_that_is_gone_is_sent_nothing(cast, ordered, monkeypatch):
    sends_by(monkeypatch, lambda _: pytest.fail("sent"))
    with acting_for(cast.northwind):
        WebhookTarget.objects.all().delete()

    dispatch.drain()

    with acting_for(cast.northwind):
        assert OutboxMessage.objects.get(topic=rehearsals.TOPIC).state == "done"
