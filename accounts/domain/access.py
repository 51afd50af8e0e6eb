"""Finds what a person may do in an organization, and opens the scope to do it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db.models import Q
from django.urls import reverse

from accounts.models import Grant, Membership, User
from srexpert import discovery
from srexpert.permissions import Role
from srexpert.reach import EVERYTHING, Reach
from srexpert.tenancy import acting_for, entering
from srexpert.web.guard import Access, NotAMember


@cache
def permissions_of(role: str) -> frozenset[str]:
    """The names of all permissions that a role includes."""
    return frozenset(p.name for p in discovery.permissions().values() if Role(role) in p.roles)


def labels_of(role: str) -> list[str]:
    """What a role may do, in the words of the declarations."""
    return [str(p.label) for p in discovery.permissions().values() if Role(role) in p.roles]


@contextmanager
def enter(*, person: User, slug: str) -> Iterator[Access]:
    """Acts for the organization with that slug, of which the person must be a member.

    Raises NotAMember for a wrong slug as for another's organization. One transaction throughout, so that
    a page shows one moment. The person's other organizations come with the same query.
    """
    with entering(person):
        memberships = list(Membership.objects.of_person(person))
        membership = next((m for m in memberships if m.organization.slug == slug), None)
        if membership is None:
            raise NotAMember(slug)
        with acting_for(membership.organization):
            yield Access(
                organization=membership.organization,
                role=membership.role,
                permissions=permissions_of(membership.role),
                reach=reach_of(membership),
                organizations=tuple(m.organization for m in memberships),
            )


def memberships_of(person: User) -> list[Membership]:
    """A person's memberships with their organizations, before one of them is entered."""
    with entering(person):
        return list(Membership.objects.of_person(person))


def landing_url(*, role: str, slug: str) -> str:
    """Where a member starts: the first page of the navigation that the role may see, mostly the fleet."""
    may = permissions_of(role)
    first = next(item for item in discovery.navigation() if item.permission in may)
    return reverse(first.url_name, args=[slug])


def reach_of(membership: Membership) -> Reach:
    """How far a membership reaches, by its own grants and its teams'."""
    if membership.whole_organization:
        return EVERYTHING
    grants = Grant.objects.filter(
        Q(membership=membership) | Q(team__places__membership=membership)
    ).values_list("cluster_id", "namespace")
    return Reach(grants=frozenset(grants))
