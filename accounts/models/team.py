"""A team: members who are granted things, and paged, together."""

from django.db import models
from django.db.models import Count

from accounts.models.membership import Membership
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class TeamQuerySet(models.QuerySet["Team"]):
    """Reads of teams."""

    def with_counts(self) -> "TeamQuerySet":
        """In the order of names, with `member_count` and `grant_count`."""
        return self.annotate(
            member_count=Count("places", distinct=True), grant_count=Count("grants", distinct=True)
        ).order_by("name", "pk")


class Team(IdentifiedTenantModel):
    """A named group of members, to be granted things and to be paged together."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="accounts_team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(IdentifiedTenantModel):
    """A member's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="places")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="team_places")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "membership"], name="accounts_teammember_once"),
        ]

    def __str__(self) -> str:
        return f"{self.membership} in {self.team}"
