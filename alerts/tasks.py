"""What runs later: signals that were published, escalation steps that are due, pages to be sent."""

from datetime import datetime
from uuid import UUID

from accounts.events import OrganizationCreated
from alerts.domain import escalation, intake, notifications, rehearsals, setup
from alerts.enums import RehearsalState
from srexpert import outbox
from srexpert.events import SignalCleared, SignalRaised, subscribes


@subscribes(SignalRaised)
def take_raised(event: SignalRaised) -> None:
    """Something needs attention."""
    intake.take_raised(signal=event)


@subscribes(SignalCleared)
def take_cleared(event: SignalCleared) -> None:
    """Something is over."""
    intake.take_cleared(signal=event)


@subscribes(OrganizationCreated)
def prepare_organization(event: OrganizationCreated) -> None:
    """A new organization pages its owner until it says otherwise."""
    setup.defaults(organization=event.organization, owner=event.owner)


@outbox.handles(escalation.TOPIC)
def run_step(message: outbox.Message) -> None:
    """An escalation step is due."""
    what = message.payload
    escalation.run_step(incident_id=UUID(what["incident"]), round_=what["round"], step=what["step"])


def _give_up(message: outbox.Message, reason: str) -> None:
    notifications.give_up(notification_id=UUID(message.payload["notification"]), reason=reason)


@outbox.handles(notifications.TOPIC, external=True, gave_up=_give_up)
def deliver(message: outbox.Message) -> None:
    """A page is to be sent."""
    if message.organization_id is not None:
        notifications.deliver(
            organization_id=message.organization_id, notification_id=UUID(message.payload["notification"])
        )


def _rehearsal_failed(message: outbox.Message, reason: str) -> None:
    what = message.payload
    rehearsals.note(
        webhook_id=UUID(what["webhook"]),
        ordered_at=datetime.fromisoformat(what["ordered_at"]),
        state=RehearsalState.FAILED,
        reason=reason,
    )


@outbox.handles(rehearsals.TOPIC, external=True, max_attempts=2, gave_up=_rehearsal_failed)
def rehearse(message: outbox.Message) -> None:
    """A test page is to be sent."""
    if message.organization_id is not None:
        rehearsals.deliver(
            organization_id=message.organization_id,
            webhook_id=UUID(message.payload["webhook"]),
            ordered_at=datetime.fromisoformat(message.payload["ordered_at"]),
        )
