"""What an incident shows to somebody who sees only part of it: the words of what they may see, no others."""

from collections.abc import Sequence

from alerts.models import Alert, Incident
from srexpert.reach import Reach


def seen(incidents: Sequence[Incident], reach: Reach) -> list[Incident]:
    """The incidents as the reach shows them, for pages; not to be saved. One query, none for a whole reach.

    Where the root is out of reach, title, cause, advice and cluster are those of the worst alert within it.
    """
    if reach.everything:
        return list(incidents)
    speaking = Alert.objects.within(reach).filter(incident__in=incidents).speaking()
    words = {alert.incident_id: alert for alert in speaking}
    return [_told(incident, words.get(incident.pk)) for incident in incidents]


def _told(incident: Incident, alert: Alert | None) -> Incident:
    if alert is not None and alert.fingerprint == incident.root:
        return incident
    if alert is None:  # its last visible alert moved on between two queries
        incident.title, incident.cause, incident.fix = "Out of your reach", "", ""
        return incident
    incident.title, incident.cause, incident.fix = alert.title, alert.detail or alert.title, alert.fix
    incident.cluster_id, incident.cluster_name = alert.cluster_id, alert.cluster_name
    return incident


def whole(incident: Incident, reach: Reach) -> bool:
    """Whether the reach covers all of the incident's alerts that fire, so that its end is theirs to say."""
    if reach.everything:
        return True
    firing = Alert.objects.filter(incident=incident).firing()
    return not firing.exclude(pk__in=Alert.objects.within(reach).filter(incident=incident)).exists()
