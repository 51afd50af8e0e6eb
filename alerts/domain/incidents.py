"""All changes of an incident's state: open, acknowledge, resolve, reopen, merge, and what follows from them."""

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from alerts.domain import decisions, escalation, locks, sights
from alerts.domain.causes import spoken
from alerts.enums import OPEN_STATES, EntryKind, IncidentState, Severity, Stage
from alerts.models import Alert, Incident
from alerts.models.incident import take_number
from srexpert import clock
from srexpert.reach import EVERYTHING, Reach


class WrongStateError(ValueError):
    """The incident isn't in a state that allows this; the text says in which it is."""


class OutOfReachError(PermissionError):
    """The person may not see all that the incident would take along; the text says so."""


def open_for(*, alert: Alert, root: str) -> Incident:
    """Starts an incident for an alert that isn't saved yet, and its escalation.

    Must run under `locks.hold_grouping`; the caller saves the alert with it and then calls `refresh`.
    """
    incident = Incident.objects.create(
        number=take_number(),
        severity=alert.severity,
        title=alert.title,
        root=root,
        cluster_id=alert.cluster_id,
        cluster_name=alert.cluster_name,
    )
    decisions.note(
        incident=incident, kind=EntryKind.OPENED, text=f"Incident opened as {incident.severity_word}"
    )
    escalation.start(incident=incident)
    return incident


@transaction.atomic
def acknowledge(*, incident: Incident, by: User, note: str = "") -> Incident:
    """Takes the incident into a person's hands and stops its escalation.

    A second acknowledgement by the same person changes nothing. Raises WrongStateError when it is resolved, or
    when another person has it.
    """
    held = locks.hold_one(incident.pk)
    if held.state == IncidentState.ACKNOWLEDGED and held.acknowledged_by_id == by.pk:
        return held
    if held.state == IncidentState.ACKNOWLEDGED:
        raise WrongStateError(f"{held.label} is with {held.acknowledged_by} already")
    if held.state == IncidentState.RESOLVED:
        raise WrongStateError(f"{held.label} is resolved")
    held.state, held.acknowledged_at, held.acknowledged_by = IncidentState.ACKNOWLEDGED, clock.now(), by
    escalation.stop(incident=held, reason="{person} acknowledged it", person=by)
    held.save(update_fields=("state", "acknowledged_at", "acknowledged_by", "next_step", "next_step_at"))
    _decided(held, "acknowledged", "{person} acknowledged it", by)
    decisions.note(
        incident=held, kind=EntryKind.ACKNOWLEDGED, text="{person} acknowledged the incident", person=by
    )
    if note:
        comment(incident=held, by=by, text=note)
    return held


@transaction.atomic
def resolve(
    *, incident: Incident, by: User | None = None, note: str = "", reach: Reach = EVERYTHING
) -> Incident:
    """Ends the incident: a person's word, or nobody's when all its alerts are over.

    Alerts that still fire stay as they are; they open or reopen an incident only when they get worse.
    Raises WrongStateError when it is resolved already, OutOfReachError when some that fire are out of reach.
    """
    locks.hold_grouping()
    held = locks.hold_one(incident.pk)
    _require(reach, held)
    if held.state == IncidentState.RESOLVED:
        raise WrongStateError(f"{held.label} is resolved already")
    reason = "{person} resolved it" if by else "every alert of it is over"
    _end(held, reason, by)
    text = "{person} resolved the incident" if by else "Incident resolved: every alert of it is over"
    decisions.note(incident=held, kind=EntryKind.RESOLVED, text=text, person=by)
    if by and note:
        comment(incident=held, by=by, text=note)
    return held


@transaction.atomic
def reopen(
    *,
    incident: Incident,
    reason: str,
    by: User | None = None,
    alert: Alert | None = None,
    reach: Reach = EVERYTHING,
) -> Incident:
    """Puts a resolved incident back to 'triggered' and escalates from the first step again.

    `alert` is the one that the reason quotes. Raises WrongStateError when it is open, was merged into another,
    or when its cause has a newer open incident; OutOfReachError when some that fire are out of reach.
    """
    locks.hold_grouping()
    held = locks.hold_one(incident.pk)
    _require(reach, held)
    if held.state != IncidentState.RESOLVED:
        raise WrongStateError(f"{held.label} is open")
    if held.merged_into:
        raise WrongStateError(f"{held.label} was merged into {held.merged_into.label}")
    newer = Incident.objects.open().filter(root=held.root).first()
    if newer:
        raise WrongStateError(f"{newer.label} is open for the same cause")
    held.state = IncidentState.TRIGGERED
    held.acknowledged_at = held.acknowledged_by = held.resolved_at = held.resolved_by = None
    held.save(update_fields=("state", "acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by"))
    _decided(held, "reopened", reason, by, alert)
    text = f"Incident reopened: {reason}"
    decisions.note(incident=held, kind=EntryKind.REOPENED, text=text, person=by, alert=alert)
    refresh(incident=held)
    escalation.start(incident=held)
    return held


@transaction.atomic
def comment(*, incident: Incident, by: User, text: str) -> None:
    """Adds a person's words to the timeline; raises ValueError for empty ones."""
    text = text.strip()
    if not text:
        raise ValueError("a comment needs words")
    decisions.note(incident=incident, kind=EntryKind.COMMENT, text=text, person=by)


def merge(*, source: Incident, into: Incident, reason: str, alert: Alert) -> None:
    """Moves all alerts of one locked incident into another of the same cause, and ends the first.

    `alert` is the one that links them and that the reason quotes.
    """
    Alert.objects.filter(incident=source).update(incident=into)
    _end(source, f"merged into {into.label}", None, into=into, why=reason, alert=alert)
    text = f"Merged into {into.label}: {reason}"
    decisions.note(incident=source, kind=EntryKind.MERGED, text=text, alert=alert)
    text = f"{source.label} merged into this one: {reason}"
    decisions.note(incident=into, kind=EntryKind.MERGED, text=text, alert=alert)


def _require(reach: Reach, held: Incident) -> None:
    if not sights.whole(held, reach):
        raise OutOfReachError(
            f"{held.label} has alerts outside of the namespaces that you were granted. "
            "You can acknowledge it; ending or reopening it is for somebody who sees all of it."
        )


def _end(
    held: Incident,
    reason: str,
    by: User | None,
    *,
    into: Incident | None = None,
    why: str = "",
    alert: Alert | None = None,
) -> None:
    held.state, held.resolved_at, held.resolved_by = IncidentState.RESOLVED, clock.now(), by
    held.merged_into = into
    escalation.stop(incident=held, reason=reason, person=by)
    held.save(
        update_fields=("state", "resolved_at", "resolved_by", "merged_into", "next_step", "next_step_at")
    )
    outcome, target = ("merged", str(into.pk)) if into else ("resolved", None)
    _decided(held, outcome, why or reason, by, alert, into=target)


def _decided(
    held: Incident,
    outcome: str,
    reason: str,
    by: User | None,
    alert: Alert | None = None,
    **inputs: str | None,
) -> None:
    decisions.record(
        stage=Stage.INCIDENT,
        outcome=outcome,
        subject=held.label,
        reason=reason,
        inputs={"incident": str(held.pk), "number": held.number, "by_a_person": by is not None, **inputs},
        alert=alert,
        incident=held,
        person=by,
    )


def settle(*, incident: Incident, into: Incident, reason: str, alert: Alert) -> None:
    """Looks after an incident that alerts were moved out of.

    With none left it is merged into where they went; with only finished ones it is resolved.
    """
    incident = locks.hold_one(incident.pk)
    if not incident.is_open:
        return
    alerts = Alert.objects.filter(incident=incident)
    if not alerts.exists():
        merge(source=incident, into=into, reason=reason, alert=alert)
    elif not alerts.firing().exists():
        resolve(incident=incident)
    else:
        refresh(incident=incident)


def refresh(*, incident: Incident, root: str | None = None) -> None:
    """Brings title, cause and severity of a locked incident in line with its alerts, and notes a worse severity.

    The title is the root's; while the root hasn't been reported, that of what follows from it directly.
    The severity is the worst of its alerts, those that are over included: a root that heals before what
    follows from it must not make the incident look smaller than it was.
    """
    incident.root = root or incident.root
    alerts = Alert.objects.filter(incident=incident)
    first = alerts.from_the_root(incident.root).first()
    worst: int | None = alerts.aggregate(worst=Max("severity"))["worst"]
    before = incident.severity
    if first is not None:
        incident.title, incident.cause, incident.fix = first.title, cause_of(first, incident.root), first.fix
        incident.cluster_id, incident.cluster_name = first.cluster_id, first.cluster_name
    incident.severity = worst or before
    incident.save(update_fields=("root", "title", "cause", "fix", "cluster_id", "cluster_name", "severity"))
    if incident.severity > before and incident.state in OPEN_STATES:
        text = f"Severity {Severity(before).word} → {incident.severity_word}"
        decisions.note(incident=incident, kind=EntryKind.SEVERITY, text=text)


def cause_of(alert: Alert, root: str) -> str:
    """What is known of the cause, as a sentence: the root's own detail, or that it hasn't been reported."""
    if alert.fingerprint == root:
        return alert.detail or alert.title
    if alert.cause:
        return f"{alert.title}, which follows from {spoken(alert.cause)}; that has not been reported itself"
    return alert.detail or alert.title
