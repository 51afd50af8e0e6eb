"""The entities of alerting."""

from alerts.models.alert import Alert
from alerts.models.decision import Decision
from alerts.models.escalation_policy import EscalationPolicy, EscalationStep, EscalationTarget
from alerts.models.incident import Incident, IncidentCounter
from alerts.models.notification import Notification
from alerts.models.signal import Signal
from alerts.models.timeline_entry import TimelineEntry
from alerts.models.webhook_target import WebhookTarget

__all__ = [
    "Alert",
    "Decision",
    "EscalationPolicy",
    "EscalationStep",
    "EscalationTarget",
    "Incident",
    "IncidentCounter",
    "Notification",
    "Signal",
    "TimelineEntry",
    "WebhookTarget",
]
