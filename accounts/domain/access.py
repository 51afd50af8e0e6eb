"""Finds what a person may do in an organization, and opens the scope to do it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from accounts.models import Grant, Membership, User
from django.db.models import Q
from srexpert import discovery
from srexpert.permissions import Role
from srexpert.reach import EVERYTHING, Reach
from srexpert.tenancy import acting_for, entering
from srexpert.web.guard import Access, NotAMember


@cache
def permissions_of(role: str) -> frozenset[str]:
    """The names of all permissions that a role includes."""
    return frozenset(p.name for p in discovery.permissions().values() if Role(role) in p.roles)


@contextmanager
def enter(*, person: User, slug: str) -> Iterator[Access]:
    """Acts for the organization with that slug, of which the person must be a member.

    Raises NotAMember for a wrong slug as for another's organization. One transaction throughout, so that
    a page shows one moment.
    """
    with entering(person):
        membership = (
            Membership.objects.filter(user=person, organization__slug=slug).select_related("organization").first()
        )
        if membership is None:
            raise NotAMember(slug)
        with acting_for(membership.organization):
            yield Access(
                organization=membership.organization,
                role=membership.role,
                permissions=permissions_of(membership.role),
                reach=reach_of(membership),
            )


def reach_of(membership: Membership) -> Reach:
    """How far a membership reaches, by its own grants and its teams'."""
    if membership.whole_organization:
        return EVERYTHING
    grants = Grant.objects.filter(
        Q(membership=membership) | Q(team__places__membership=membership)
    ).values_list("cluster_id", "namespace")
    return Reach(grants=frozenset(grants))
