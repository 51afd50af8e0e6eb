"""The agent of a cluster: its token, its sessions, and what it may see."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clusters.models.cluster import Cluster
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel, TenantModel


class AgentToken(IdentifiedTenantModel):
    """The secret of a cluster's agent; two may live at once, for rotation."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="agent_tokens")
    token = models.OneToOneField("srexpert.Token", on_delete=models.CASCADE, related_name="agent_token")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"agent token of {self.cluster}"


class AgentSession(IdentifiedTenantModel):
    """One uninterrupted conversation with an agent; only a cluster's newest one counts.

    `next_sequence` is the number of the batch that is expected; the row's lock puts batches in order.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="sessions")
    wire = models.PositiveSmallIntegerField()
    next_sequence = models.PositiveBigIntegerField(default=1)
    started_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster"], condition=models.Q(closed_at=None), name="clusters_agentsession_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class KindStatus(TenantModel):
    """Whether the agent may see a kind, and when we last held all of it."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="kinds")
    resource = models.CharField(max_length=253)
    group = models.CharField(max_length=253, blank=True)
    version = models.CharField(max_length=253, blank=True)
    kind = models.CharField(max_length=253)
    namespaced = models.BooleanField()
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=500, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_session = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "resource"], name="clusters_kindstatus_resource_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.status}"


class ManifestPart(TenantModel):
    """The uids that one part of an unfinished manifest named; gone once its last part came."""

    session = models.ForeignKey(AgentSession, on_delete=models.CASCADE, related_name="manifest_parts")
    resource = models.CharField(max_length=253)
    part = models.PositiveIntegerField()
    uids = ArrayField(models.CharField(max_length=64))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "resource", "part"], name="clusters_manifestpart_once"
            ),
        ]

    def __str__(self) -> str:
        return f"part {self.part} of {self.resource}"
