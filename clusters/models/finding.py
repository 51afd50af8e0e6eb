"""A health finding: what an analyzer says of an object, from when until when."""

from django.db import models

from clusters.models.cluster import Cluster
from srexpert.reach import Reach
from srexpert.tenancy.base import IdentifiedTenantModel

SEVERITIES = ("critical", "high", "medium", "low")


class FindingQuerySet(models.QuerySet["Finding"]):
    """Reads of findings."""

    def open(self) -> "FindingQuerySet":
        """Those that still hold."""
        return self.filter(cleared_at=None)

    def roots(self) -> "FindingQuerySet":
        """Those that follow from no other finding."""
        return self.filter(cause_key="")

    def within(self, reach: Reach) -> "FindingQuerySet":
        """Findings on objects that the person may see."""
        return self.filter(reach.rows())

    def worst_first(self) -> "FindingQuerySet":
        """By severity, then age."""
        rank = models.Case(
            *(models.When(severity=name, then=position) for position, name in enumerate(SEVERITIES)),
            output_field=models.SmallIntegerField(),
        )
        return self.annotate(rank=rank).order_by("rank", "raised_at", "id")


class Finding(IdentifiedTenantModel):
    """One finding; `key` is `analyzer/kind/namespace/name`, and `version` grows with each change of it.

    A condition that returns after it was cleared continues the same row with a higher version, so that a
    late message about its earlier life is recognized as old.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="findings")
    key = models.CharField(max_length=700)
    analyzer = models.CharField(max_length=80)
    status = models.CharField(max_length=16)
    severity = models.CharField(max_length=8)
    kind = models.CharField(max_length=253)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    title = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    fix = models.TextField(blank=True)
    cause_key = models.CharField(max_length=700, blank=True)
    version = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "key"], name="clusters_finding_key_unique"),
            models.CheckConstraint(
                condition=models.Q(severity__in=SEVERITIES), name="clusters_finding_severity_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["failing", "not_assessed"]),
                name="clusters_finding_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster", "namespace"],
                condition=models.Q(cleared_at=None),
                name="clusters_finding_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title
