"""A signal: what a producer said about a condition, once for each version."""

from django.db import models
from django.db.models import Max, Q

from alerts.enums import Severity, SignalKind
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class SignalQuerySet(models.QuerySet["Signal"]):
    """Reads of signals."""

    def of(self, source: str, key: str) -> "SignalQuerySet":
        """All that was said about one condition."""
        return self.filter(source=source, key=key)

    def newest_version(self) -> int | None:
        """The highest version among these, or None with none."""
        newest: int | None = self.aggregate(newest=Max("version"))["newest"]
        return newest


class Signal(IdentifiedTenantModel):
    """One version of one condition, as it was received; a repeated delivery makes no second row.

    `outcome` is what the intake made of it ('fired', 'stale', …); the reasons are in the decisions.
    """

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=700)
    version = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=SignalKind.choices)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, null=True)
    title = models.CharField(max_length=400, blank=True)
    detail = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    cause = models.CharField(max_length=700, null=True)  # noqa: DJ001 -- null: the producer knows no cause
    cluster_id = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=253, blank=True)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253, blank=True)
    labels = models.JSONField(default=dict)
    at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=24)

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "key", "version"], name="alerts_signal_one_a_version"
            ),
            models.CheckConstraint(
                condition=Q(kind=SignalKind.CLEARED, severity=None)
                | Q(kind=SignalKind.RAISED, severity__isnull=False),
                name="alerts_signal_severity_goes_with_raised",
            ),
        ]
        indexes = [models.Index(fields=["organization", "received_at"], name="alerts_signal_received")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}:{self.key} v{self.version}"
