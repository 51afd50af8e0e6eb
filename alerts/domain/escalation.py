"""Pages step after step until somebody takes the incident: each step once, late if need be, never not at all.

The policy is copied onto the incident when it starts. A step is a row of the outbox with its due time; it
looks at the incident when its time has come, pages, and leaves the row of the next step.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.models import Membership, TeamMember, User
from alerts.domain import decisions, locks, notifications
from alerts.domain.notifications import Recipient
from alerts.enums import EntryKind, IncidentState, Stage
from alerts.models import EscalationPolicy, Incident, WebhookTarget
from srexpert import clock, outbox

TOPIC = "alerts.escalation"


def start(*, incident: Incident) -> None:
    """Copies the policy onto the incident and leaves its first step; for a reopened one in a new round."""
    policy = EscalationPolicy.objects.standard().with_steps().first()
    incident.escalation = _copy(policy) if policy else _owners_only()
    incident.round += 1
    if policy:
        reason = f"policy '{policy.name}' applies, as the default of the organization"
    else:
        reason = "there is no escalation policy, so the owners are paged"
    _decide(incident, "started", reason, policy=str(policy.pk) if policy else None, round=incident.round)
    _schedule(incident, 1)
    incident.save(update_fields=("escalation", "round", "next_step", "next_step_at"))


def stop(*, incident: Incident, reason: str, person: User | None = None) -> None:
    """Withdraws the step that was to come, for a reason that names it; the caller saves the incident."""
    outbox.cancel(topic=TOPIC, key_prefix=f"{incident.pk}:")
    if incident.next_step is not None:
        text = f"step {incident.next_step} not paged because {reason}"
        _decide(incident, "not_paged", text, person=person, step=incident.next_step)
    incident.next_step = incident.next_step_at = None


def run_step(*, incident_id: UUID, round_: int, step: int) -> None:
    """Takes a step whose time has come; a second call for the same step changes nothing."""
    incident = locks.hold_one(incident_id)
    if incident.round != round_ or incident.state != IncidentState.TRIGGERED:
        _decide(incident, "not_paged", f"step {step} not paged because {why_not(incident)}", step=step,
                person=incident.acknowledged_by)  # fmt: skip
        return
    if incident.next_step != step:
        return
    late = clock.now() - incident.next_step_at if incident.next_step_at else timedelta()
    recipients = _recipients(incident.escalation["steps"][step - 1]["targets"])
    for recipient in recipients:
        notifications.page(incident=incident, recipient=recipient, step=step)
    outcome, reason = (
        ("paged", _paged(len(recipients))) if recipients else ("nobody", "it has no recipient left")
    )
    if late > timedelta(seconds=60):
        reason += f"; {int(late.total_seconds())} s late"
    _decide(incident, outcome, f"step {step}: {reason}", step=step, round=round_)
    if not recipients:
        decisions.note(
            incident=incident, kind=EntryKind.NOT_PAGED, text=f"Step {step} pages nobody: {reason}"
        )
    _schedule(incident, step + 1, at_once=not recipients)
    incident.save(update_fields=("next_step", "next_step_at"))


def why_not(incident: Incident) -> str:
    """Why an incident isn't paged for any more; `{person}` stands for who has it."""
    if incident.state == IncidentState.ACKNOWLEDGED:
        return "{person} acknowledged it"
    if incident.state == IncidentState.RESOLVED:
        return "it is resolved"
    return "it was reopened since and is escalated anew"


def _schedule(incident: Incident, step: int, *, at_once: bool = False) -> None:
    """Leaves the row of a step; after the last one, the decision that nobody else is left to page."""
    steps = incident.escalation["steps"]
    if step > len(steps):
        incident.next_step = incident.next_step_at = None
        _decide(incident, "exhausted", "the policy has no further step; the incident stays open")
        return
    delay = 0 if at_once else steps[step - 1]["delay_seconds"]
    incident.next_step, incident.next_step_at = step, clock.now() + timedelta(seconds=delay)
    outbox.put(
        topic=TOPIC,
        key=f"{incident.pk}:{incident.round}:{step}",
        payload={"incident": str(incident.pk), "round": incident.round, "step": step},
        due_at=incident.next_step_at,
    )


def _copy(policy: EscalationPolicy) -> dict[str, Any]:
    steps = [
        {
            "delay_seconds": step.delay_seconds,
            "targets": [
                {"membership": str(t.membership_id)}
                if t.membership_id
                else {"team": str(t.team_id)}
                if t.team_id
                else {"webhook": str(t.webhook_id)}
                for t in step.targets.all()
            ],
        }
        for step in policy.steps.all()
    ]
    return {"policy": str(policy.pk), "name": policy.name, "steps": steps}


def _owners_only() -> dict[str, Any]:
    owners = Membership.objects.owners().order_by("pk").values_list("pk", flat=True)
    targets = [{"membership": str(pk)} for pk in owners]
    return {"policy": None, "name": "", "steps": [{"delay_seconds": 0, "targets": targets}]}


def members_of(targets: list[dict[str, str]]) -> list[Membership]:
    """The members that targets of a step stand for today, teams included, each once."""
    teams = [target["team"] for target in targets if "team" in target]
    wanted = [UUID(target["membership"]) for target in targets if "membership" in target]
    wanted += TeamMember.objects.filter(team_id__in=teams).values_list("membership_id", flat=True)
    return list(Membership.objects.filter(pk__in=wanted).select_related("user").order_by("created_at", "pk"))


def names_of(targets: list[dict[str, str]]) -> list[str]:
    """Whom targets of a step stand for today, by name."""
    return [str(recipient.person or recipient.webhook) for recipient in _recipients(targets)]


def _recipients(targets: list[dict[str, str]]) -> list[Recipient]:
    people = [Recipient(person=membership.user) for membership in members_of(targets)]
    wanted = [target["webhook"] for target in targets if "webhook" in target]
    webhooks = WebhookTarget.objects.filter(pk__in=wanted).order_by("created_at", "pk")
    return [*people, *(Recipient(webhook=webhook) for webhook in webhooks)]


def _paged(count: int) -> str:
    return "one recipient paged" if count == 1 else f"{count} recipients paged"


def _decide(
    incident: Incident, outcome: str, reason: str, *, person: User | None = None, **inputs: Any
) -> None:
    decisions.record(
        stage=Stage.ESCALATED,
        outcome=outcome,
        subject=incident.label,
        reason=reason,
        inputs=inputs,
        incident=incident,
        person=person,
    )
