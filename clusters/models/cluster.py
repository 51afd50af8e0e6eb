"""A Kubernetes cluster that an organization connected."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy.base import IdentifiedTenantModel

# Figures are old once two heartbeats were missed.
HEARTBEAT_SECONDS = 30
STALE_AFTER = timedelta(seconds=2 * HEARTBEAT_SECONDS)


class ClusterQuerySet(models.QuerySet["Cluster"]):
    """Reads of clusters."""

    def connected(self) -> "ClusterQuerySet":
        """Those that weren't disconnected by a person."""
        return self.filter(disconnected_at=None)

    def within(self, reach: Reach) -> "ClusterQuerySet":
        """Those of which the person may see at least a part."""
        return self.filter(reach.rows(cluster="id", namespace=None))

    def with_finding_counts(self, reach: Reach) -> "ClusterQuerySet":
        """With `critical_count`, `high_count`, `medium_count`, `low_count` of open root findings in reach."""
        rows = reach.rows(cluster="findings__cluster_id", namespace="findings__namespace")
        base = Q(findings__cleared_at=None, findings__cause_key="", findings__status="failing") & rows
        return self.annotate(
            **{
                f"{severity}_count": Count("findings", filter=base & Q(findings__severity=severity))
                for severity in ("critical", "high", "medium", "low")
            }
        )


class Cluster(IdentifiedTenantModel):
    """A cluster; `kubernetes_uid` is the uid of its kube-system namespace, by which it is recognized again."""

    name = models.CharField(max_length=63)
    created_at = models.DateTimeField(default=clock.now)
    kubernetes_uid = models.CharField(max_length=64, blank=True)
    kubernetes_version = models.CharField(max_length=64, blank=True)
    agent_version = models.CharField(max_length=64, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)
    disconnected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ClusterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="clusters_cluster_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stale(self) -> bool:
        """Whether what we hold may no longer be true: never heard of, or two heartbeats missed."""
        return self.last_contact_at is None or clock.now() - self.last_contact_at > STALE_AFTER

    @property
    def finding_counts(self) -> dict[str, int]:
        """Open root findings by severity; needs `with_finding_counts`."""
        return {name: getattr(self, f"{name}_count") for name in ("critical", "high", "medium", "low")}

    @property
    def state(self) -> str:
        """One of the five words for the whole; needs `with_finding_counts`."""
        if self.last_contact_at is None:
            return "not_assessed"
        if self.is_stale:
            return "unknown"
        if self.critical_count or self.high_count:  # type: ignore[attr-defined]  # annotated
            return "failing"
        return "warning" if self.medium_count else "healthy"  # type: ignore[attr-defined]  # annotated
