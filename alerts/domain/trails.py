"""Tells why somebody was paged, or why nobody was: the decisions of an incident, stage by stage."""

from dataclasses import dataclass

from django.db.models import Q

from alerts.enums import NotificationState, Stage
from alerts.models import Decision, Incident, Notification
from alerts.models.decision import DecisionQuerySet
from srexpert.reach import Reach

_ICONS = {
    Stage.RECEIVED: "inbox",
    Stage.GROUPED: "arrow-merge",
    Stage.INCIDENT: "flag",
    Stage.ESCALATED: "route",
    Stage.NOTIFIED: "bell-ringing",
}


@dataclass(frozen=True, slots=True)
class StageLine:
    """One line of `_components/trail.html`."""

    icon: str
    name: str
    value: str
    text: str


def decisions_of(incident: Incident, reach: Reach) -> DecisionQuerySet:
    """All decisions about an incident and its alerts that the reach covers."""
    about = Q(incident=incident) | Q(alert__incident=incident)
    return Decision.objects.within(reach).filter(about).with_people()


def summary(incident: Incident, reach: Reach) -> list[StageLine]:
    """The stages in their order, each with what it came to; of a reopened incident the last round. Two queries."""
    rows = list(decisions_of(incident, reach).in_order()[:2000])
    pages = list(
        Notification.objects.filter(incident=incident).select_related("person", "webhook").order_by("pk")
    )
    lines = [_received(rows), _grouped(rows)]
    if incident.round > 1:
        earlier = sum(page.round < incident.round for page in pages)
        text = f"in {_count(incident.round - 1, 'earlier round')}, before it was reopened"
        lines.append(StageLine("history", "Before", _count(earlier, "page"), text))
    lines += [_escalated(row) for row in _last_round(rows) if _tells_more(row)]
    current = [page for page in pages if page.round == incident.round]
    lines += [_paged(page) for page in sorted(current, key=lambda page: page.created_at)]
    kept_quiet = sum(row.stage == Stage.ESCALATED and row.alert_id is not None for row in rows)
    if kept_quiet:
        lines.append(
            StageLine(
                "bell-off", "Kept quiet", _count(kept_quiet, "signal"), "of the same cause paged nobody again"
            )
        )
    return lines


def _last_round(rows: list[Decision]) -> list[Decision]:
    """The decisions about escalation since it last started."""
    escalated = [row for row in rows if row.stage == Stage.ESCALATED]
    starts = [place for place, row in enumerate(escalated) if row.outcome == "started"]
    return escalated[starts[-1] :] if starts else escalated


def _tells_more(row: Decision) -> bool:
    """Whether a decision says what the pages below don't say themselves."""
    return row.alert_id is None and (row.outcome != "paged" or "late" in row.reason)


def _received(rows: list[Decision]) -> StageLine:
    signals = [row for row in rows if row.stage == Stage.ALERT]
    sources = sorted({row.inputs.get("source", "") for row in signals})
    span = int((signals[-1].at - signals[0].at).total_seconds()) if len(signals) > 1 else 0
    within = f"in {span} s " if span else ""
    return StageLine(
        _ICONS[Stage.RECEIVED],
        "Received",
        _count(len(signals), "signal"),
        f"{within}from {', '.join(sources)}",
    )


def _grouped(rows: list[Decision]) -> StageLine:
    grouped = {row.alert_id: row for row in rows if row.stage == Stage.GROUPED}
    joined = [row for row in grouped.values() if row.outcome != "opened"]
    if not joined:
        text = "no open incident had its cause, so this one was opened"
        return StageLine(_ICONS[Stage.GROUPED], "Grouped", _count(len(grouped), "alert"), text)
    return StageLine(
        _ICONS[Stage.GROUPED],
        "Grouped",
        _count(len(grouped), "alert"),
        f"of one cause; the last one {joined[-1].sentence}",
    )


def _escalated(row: Decision) -> StageLine:
    names = {"started": "Routed", "paged": "Escalated", "exhausted": "Exhausted", "nobody": "Nobody paged"}
    return StageLine(_ICONS[Stage.ESCALATED], names.get(row.outcome, "Not paged"), "", row.sentence)


def _paged(page: Notification) -> StageLine:
    who = page.person.get_full_name() if page.person else str(page.webhook or "A webhook that is gone")
    words = {
        NotificationState.PENDING: f"step {page.step}, by {page.channel}, on its way after {_count(page.attempts, 'try', 'tries')}",
        NotificationState.SENT: f"step {page.step}, by {page.channel}, handed over",
        NotificationState.SKIPPED: f"step {page.step}, {page.reason}",
        NotificationState.FAILED: f"step {page.step}, given up: {page.reason}",
    }
    failed = page.state in {NotificationState.SKIPPED, NotificationState.FAILED}
    icon = "bell-off" if failed else _ICONS[Stage.NOTIFIED]
    return StageLine(icon, "Not reached" if failed else "Paged", who, words[NotificationState(page.state)])


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
