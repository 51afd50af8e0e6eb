"""The states and severities of alerting; severities are numbers, so that the worst is the greatest."""

from django.db import models


class Severity(models.IntegerChoices):
    """How bad it is; the order of the numbers is the order of urgency."""

    LOW = 1, "Low"
    MEDIUM = 2, "Medium"
    HIGH = 3, "High"
    CRITICAL = 4, "Critical"

    @property
    def word(self) -> str:
        """The severity as the wire and the interface write it."""
        return self.name.lower()

    @classmethod
    def known(cls, word: str) -> bool:
        """Whether the wire's word names one of ours."""
        return word.upper() in cls.__members__

    @classmethod
    def of(cls, word: str) -> "Severity":
        """The severity of a word; one that we don't know counts as high, so that it can't hide anything."""
        return cls.__members__.get(word.upper(), cls.HIGH)


class SignalKind(models.TextChoices):
    """What a signal says about its condition."""

    RAISED = "raised"
    CLEARED = "cleared"


class AlertState(models.TextChoices):
    """Whether a condition holds."""

    FIRING = "firing"
    RESOLVED = "resolved"


class IncidentState(models.TextChoices):
    """Who has to act: somebody, the one who took it, nobody any more."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


OPEN_STATES = (IncidentState.TRIGGERED, IncidentState.ACKNOWLEDGED)


class NotificationState(models.TextChoices):
    """What became of a page."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class Stage(models.TextChoices):
    """The stages that a signal passes, in their order; each leaves decisions."""

    RECEIVED = "received"
    ALERT = "alert"
    GROUPED = "grouped"
    INCIDENT = "incident"
    ESCALATED = "escalated"
    NOTIFIED = "notified"


class EntryKind(models.TextChoices):
    """What a line of the timeline tells of."""

    OPENED = "opened"
    SIGNAL = "signal"
    CLEARED = "cleared"
    MERGED = "merged"
    SEVERITY = "severity"
    PAGED = "paged"
    DELIVERED = "delivered"
    NOT_PAGED = "not_paged"
    GAVE_UP = "gave_up"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    COMMENT = "comment"


class RehearsalState(models.TextChoices):
    """What became of a webhook's last test page."""

    NEVER = "", "never tested"
    PENDING = "pending", "on its way"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "failed"
