"""Pages one recipient: a row first, then the channel, then what became of it, all visible on the timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from alerts.activities import ON_CALL
from alerts.channels import Channel, Page, load
from alerts.domain import decisions
from alerts.enums import EntryKind, IncidentState, NotificationState, Stage
from alerts.models import Incident, Notification, WebhookTarget
from srexpert import clock, outbox
from srexpert.tenancy import acting_for

TOPIC = "alerts.notification"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, paged by e-mail, or a webhook; exactly one of the two."""

    person: User | None = None
    webhook: WebhookTarget | None = None

    @property
    def channel(self) -> str:
        """The name of the channel that reaches this recipient."""
        return "email" if self.person else "webhook"

    @property
    def identity(self) -> str:
        """What tells this recipient from all others of the organization."""
        subject: Any = self.person or self.webhook
        return f"{self.channel}:{subject.pk}"


def page(*, incident: Incident, recipient: Recipient, step: int) -> None:
    """Leaves a page for the outbox; the same recipient is paged once a step and round."""
    row = Notification(
        incident=incident,
        channel=recipient.channel,
        person=recipient.person,
        webhook=recipient.webhook,
        round=incident.round,
        step=step,
        key=f"{incident.pk}:{incident.round}:{step}:{recipient.identity}",
    )
    if not Notification.objects.bulk_create([row], ignore_conflicts=True):
        return
    name = "{person}" if recipient.person else f"Webhook {recipient.webhook}"
    decisions.note(
        incident=incident,
        kind=EntryKind.PAGED,
        text=f"{name} paged by {recipient.channel}, step {step} of {len(incident.escalation['steps'])}",
        person=recipient.person,
    )
    outbox.put(
        topic=TOPIC,
        key=str(row.pk),
        payload={"notification": str(row.pk)},
        activity=ON_CALL if recipient.person else "",
        person_id=recipient.person.pk if recipient.person else None,
    )


def deliver(*, organization_id: UUID, notification_id: UUID) -> None:
    """Sends a page that is still wanted; holds no transaction while it talks to the outside.

    Raises outbox.Undeliverable when the channel couldn't. A crash after the sending and before the mark
    repeats it, under the same key.
    """
    with acting_for(organization_id):
        job = _prepare(notification_id)
    if job is None:
        return
    send, content = job
    send(content)
    with acting_for(organization_id):
        _mark_sent(notification_id)


def _prepare(notification_id: UUID) -> tuple[Channel, Page] | None:
    row = (
        Notification.objects.select_for_update(of=("self",))
        .select_related("incident__organization", "person", "webhook")
        .filter(pk=notification_id, state=NotificationState.PENDING)
        .first()
    )
    if row is None:
        return None
    reason = _why_not(row)
    if reason:
        _finish(row, NotificationState.SKIPPED, f"not sent because {reason}")
        return None
    row.attempts += 1
    row.save(update_fields=("attempts",))
    return load()[row.channel], content_of(row)


def _why_not(row: Notification) -> str:
    """Why a page isn't wanted any more, or empty when it is."""
    incident = row.incident
    if incident.state == IncidentState.ACKNOWLEDGED:
        return f"{incident.label} was acknowledged before"
    if incident.state == IncidentState.RESOLVED:
        return f"{incident.label} is resolved"
    if row.round != incident.round:
        return f"{incident.label} was reopened since"
    if row.person is None and row.webhook is None:
        return "the recipient is gone"
    if row.person is not None and not row.person.is_active:
        return "the recipient's account is closed"
    return ""


def content_of(row: Notification) -> Page:
    """What the recipient is told, as the incident stands now."""
    incident = row.incident
    return Page(
        key=f"msg_{row.pk.hex}",
        address=row.person.email if row.person else row.webhook.address if row.webhook else "",
        secret=row.webhook.secret if row.webhook else "",
        incident=incident.label,
        url=url_of(incident),
        title=incident.title,
        severity=incident.severity_word,
        state=incident.state,
        cluster=incident.cluster_name,
        cause=incident.cause,
        advice=incident.fix,
        affected=incident.alerts.firing().count(),
        opened_at=incident.opened_at,
        step=row.step,
        at=clock.now(),
    )


def url_of(incident: Incident) -> str:
    """The incident's whole address, for messages."""
    path = reverse("alerts:incident-detail", args=[incident.organization.slug, incident.number])
    return f"{settings.PUBLIC_URL}{path}"


def _mark_sent(notification_id: UUID) -> None:
    row = _held(notification_id)
    if row is not None:
        _finish(row, NotificationState.SENT, "")


@transaction.atomic
def give_up(*, notification_id: UUID, reason: str) -> None:
    """Buries a page after its last try, where a person will see it: on the incident's timeline."""
    row = _held(notification_id)
    if row is not None:
        _finish(row, NotificationState.FAILED, reason or "no reason given")


def _held(notification_id: UUID) -> Notification | None:
    return (
        Notification.objects.select_for_update(of=("self",))
        .select_related("incident", "person", "webhook")
        .filter(pk=notification_id, state=NotificationState.PENDING)
        .first()
    )


_LINES: dict[str, tuple[EntryKind, Callable[[str, Notification], str]]] = {
    NotificationState.SENT: (
        EntryKind.DELIVERED,
        lambda name, row: f"Page for {name} handed over by {row.channel}",
    ),
    NotificationState.SKIPPED: (EntryKind.NOT_PAGED, lambda name, row: f"Page for {name} {row.reason}"),
    NotificationState.FAILED: (
        EntryKind.GAVE_UP,
        lambda name, row: (
            f"Page for {name} by {row.channel} given up after {row.attempts} tries: {row.reason}"
        ),
    ),
}


def _finish(row: Notification, state: NotificationState, reason: str) -> None:
    row.state, row.reason, row.finished_at = state, reason[:500], clock.now()
    row.save(update_fields=("state", "reason", "finished_at"))
    name = "{person}" if row.person_id else f"webhook {row.webhook or 'that is gone'}"
    kind, line = _LINES[state]
    decisions.note(incident=row.incident, kind=kind, text=line(name, row), person=row.person)
    decisions.record(
        stage=Stage.NOTIFIED,
        outcome=state,
        subject=row.incident.label,
        reason=line(name, row),
        inputs={"notification": str(row.pk), "step": row.step, "round": row.round, "attempts": row.attempts},
        incident=row.incident,
        person=row.person,
    )
