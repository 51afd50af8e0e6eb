"""Tells an incident's cause as a chain, what it affects, and what to do about it."""

import re
import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.enums import AlertState, IncidentState
from alerts.models import Alert, Incident

_SHOWN = 500
# What a workload's controller makes: its name says less than the workload's.
_MADE = {"Pod", "ReplicaSet"}
# A command inside a sentence ends with the sentence, or where prose goes on.
_COMMAND = re.compile(r"kubectl \S.*?(?=[.;:,]?(?:\s+(?:\(|and |or |to |if |then |for |while )|$)|[.;:,]\s)")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain: what happened, and how many seconds after the link before."""

    at: datetime | None
    gap: float | None
    title: str
    text: str
    state: str
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Affected:
    """What fails in one namespace ('' for what is in none): the named objects, and how many lie below them."""

    namespace: str
    alerts: list[Alert]
    below: str


def spoken(key: str) -> str:
    """A condition's key in words: `<cluster>/<analyzer>/<kind>/<namespace>/<name>` as 'Kind namespace/name'."""
    parts = key.split("/")
    if len(parts) < 4:
        return key
    kind, namespace, name = parts[-3:]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def alerts_of(incident: Incident, alerts: Any) -> list[Alert]:
    """The incident's alerts among the given ones, from the root on; of very many the first 500."""
    return list(alerts.filter(incident=incident).from_the_root(incident.root)[:_SHOWN])


def chain(incident: Incident, alerts: list[Alert]) -> list[Link]:
    """The links from the cause to its latest consequences; each level of the tree is one link.

    A cause that was not reported itself (or that the reader may not see) is the first link and says so.
    """
    links: list[Link] = []
    for level in _levels(incident, alerts):
        at = min(alert.started_at for alert in level)
        before = links[-1].at if links else None
        gap = max(0.0, (at - before).total_seconds()) if before else None
        links.append(_link(incident, level, at, gap))
    first = alerts[0] if alerts else None
    if first is not None and first.fingerprint != incident.root and first.cause:
        links.insert(0, Link(None, None, spoken(first.cause), "not reported itself", "unknown"))
    return links


def _levels(incident: Incident, alerts: list[Alert]) -> list[list[Alert]]:
    """Alerts by their distance from the root; what hangs on nothing here counts as the root's follower."""
    known = {alert.fingerprint: alert for alert in alerts}
    levels: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts:
        depth, here, seen = 0, alert, {alert.fingerprint}
        while here.cause_fingerprint in known and here.cause_fingerprint not in seen:
            here = known[here.cause_fingerprint]
            seen.add(here.fingerprint)
            depth += 1
        levels[depth if here.fingerprint == incident.root else depth + 1].append(alert)
    return [levels[depth] for depth in sorted(levels)]


def _link(incident: Incident, level: list[Alert], at: datetime, gap: float | None) -> Link:
    fires = [alert for alert in level if alert.state == AlertState.FIRING]
    held = incident.state == IncidentState.ACKNOWLEDGED
    state = ("failing-in-hand" if held else "failing") if fires else "healthy"
    if len(level) == 1:
        return Link(at, gap, level[0].title, "" if fires else "over", state, level[0])
    kinds = counted(level)
    noun = kinds.partition(" ")[2] if "," not in kinds else "conditions"
    places = sorted({alert.namespace for alert in level if alert.namespace})
    where = f"in {', '.join(places[:3])}" + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    over = f", {len(level) - len(fires)} over" if len(fires) < len(level) else ""
    of_what = f"{kinds} " if noun == "conditions" else ""
    return Link(at, gap, f"{len(level)} {noun}", of_what + (where if places else "") + over, state)


def counted(alerts: list[Alert]) -> str:
    """How many objects of which kind, most first: '14 Pods, 9 Deployments'."""
    kinds = Counter(alert.object_kind or "object" for alert in alerts)
    ordered = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number} {kind if number == 1 else _plural(kind)}" for kind, number in ordered)


def _plural(kind: str) -> str:
    return f"{kind}es" if kind.endswith("ss") else kind if kind.endswith("s") else f"{kind}s"


def affected(alerts: list[Alert]) -> list[Affected]:
    """What still fails, by namespace, those with most first.

    Pods and ReplicaSets are counted where the workload that made them is named as well.
    """
    places: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.state == AlertState.FIRING:
            places[alert.namespace].append(alert)
    return [_at(place, places[place]) for place in sorted(places, key=lambda p: (-len(places[p]), p))]


def _at(namespace: str, alerts: list[Alert]) -> Affected:
    named = sorted((a for a in alerts if a.object_kind not in _MADE), key=lambda alert: alert.name)
    made = [alert for alert in alerts if alert.object_kind in _MADE]
    return Affected(namespace, named, counted(made)) if named else Affected(namespace, made, "")


def commands_in(text: str) -> list[str]:
    """The kubectl commands inside a sentence, each once, so that they can be copied."""
    return list(dict.fromkeys(found.group().strip() for found in _COMMAND.finditer(text)))


def look_at(alert: Alert) -> str:
    """The command that shows the object of an alert."""
    if not alert.object_kind or not alert.name:
        return ""
    words = ["kubectl", "describe", alert.object_kind.lower(), shlex.quote(alert.name)]
    if alert.namespace:
        words += ["-n", shlex.quote(alert.namespace)]
    return " ".join(words)


def steps(incident: Incident, alerts: list[Alert], *, may_resolve: bool = True) -> list[dict[str, str]]:
    """What to do, first things first, for `_components/steps.html`."""
    found = []
    if incident.state == IncidentState.TRIGGERED:
        found.append(
            {"title": "Acknowledge", "text": "Stops the escalation and tells the others that you are on it."}
        )
    if incident.fix:
        commands = commands_in(incident.fix)
        found.append(
            {"title": "Put the cause right", "text": incident.fix, "command": commands[0] if commands else ""}
        )
        found += [{"title": "Then", "text": "", "command": command} for command in commands[1:]]
    known = commands_in(incident.fix)
    looks = [look_at(alert) for alert in alerts[:1]]
    found += [
        {"title": "Look at it", "text": "", "command": look} for look in looks if look and look not in known
    ]
    if incident.is_open and may_resolve:
        text = "It resolves by itself once every alert of it is over; until then, or if nothing is left to do, say so."
        found.append({"title": "Resolve", "text": text})
    return found
