"""An incident: alerts of one cause, in somebody's hands or nobody's yet."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from alerts.enums import OPEN_STATES, IncidentState, Severity
from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy.base import IdentifiedTenantModel, TenantModel


class IncidentCounter(TenantModel):
    """The number of an organization's newest incident; a row of its own, so that numbers have no gaps or doubles."""

    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], name="alerts_incidentcounter_one_an_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"up to INC-{self.last}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Reads of incidents."""

    def open(self) -> "IncidentQuerySet":
        """Those that aren't over."""
        return self.filter(state__in=OPEN_STATES)

    def in_state(self, state: str) -> "IncidentQuerySet":
        """Those in one of the states, or 'open' ones, or 'all'."""
        if state == "all":
            return self
        return self.open() if state == "open" else self.filter(state=state)

    def needing_a_person(self) -> "IncidentQuerySet":
        """Those that nobody has taken."""
        return self.filter(state=IncidentState.TRIGGERED)

    def standing(self) -> "IncidentQuerySet":
        """Without those that were merged into another one."""
        return self.filter(merged_into=None)

    def most_urgent_first(self) -> "IncidentQuerySet":
        """The worst first, of these the longest waiting."""
        return self.order_by("-severity", "number")

    def within(self, reach: Reach) -> "IncidentQuerySet":
        """Those with at least one alert that the reach covers."""
        if reach.everything:
            return self
        from alerts.models.alert import Alert  # noqa: PLC0415 -- the two models refer to each other

        return self.filter(Exists(Alert.objects.filter(reach.rows(), incident=OuterRef("pk"))))

    def for_cluster(self, cluster_id: UUID) -> "IncidentQuerySet":
        """Those of one cluster."""
        return self.filter(cluster_id=cluster_id)

    def with_people(self) -> "IncidentQuerySet":
        """With those who took or ended them, in the same query."""
        return self.select_related("acknowledged_by", "resolved_by")


class Incident(IdentifiedTenantModel):
    """What a person is paged for.

    `root` is the fingerprint of the cause that its alerts share, whether or not that cause has itself been
    reported. `escalation` is a copy of the policy, made when the incident started: later edits of the
    policy don't change who is paged for a running incident. It holds ids of people, no names.
    """

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=IncidentState.choices, default=IncidentState.TRIGGERED)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    title = models.CharField(max_length=400)
    cause = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    root = models.CharField(max_length=32)
    cluster_id = models.UUIDField(null=True)
    cluster_name = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    acknowledged_at = models.DateTimeField(null=True)
    # Accounts that stand in incidents are made anonymous, not deleted: both fields go together.
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="merged")
    escalation = models.JSONField(default=dict)
    round = models.PositiveSmallIntegerField(default=0)
    next_step = models.PositiveSmallIntegerField(null=True)
    next_step_at = models.DateTimeField(null=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="alerts_incident_number_unique"),
            models.UniqueConstraint(
                fields=["organization", "root"],
                condition=Q(state__in=["triggered", "acknowledged"]),
                name="alerts_incident_one_open_a_root",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alerts_incident_both_acknowledged_at_and_by_set",
            ),
            models.CheckConstraint(
                condition=~Q(state=IncidentState.TRIGGERED) | Q(acknowledged_at=None),
                name="alerts_incident_triggered_is_not_acknowledged",
            ),
            models.CheckConstraint(
                condition=~Q(state=IncidentState.ACKNOWLEDGED) | Q(acknowledged_at__isnull=False),
                name="alerts_incident_acknowledged_has_time",
            ),
            # Nobody resolves what heals by itself, so the person may be missing, but never the time.
            models.CheckConstraint(
                condition=Q(state=IncidentState.RESOLVED, resolved_at__isnull=False)
                | (~Q(state=IncidentState.RESOLVED) & Q(resolved_at=None, resolved_by=None)),
                name="alerts_incident_resolved_at_goes_with_state",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(state=IncidentState.RESOLVED),
                name="alerts_incident_merged_is_resolved",
            ),
            models.CheckConstraint(
                condition=Q(next_step=None, next_step_at=None)
                | Q(next_step__isnull=False, next_step_at__isnull=False, state=IncidentState.TRIGGERED),
                name="alerts_incident_next_step_only_while_triggered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "state", "-severity", "-number"], name="alerts_incident_urgent"
            ),
            models.Index(fields=["organization", "opened_at"], name="alerts_incident_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    @property
    def label(self) -> str:
        """The name that people call it by."""
        return f"INC-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it isn't over."""
        return self.state in OPEN_STATES

    @property
    def severity_word(self) -> str:
        """The severity as the interface writes it."""
        return Severity(self.severity).word


def take_number() -> int:
    """The next incident number of the current organization; holds the counter's row until the commit."""
    IncidentCounter.objects.bulk_create([IncidentCounter()], ignore_conflicts=True)
    IncidentCounter.objects.update(last=F("last") + 1)
    return IncidentCounter.objects.get().last
