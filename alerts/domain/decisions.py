"""Writes down what was decided and why, in the transaction that decided it."""

from typing import Any

from accounts.models import User
from alerts.enums import Stage
from alerts.models import Alert, Decision, Incident, TimelineEntry
from srexpert import clock

# Grows with each change of what a decision means, so that `audit.replay` reads old rows by their own rules.
RULES_VERSION = 1


def record(
    *,
    stage: Stage,
    outcome: str,
    subject: str,
    reason: str,
    inputs: dict[str, Any] | None = None,
    alert: Alert | None = None,
    incident: Incident | None = None,
    person: User | None = None,
) -> Decision:
    """Leaves one decision; `{person}` in the reason stands for the person, whose name is not stored."""
    return Decision.objects.create(
        stage=stage,
        outcome=outcome,
        subject=subject[:200],
        reason=reason[:500],
        inputs=inputs or {},
        version=RULES_VERSION,
        alert=alert,
        incident=incident,
        person=person,
    )


def note(
    *,
    incident: Incident,
    kind: str,
    text: str,
    person: User | None = None,
    alert: Alert | None = None,
    at: Any = None,
) -> TimelineEntry:
    """Adds a line to an incident's timeline; `at` is when it happened, if that was earlier."""
    return TimelineEntry.objects.create(
        incident=incident, kind=kind, text=text, person=person, alert=alert, at=at or clock.now()
    )
