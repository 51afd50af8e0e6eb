"""A notification: one page to one recipient over one channel."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.enums import NotificationState
from alerts.models.incident import Incident
from alerts.models.webhook_target import WebhookTarget
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads of notifications."""

    def sent(self) -> "NotificationQuerySet":
        """Those that the channel took."""
        return self.filter(state=NotificationState.SENT)


class Notification(IdentifiedTenantModel):
    """A page; unique by `key`, so that no step pages the same recipient twice.

    `channel` names a folder of `alerts/channels`. A person or a webhook is paged; when one of them is
    deleted, the row stays for the figures.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notifications")
    channel = models.CharField(max_length=24)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    webhook = models.ForeignKey(
        WebhookTarget, on_delete=models.SET_NULL, null=True, related_name="notifications"
    )
    round = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=160)
    state = models.CharField(
        max_length=8, choices=NotificationState.choices, default=NotificationState.PENDING
    )
    reason = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="alerts_notification_key_unique"),
            models.CheckConstraint(
                condition=Q(state=NotificationState.PENDING, finished_at=None)
                | (~Q(state=NotificationState.PENDING) & Q(finished_at__isnull=False)),
                name="alerts_notification_finished_at_goes_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "skipped"]) | ~Q(reason=""),
                name="alerts_notification_no_failure_without_reason",
            ),
        ]
        indexes = [models.Index(fields=["organization", "finished_at"], name="alerts_notification_finished")]

    def __str__(self) -> str:
        return f"{self.channel} for {self.incident_id} ({self.state})"
