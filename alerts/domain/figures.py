"""Noise as a number: how many signals it took to page somebody."""

from dataclasses import dataclass
from datetime import timedelta

from alerts.models import Alert, Incident, Notification, Signal
from srexpert import clock
from srexpert.reach import EVERYTHING, Reach


@dataclass(frozen=True, slots=True)
class Noise:
    """Signals → alerts → incidents → pages over some days."""

    days: int
    signals: int
    alerts: int
    incidents: int
    pages: int


def noise(*, days: int = 7, reach: Reach = EVERYTHING) -> Noise:
    """The four counts of the last days, one query each, of what the reach covers.

    Pages are those that were handed over; an incident that was merged into another counts once.
    """
    since = clock.now() - timedelta(days=days)
    incidents = Incident.objects.within(reach)
    return Noise(
        days=days,
        signals=Signal.objects.filter(reach.rows(), received_at__gte=since).count(),
        alerts=Alert.objects.within(reach).filter(created_at__gte=since).count(),
        incidents=incidents.standing().filter(opened_at__gte=since).count(),
        pages=Notification.objects.sent().filter(finished_at__gte=since, incident__in=incidents).count(),
    )
