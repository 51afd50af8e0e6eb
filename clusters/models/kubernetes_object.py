"""What we hold of the objects of a cluster: one table for all kinds."""

from django.conf import settings
from django.db import models

from clusters.models.cluster import Cluster
from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy import current_organization
from srexpert.tenancy.base import TenantModel


class KubernetesObjectQuerySet(models.QuerySet["KubernetesObject"]):
    """Reads of the inventory."""

    def within(self, reach: Reach) -> "KubernetesObjectQuerySet":
        """Objects in granted namespaces; cluster-scoped ones only for who may see the whole cluster."""
        return self.filter(reach.rows())

    def of_kinds(self, kinds: list[str]) -> "KubernetesObjectQuerySet":
        """Objects of these kinds."""
        return self.filter(kind__in=kinds)

    def named(self, cluster: Cluster, kind: str, namespace: str, name: str) -> "KubernetesObject | None":
        """The object of that name; while an old and a new one of it overlap, the new one."""
        named = self.filter(cluster=cluster, kind=kind, namespace=namespace, name=name)
        return named.order_by("-received_at", "-id").first()


class KubernetesObject(TenantModel):
    """The projection of one object (`agent-contract`), with the columns that lists sort and filter by.

    `hash` is the wire's: the hex blake2b-128 of the projected JSON. `received_at` is when we learned of
    this state.
    """

    # The composite key (organization, cluster) is the constraint, and the indexes below begin with the cluster:
    # keys and indexes of their own would be paid for with each row.
    organization = models.ForeignKey(
        settings.TENANCY_ORGANIZATION_MODEL,
        on_delete=models.CASCADE,
        default=current_organization,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, related_name="objects_held", db_constraint=False, db_index=False
    )
    uid = models.CharField(max_length=64)
    resource = models.CharField(max_length=253)
    api_version = models.CharField(max_length=253)
    kind = models.CharField(max_length=253)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    hash = models.CharField(max_length=32)
    node = models.CharField(max_length=253, blank=True)
    owner_uid = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    projection = models.JSONField()

    objects = KubernetesObjectQuerySet.as_manager()

    class Meta:
        db_table = "kubernetes_object"
        constraints = [
            models.UniqueConstraint(fields=["cluster", "uid"], name="kubernetes_object_uid_unique"),
        ]
        indexes = [
            models.Index(fields=["cluster", "kind", "namespace", "name"], name="kubernetes_object_place"),
            models.Index(
                fields=["cluster", "node"], condition=~models.Q(node=""), name="kubernetes_object_node"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class ObjectChange(TenantModel):
    """That an object appeared, changed or went, when we learned of it, and what it was before."""

    # The composite key (organization, cluster) is the constraint, and the indexes below begin with the cluster:
    # keys and indexes of their own would be paid for with each row.
    organization = models.ForeignKey(
        settings.TENANCY_ORGANIZATION_MODEL,
        on_delete=models.CASCADE,
        default=current_organization,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False
    )
    uid = models.CharField(max_length=64)
    kind = models.CharField(max_length=253)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    verb = models.CharField(max_length=8)
    at = models.DateTimeField()
    before = models.JSONField(null=True)

    class Meta:
        db_table = "object_change"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verb__in=["added", "changed", "removed"]), name="object_change_verb_known"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster", "-at", "-id"], name="object_change_recent"),
            models.Index(fields=["cluster", "uid", "-at"], name="object_change_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.verb}"


class StaleScope(TenantModel):
    """A namespace (or, empty, the cluster's own scope) whose health must be judged again, once it is due."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="stale_scopes")
    namespace = models.CharField(max_length=63, blank=True)
    due_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["cluster", "due_at"], name="clusters_stalescope_due")]

    def __str__(self) -> str:
        return self.namespace or "(cluster)"
