"""Rebuilds the state of alerts and incidents from the decisions alone: the proof that each one was written down.

The fold knows the rules of what an incident looks like (title, severity) but none of how decisions are
taken; what differs from the stored rows was changed without a decision.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from alerts.enums import AlertState, IncidentState, Stage
from alerts.models import Alert, Decision, Incident


@dataclass(slots=True)
class AlertAccount:
    """What the decisions say of an alert."""

    fingerprint: str
    cause_fingerprint: str
    severity: int
    title: str
    created_at: str
    state: str = AlertState.FIRING
    incident: str = ""


@dataclass(slots=True)
class IncidentAccount:
    """What the decisions say of an incident."""

    number: int
    root: str
    state: str = IncidentState.TRIGGERED
    severity: int = 0
    title: str = ""
    merged_into: str | None = None


@dataclass(slots=True)
class Accounts:
    """The state of all alerts and incidents, by id."""

    alerts: dict[str, AlertAccount] = field(default_factory=dict)
    incidents: dict[str, IncidentAccount] = field(default_factory=dict)


class _Fold:
    """Applies one decision after the other; titles and severities follow once a signal, or a person, is done."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.touched: set[str] = set()
        self.steps: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {
            (Stage.ALERT, "fired"): self._fired,
            (Stage.ALERT, "fired_again"): self._fired,
            (Stage.ALERT, "updated"): self._fired,
            (Stage.ALERT, "ended"): self._ended,
            (Stage.GROUPED, "opened"): self._grouped,
            (Stage.GROUPED, "joined"): self._grouped,
            (Stage.GROUPED, "moved"): self._grouped,
            (Stage.GROUPED, "kept"): self._grouped,
            (Stage.INCIDENT, "acknowledged"): self._acknowledged,
            (Stage.INCIDENT, "resolved"): self._resolved,
            (Stage.INCIDENT, "merged"): self._merged,
            (Stage.INCIDENT, "reopened"): self._reopened,
        }

    def apply(self, decision: Decision) -> None:
        """One decision; those that change neither alert nor incident pass by."""
        if decision.stage == Stage.RECEIVED or decision.inputs.get("by_a_person"):
            self.describe()
        step = self.steps.get((decision.stage, decision.outcome))
        if step is not None:
            step(decision.inputs)

    def describe(self) -> None:
        """Gives each touched open incident the title and severity that its alerts call for."""
        for key in self.touched:
            incident = self.accounts.incidents[key]
            alerts = [(k, a) for k, a in self.accounts.alerts.items() if a.incident == key]
            if incident.state == IncidentState.RESOLVED or not alerts:
                continue
            incident.severity = max(alert.severity for _, alert in alerts)
            incident.title = min(alerts, key=lambda pair: _depth(pair, incident.root))[1].title
        self.touched.clear()

    def _fired(self, given: dict[str, Any]) -> None:
        names = ("fingerprint", "cause_fingerprint", "severity", "title", "created_at")
        before = self.accounts.alerts.get(given["alert"])
        incident = before.incident if before else ""
        self.accounts.alerts[given["alert"]] = AlertAccount(**{n: given[n] for n in names}, incident=incident)
        if incident:
            self.touched.add(incident)

    def _ended(self, given: dict[str, Any]) -> None:
        alert = self.accounts.alerts[given["alert"]]
        alert.state = AlertState.RESOLVED
        self.touched.add(alert.incident)

    def _grouped(self, given: dict[str, Any]) -> None:
        key, alert = given["incident"], self.accounts.alerts[given["alert"]]
        incident = self.accounts.incidents.get(key)
        if incident is None:
            incident = IncidentAccount(given["number"], given["root"], severity=alert.severity)
            self.accounts.incidents[key] = incident
        incident.root = given["root"]
        self.touched |= {key, alert.incident} - {""}
        alert.incident = key

    def _acknowledged(self, given: dict[str, Any]) -> None:
        self.accounts.incidents[given["incident"]].state = IncidentState.ACKNOWLEDGED

    def _resolved(self, given: dict[str, Any]) -> None:
        self.accounts.incidents[given["incident"]].state = IncidentState.RESOLVED

    def _reopened(self, given: dict[str, Any]) -> None:
        self.accounts.incidents[given["incident"]].state = IncidentState.TRIGGERED
        self.touched.add(given["incident"])
        self.describe()

    def _merged(self, given: dict[str, Any]) -> None:
        source = self.accounts.incidents[given["incident"]]
        source.state, source.merged_into = IncidentState.RESOLVED, given["into"]
        for alert in self.accounts.alerts.values():
            if alert.incident == given["incident"]:
                alert.incident = given["into"]
        self.touched.add(given["into"])


def _depth(pair: tuple[str, AlertAccount], root: str) -> tuple[int, str, str]:
    key, alert = pair
    depth = 0 if alert.fingerprint == root else 1 if alert.cause_fingerprint == root else 2
    return depth, alert.created_at, key


def replay(decisions: Iterable[Decision]) -> Accounts:
    """What alerts and incidents must look like, from the decisions in their order, starting from nothing."""
    fold = _Fold()
    for decision in decisions:
        fold.apply(decision)
    fold.describe()
    return fold.accounts


def stored() -> Accounts:
    """What the rows say, in the same form."""
    return Accounts(
        alerts={
            str(a.pk): AlertAccount(
                a.fingerprint,
                a.cause_fingerprint,
                a.severity,
                a.title,
                a.created_at.isoformat(),
                a.state,
                str(a.incident_id),
            )
            for a in Alert.objects.all()
        },
        incidents={
            str(i.pk): IncidentAccount(
                i.number,
                i.root,
                i.state,
                i.severity,
                i.title,
                str(i.merged_into_id) if i.merged_into_id else None,
            )
            for i in Incident.objects.all()
        },
    )
