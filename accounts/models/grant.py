"""A grant: the clusters and namespaces that a member or a team may reach."""

from django.db import models

from accounts.models.membership import Membership
from accounts.models.team import Team
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class Grant(IdentifiedTenantModel):
    """Lets a member or a team reach a cluster, or one namespace of it.

    The cluster is named by its id alone: clusters belong to an app above this one.
    """

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    cluster_id = models.UUIDField()
    namespace = models.CharField(max_length=63, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(membership__isnull=True) ^ models.Q(team__isnull=True),
                name="accounts_grant_to_a_member_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["membership", "team", "cluster_id", "namespace"],
                name="accounts_grant_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace or 'all namespaces'} of cluster {self.cluster_id}"
