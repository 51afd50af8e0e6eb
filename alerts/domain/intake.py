"""Takes signals in: once each, whatever the order and however often they are delivered."""

from datetime import UTC, timedelta
from typing import Any

from django.db import transaction

from alerts.domain import decisions, grouping, incidents, locks
from alerts.domain.causes import spoken
from alerts.domain.fingerprints import cause_fingerprint, fingerprint
from alerts.enums import AlertState, EntryKind, IncidentState, Severity, SignalKind, Stage
from alerts.models import Alert, Incident, Signal
from clusters.models import Cluster
from srexpert import clock
from srexpert.events import SignalCleared, SignalRaised

# A condition that returns so soon after its incident healed by itself is the same incident again.
SAME_AGAIN = timedelta(minutes=10)


@transaction.atomic
def take_raised(*, signal: SignalRaised) -> None:
    """Makes a new alert of a raised signal, or brings the one that fires up to date."""
    locks.hold_grouping()
    row = _admit(signal, SignalKind.RAISED)
    if row is None:
        return
    marks = {"fingerprint": fingerprint(source=signal.source, key=signal.key)}
    alert = Alert.objects.firing().filter(**marks).first()
    if alert is None:
        resting = Alert.objects.filter(**marks).select_related("incident").order_by("-created_at").first()
        row.outcome = _fire(row, resting)
    else:
        row.outcome = _update(row, alert)
    row.save(force_insert=True)


@transaction.atomic
def take_cleared(*, signal: SignalCleared) -> None:
    """Ends the alert of a cleared signal, and its incident with the last alert."""
    locks.hold_grouping()
    row = _admit(signal, SignalKind.CLEARED)
    if row is None:
        return
    marks = {"fingerprint": fingerprint(source=signal.source, key=signal.key)}
    alert = Alert.objects.firing().filter(**marks).first()
    if alert is None:
        row.outcome = "nothing_to_end"
        _decided(
            row,
            "nothing_to_end",
            "nothing fires under this key; a raise with an older version will be ignored",
        )
    else:
        row.outcome = _end(row, alert)
    row.save(force_insert=True)


def _admit(signal: SignalRaised | SignalCleared, kind: SignalKind) -> Signal | None:
    """The signal's row, unsaved, or None when it is a repeat or older than what is known already."""
    known = Signal.objects.of(signal.source, signal.key)
    row = _row_of(signal, kind)
    if known.filter(version=signal.version).exists():
        _received(row, "duplicate", f"version {signal.version} of this key is known already")
        return None
    newest = known.newest_version()
    if newest is not None and newest > signal.version:
        row.outcome = "stale"
        row.save(force_insert=True)
        _received(row, "stale", f"version {signal.version} is older than {newest}, which is known already")
        return None
    _received(row, "accepted", f"version {signal.version} is the newest of its key" + _odd_severity(signal))
    return row


def _odd_severity(signal: SignalRaised | SignalCleared) -> str:
    if isinstance(signal, SignalCleared) or Severity.known(signal.severity):
        return ""
    return f"; its severity '{signal.severity[:40]}' is unknown and counts as high"


def _row_of(signal: SignalRaised | SignalCleared, kind: SignalKind) -> Signal:
    row = Signal(
        source=signal.source, key=signal.key, version=signal.version, kind=kind, at=signal.at.astimezone(UTC)
    )
    if isinstance(signal, SignalRaised):
        row.severity = Severity.of(signal.severity)
        row.title, row.detail, row.fix = signal.title[:400], signal.detail, signal.fix
        row.cause, row.labels = signal.cause or None, signal.labels
        if signal.object is not None:
            row.cluster_id, row.object_kind = signal.object.cluster, signal.object.kind
            row.namespace, row.name = signal.object.namespace, signal.object.name
    return row


def _received(row: Signal, outcome: str, reason: str) -> None:
    decisions.record(
        stage=Stage.RECEIVED,
        outcome=outcome,
        subject=spoken(row.key),
        reason=reason,
        inputs={"source": row.source, "key": row.key, "version": row.version, "kind": str(row.kind)},
    )


def _fire(row: Signal, resting: Alert | None) -> str:
    """A condition that didn't hold holds: again in the same alert, or in a new one."""
    if resting is not None and resting.incident.is_open:
        return _fire_again(row, resting, resting.incident)
    if resting is not None and _is_the_same_again(row, resting.incident):
        return _fire_again(row, resting, resting.incident)
    alert = Alert(**_content(row), fingerprint=fingerprint(source=row.source, key=row.key), started_at=row.at)
    alert.cluster_name = _cluster_name(row)
    _decided(row, "fired", "no alert of this key fires", alert)
    incident, is_new = grouping.place(alert=alert)
    _tell(alert, incident, row.at)
    if not is_new:
        _no_second_page(alert, incident)
    return "fired"


def _is_the_same_again(row: Signal, incident: Incident) -> bool:
    """Whether the incident healed by itself a moment ago, for the same cause, and no other took its place."""
    if incident.resolved_by_id or incident.merged_into_id or incident.resolved_at is None:
        return False
    if clock.now() - incident.resolved_at > SAME_AGAIN:
        return False
    names = {
        fingerprint(source=row.source, key=row.key),
        cause_fingerprint(source=row.source, cause=row.cause),
    }
    return incident.root in names and not Incident.objects.open().filter(root__in=names - {""}).exists()


def _fire_again(row: Signal, alert: Alert, incident: Incident) -> str:
    was_open = incident.is_open
    alert.state, alert.resolved_at = AlertState.FIRING, None
    _bring_up_to_date(row, alert)
    _decided(row, "fired_again", f"it was over and is part of {incident.label}", alert)
    if not was_open:
        incidents.reopen(incident=incident, reason=f"'{alert.title}' is back", alert=alert)
    target = grouping.place_again(alert=alert)
    _tell(alert, target, row.at, "again")
    if was_open:
        _no_second_page(alert, target)
    return "fired_again"


def _update(row: Signal, alert: Alert) -> str:
    """A newer version of a condition that holds: severity, words or cause changed."""
    before, title = (alert.severity, alert.cause_fingerprint), alert.title
    _bring_up_to_date(row, alert)
    incident = alert.incident
    if alert.title != title:
        _tell(alert, incident, row.at)
    worse = alert.severity > before[0]
    _decided(row, "updated", f"it fires already, as part of {incident.label}", alert)
    if incident.is_open:
        if alert.cause_fingerprint != before[1]:
            grouping.place_again(alert=alert)
        else:
            incidents.refresh(incident=locks.hold_one(incident.pk))
    elif worse:
        _return_to_life(alert, incident)
    else:
        reason = f"not paged: {incident.label} was resolved while it fired, and it didn't get worse"
        _escalation_decision(alert, incident, reason)
    return "updated"


def _return_to_life(alert: Alert, incident: Incident) -> None:
    """What was resolved by a person while it fired got worse: somebody has to look again."""
    reason = f"'{alert.title}' got worse after {incident.label} was resolved"
    newer = Incident.objects.open().filter(root=incident.root).first()
    if newer is None:
        incidents.reopen(incident=incident, reason=reason, alert=alert)
    else:
        grouping.move(alert=alert, target=locks.hold_one(newer.pk), reason=reason)
        _no_second_page(alert, newer)


def _end(row: Signal, alert: Alert) -> str:
    incident = locks.hold_one(alert.incident_id)
    alert.state, alert.resolved_at, alert.version = AlertState.RESOLVED, row.at, row.version
    alert.save(update_fields=("state", "resolved_at", "version"))
    _decided(row, "ended", "its condition is over", alert)
    decisions.note(
        incident=incident, kind=EntryKind.CLEARED, text=f"Over: {alert.title}", alert=alert, at=row.at
    )
    if incident.state != IncidentState.RESOLVED:
        incidents.refresh(incident=incident)
        if not incident.alerts.firing().exists():
            incidents.resolve(incident=incident)
    return "ended"


def _content(row: Signal) -> dict[str, Any]:
    """What an alert takes over from a signal."""
    names = ("source", "key", "version", "cause", "severity", "title", "detail", "fix", "labels")
    places = ("cluster_id", "object_kind", "namespace", "name")
    content = {name: getattr(row, name) for name in (*names, *places)}
    return content | {"cause_fingerprint": cause_fingerprint(source=row.source, cause=row.cause)}


def _bring_up_to_date(row: Signal, alert: Alert) -> None:
    content = _content(row)
    for name, value in content.items():
        setattr(alert, name, value)
    alert.save(update_fields=("state", "resolved_at", *content))


def _cluster_name(row: Signal) -> str:
    """The cluster's name of today: an alert keeps it when the cluster is renamed or disconnected."""
    if row.cluster_id is None:
        return ""
    name = Cluster.objects.filter(pk=row.cluster_id).values_list("name", flat=True).first()
    return name or str(row.labels.get("cluster", ""))[:120]


def _decided(row: Signal, outcome: str, reason: str, alert: Alert | None = None) -> None:
    inputs: dict[str, Any] = {"source": row.source, "key": row.key, "version": row.version}
    if alert is not None:
        inputs |= {
            "alert": str(alert.pk),
            "fingerprint": alert.fingerprint,
            "cause_fingerprint": alert.cause_fingerprint,
            "severity": alert.severity,
            "title": alert.title,
            "created_at": alert.created_at.isoformat(),
        }
    decisions.record(
        stage=Stage.ALERT,
        outcome=outcome,
        subject=spoken(row.key),
        reason=reason,
        inputs=inputs,
        alert=alert,
    )


def _tell(alert: Alert, incident: Incident, at: Any, again: str = "") -> None:
    text = f"{alert.title}, {again}" if again else alert.title
    decisions.note(incident=incident, kind=EntryKind.SIGNAL, text=text, alert=alert, at=at)


def _no_second_page(alert: Alert, incident: Incident) -> None:
    if incident.state == IncidentState.ACKNOWLEDGED:
        reason = f"not paged again because {{person}} has {incident.label}"
    else:
        reason = f"no page of its own: {incident.label} is being escalated already"
    _escalation_decision(alert, incident, reason)


def _escalation_decision(alert: Alert, incident: Incident, reason: str) -> None:
    decisions.record(
        stage=Stage.ESCALATED,
        outcome="not_paged",
        subject=alert.title,
        reason=reason,
        alert=alert,
        incident=incident,
        person=incident.acknowledged_by,
    )
