"""Sends a webhook a page that says it is a test, and keeps what became of it beside the webhook."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from alerts.channels import Page, load
from alerts.enums import RehearsalState
from alerts.models import WebhookTarget
from srexpert import clock, outbox
from srexpert.tenancy import acting_for

TOPIC = "alerts.rehearsal"


@transaction.atomic
def order(*, webhook: WebhookTarget) -> None:
    """Leaves a test page for the outbox: a slow receiver must hold no request and no transaction."""
    webhook.tested_at, webhook.test_state, webhook.test_reason = clock.now(), RehearsalState.PENDING, ""
    webhook.save(update_fields=("tested_at", "test_state", "test_reason"))
    ordered = webhook.tested_at.isoformat()
    outbox.put(
        topic=TOPIC,
        key=f"{webhook.pk}:{ordered}",
        payload={"webhook": str(webhook.pk), "ordered_at": ordered},
    )


def deliver(*, organization_id: UUID, webhook_id: UUID, ordered_at: datetime) -> None:
    """Sends a test page, once, outside of any transaction; a receiver that refuses is an outcome, no failure."""
    with acting_for(organization_id):
        webhook = WebhookTarget.objects.select_related("organization").filter(pk=webhook_id).first()
        if webhook is None:
            return
        page = _page(webhook, ordered_at)
    state, reason = RehearsalState.DELIVERED, ""
    try:
        load()["webhook"](page)
    except outbox.Undeliverable as error:
        state, reason = RehearsalState.FAILED, str(error)
    with acting_for(organization_id):
        note(webhook_id=webhook_id, ordered_at=ordered_at, state=state, reason=reason)


def note(*, webhook_id: UUID, ordered_at: datetime, state: RehearsalState, reason: str) -> None:
    """Keeps the outcome, unless a later test was ordered meanwhile."""
    asked = WebhookTarget.objects.filter(pk=webhook_id, tested_at=ordered_at)
    asked.update(test_state=state, test_reason=reason[:500])


def _page(webhook: WebhookTarget, ordered_at: datetime) -> Page:
    path = reverse("alerts:policy-detail", args=[webhook.organization.slug])
    return Page(
        key=f"msg_test_{webhook.pk.hex}_{ordered_at:%Y%m%d%H%M%S%f}",
        address=webhook.address,
        secret=webhook.secret,
        incident="INC-0",
        url=f"{settings.PUBLIC_URL}{path}",
        title="Test of this webhook: nothing is wrong",
        severity="low",
        state="triggered",
        cluster="",
        cause="Somebody pressed 'Send a test page'",
        advice="",
        affected=0,
        opened_at=ordered_at,
        step=1,
        at=clock.now(),
    )
