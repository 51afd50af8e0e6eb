"""What alerting shows on others' pages: on the fleet, what needs a person, open incidents, the noise."""

from collections.abc import Callable
from typing import Any

from alerts.domain import figures, sights, timelines
from alerts.enums import EntryKind
from alerts.models import Incident, TimelineEntry
from srexpert.discovery import Panel

_OPEN_SHOWN = 8
NOISE_DAYS = 7


def needs_a_person(request: Any) -> Panel | None:
    """The most urgent incident that nobody has; None when there is none."""
    if not request.access.may("alerts.incident.view"):
        return None
    waiting = Incident.objects.within(request.access.reach).needing_a_person()
    incident = waiting.most_urgent_first().first()
    if incident is None:
        return None
    pages = TimelineEntry.objects.filter(incident=incident, kind=EntryKind.PAGED).exclude(person=None)
    context = {
        "incident": sights.seen([incident], request.access.reach)[0],
        "paged": pages.newest_first().first(),
        "ahead": timelines.ahead(incident),
    }
    return Panel("alerts/panels/needs_person.html", context, order=10)


def open_incidents(request: Any) -> Panel | None:
    """The open incidents, the most urgent first."""
    if not request.access.may("alerts.incident.view"):
        return None
    rows = Incident.objects.within(request.access.reach).open().with_people().most_urgent_first()
    found = list(rows[: _OPEN_SHOWN + 1])
    context = {
        "incidents": sights.seen(found[:_OPEN_SHOWN], request.access.reach),
        "count": f"{_OPEN_SHOWN}+" if len(found) > _OPEN_SHOWN else len(found),
    }
    return Panel("alerts/panels/open_incidents.html", context, order=20)


def noise(request: Any) -> Panel | None:
    """How many signals it took to page somebody, over a week."""
    if not request.access.may("alerts.incident.view"):
        return None
    figure = figures.noise(days=NOISE_DAYS, reach=request.access.reach)
    return Panel("alerts/panels/noise.html", {"noise": figure}, order=60)


FLEET: list[Callable[[Any], Panel | None]] = [needs_a_person, open_incidents, noise]
