"""Tells an incident's history for `_components/timeline.html`, newest first, with what comes next on top."""

from datetime import datetime
from itertools import groupby
from typing import Any

from alerts.domain import escalation
from alerts.enums import EntryKind
from alerts.models import Incident, TimelineEntry
from srexpert.reach import Reach

_SHOWN = 200
_FOLDED = (EntryKind.SIGNAL, EntryKind.CLEARED)
_FOLD_ABOVE = 3
# What a line is marked with, and the word at its end.
_MARKS: dict[str, tuple[dict[str, str], str]] = {
    EntryKind.OPENED: ({"icon": "urgent"}, "Decision"),
    EntryKind.SIGNAL: ({"icon": "activity-heartbeat"}, "Signal"),
    EntryKind.CLEARED: ({"state": "healthy"}, "Signal"),
    EntryKind.MERGED: ({"icon": "arrow-merge"}, "Decision"),
    EntryKind.SEVERITY: ({"icon": "arrow-up"}, "Decision"),
    EntryKind.PAGED: ({"icon": "bell-ringing"}, "Page"),
    EntryKind.DELIVERED: ({"icon": "circle-check"}, "Page"),
    EntryKind.NOT_PAGED: ({"icon": "bell-off"}, "Page"),
    EntryKind.GAVE_UP: ({"state": "warning"}, "Page"),
    EntryKind.ACKNOWLEDGED: ({"icon": "user-check"}, "Action"),
    EntryKind.RESOLVED: ({"icon": "circle-check"}, "Action"),
    EntryKind.REOPENED: ({"icon": "refresh"}, "Action"),
    EntryKind.COMMENT: ({"icon": "message"}, "Comment"),
}
FILTERS: dict[str, tuple[str, ...]] = {
    "signals": (EntryKind.SIGNAL, EntryKind.CLEARED, EntryKind.SEVERITY),
    "actions": (EntryKind.ACKNOWLEDGED, EntryKind.RESOLVED, EntryKind.REOPENED, EntryKind.COMMENT),
    "pages": (EntryKind.PAGED, EntryKind.DELIVERED, EntryKind.NOT_PAGED, EntryKind.GAVE_UP),
}


def lines(incident: Incident, *, reach: Reach, only: str = "") -> list[dict[str, Any]]:
    """The newest 200 lines that the reach covers, all or of one of the FILTERS."""
    entries = TimelineEntry.objects.filter(incident=incident).within(reach)
    if only in FILTERS:
        entries = entries.filter(kind__in=FILTERS[only])
    found = list(entries.newest_first()[:_SHOWN])
    if only:
        return [_line(entry) for entry in found]
    runs = [list(run) for _, run in groupby(found, key=_run_of)]
    return [line for run in runs for line in _told(run)]


def _run_of(entry: TimelineEntry) -> tuple[str, datetime | str]:
    """Signals of one kind within a minute are one run; everything else stands by itself."""
    if entry.kind in _FOLDED:
        return entry.kind, entry.at.replace(second=0, microsecond=0)
    return entry.kind, str(entry.pk)


def _told(run: list[TimelineEntry]) -> list[dict[str, Any]]:
    """A long run as one line that counts; the filter 'signals' tells each."""
    if len(run) <= _FOLD_ABOVE:
        return [_line(entry) for entry in run]
    words = "over" if run[0].kind == EntryKind.CLEARED else "followed"
    last = _line(run[-1])
    text = last["text"].removeprefix("Over: ")
    return [last | {"title": f"{len(run)} conditions {words}:", "text": f"{text}, and {len(run) - 1} more"}]


def _line(entry: TimelineEntry) -> dict[str, Any]:
    mark, source = _MARKS[entry.kind]
    line: dict[str, Any] = {"id": f"entry-{entry.pk}", "at": entry.at, "source": source, **mark}
    if entry.kind == EntryKind.COMMENT:
        author = entry.person.get_full_name() if entry.person else "Somebody"
        return line | {"title": author, "text": entry.text}
    return line | {"text": entry.sentence}


def ahead(incident: Incident) -> dict[str, Any] | None:
    """What comes next if nobody acknowledges: when, and who is paged; None when nothing does."""
    if incident.next_step is None:
        return None
    targets = incident.escalation["steps"][incident.next_step - 1]["targets"]
    names = escalation.names_of(targets)
    return {
        "at": incident.next_step_at,
        "who": names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "") if names else "nobody",
        "step": incident.next_step,
    }
