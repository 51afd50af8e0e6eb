"""A person's place in an organization: one role, and how far it reaches."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count

from srexpert import clock
from srexpert.permissions import ADMINISTRATORS, Role
from srexpert.tenancy.base import IdentifiedTenantModel

ROLE_CHOICES = [(role.value, role.value.capitalize()) for role in Role]


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def with_people(self) -> "MembershipQuerySet":
        """In the order of names, with the people loaded."""
        return self.select_related("user").order_by("user__name", "user__email")

    def with_reach(self) -> "MembershipQuerySet":
        """With `grant_count`, their own grants, and the names of their teams loaded."""
        return self.annotate(grant_count=Count("grants")).prefetch_related("team_places__team")

    def owners(self) -> "MembershipQuerySet":
        """Those who own the organization."""
        return self.filter(role=Role.OWNER)

    def outside(self, team: Any) -> "MembershipQuerySet":
        """Those who aren't in the team."""
        return self.exclude(team_places__team=team)

    def of_person(self, person: Any) -> "MembershipQuerySet":
        """A person's memberships, with their organizations loaded, in the order of the organizations' names."""
        return self.filter(user=person).select_related("organization").order_by("organization__name", "pk")


class Membership(IdentifiedTenantModel):
    """One person in one organization.

    With `whole_organization` the role holds everywhere; else only for the clusters and namespaces that
    the person, or one of their teams, was granted. Those who manage others always reach everything.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=ROLE_CHOICES)
    whole_organization = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="accounts_membership_one_a_person"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="accounts_membership_role_known",
            ),
            models.CheckConstraint(
                condition=models.Q(whole_organization=True)
                | ~models.Q(role__in=sorted(role.value for role in ADMINISTRATORS)),
                name="accounts_membership_administrators_reach_everything",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"
