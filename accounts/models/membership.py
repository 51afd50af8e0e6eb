"""A person's place in an organization: one role, and how far it reaches."""

from django.conf import settings
from django.db import models

from srexpert import clock
from srexpert.permissions import Role
from srexpert.tenancy.base import IdentifiedTenantModel

ROLE_CHOICES = [(role.value, role.value.capitalize()) for role in Role]


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def with_people(self) -> "MembershipQuerySet":
        """In the order of names, with the people loaded."""
        return self.select_related("user").order_by("user__name", "user__email")

    def owners(self) -> "MembershipQuerySet":
        """Those who own the organization."""
        return self.filter(role=Role.OWNER)


class Membership(IdentifiedTenantModel):
    """One person in one organization.

    With `whole_organization` the role holds everywhere; else only for the clusters and namespaces that
    the person, or one of their teams, was granted.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=ROLE_CHOICES)
    whole_organization = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="accounts_membership_one_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]),
                name="accounts_membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"
