"""An alert: a condition that holds, or held."""

from django.db import models
from django.db.models import Q

from alerts.enums import OPEN_STATES, AlertState, Severity
from alerts.models.incident import Incident
from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy.base import IdentifiedTenantModel


class AlertQuerySet(models.QuerySet["Alert"]):
    """Reads of alerts."""

    def firing(self) -> "AlertQuerySet":
        """Whose condition holds."""
        return self.filter(state=AlertState.FIRING)

    def live(self) -> "AlertQuerySet":
        """Of open incidents, whether firing or not: what grouping looks at."""
        return self.filter(incident__state__in=OPEN_STATES)

    def within(self, reach: Reach) -> "AlertQuerySet":
        """Those about objects that the reach covers."""
        return self.filter(reach.rows())

    def speaking(self) -> "AlertQuerySet":
        """One for each incident: its root, else the worst, of these the one that fires, then the oldest."""
        is_root = models.Case(models.When(fingerprint=models.F("incident__root"), then=0), default=1)
        return (
            self.annotate(rank=is_root)
            .order_by("incident_id", "rank", "-severity", "state", "created_at", "pk")
            .distinct("incident_id")
        )

    def from_the_root(self, root: str) -> "AlertQuerySet":
        """The cause first, then what follows directly from it, then the rest, each as they came."""
        depth = models.Case(
            models.When(fingerprint=root, then=0), models.When(cause_fingerprint=root, then=1), default=2
        )
        return self.annotate(depth=depth).order_by("depth", "created_at", "pk")


class Alert(IdentifiedTenantModel):
    """One condition from its first signal to its end; it fires again in the same row while its incident is open.

    `fingerprint` names the condition (source and key), `cause_fingerprint` the one that it follows from.
    """

    fingerprint = models.CharField(max_length=32)
    cause_fingerprint = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=700)
    cause = models.CharField(max_length=700, null=True)  # noqa: DJ001 -- null: the producer knows no cause
    version = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=AlertState.choices, default=AlertState.FIRING)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    title = models.CharField(max_length=400)
    detail = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    cluster_id = models.UUIDField(null=True)
    cluster_name = models.CharField(max_length=120, blank=True)
    object_kind = models.CharField(max_length=253, blank=True)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253, blank=True)
    labels = models.JSONField(default=dict)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="alerts")
    started_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fingerprint"],
                condition=Q(state="firing"),
                name="alerts_alert_one_firing_a_fingerprint",
            ),
            models.CheckConstraint(
                condition=Q(state=AlertState.FIRING, resolved_at=None)
                | Q(state=AlertState.RESOLVED, resolved_at__isnull=False),
                name="alerts_alert_resolved_at_goes_with_state",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "fingerprint"], name="alerts_alert_fingerprint"),
            models.Index(fields=["organization", "cause_fingerprint"], name="alerts_alert_cause"),
            models.Index(fields=["organization", "created_at"], name="alerts_alert_created"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def severity_word(self) -> str:
        """The severity as the interface writes it."""
        return Severity(self.severity).word
