"""Entering an organization: scope, permissions, reach, and nothing of the person's others."""

import pytest

from accounts.domain import access, grants, memberships
from accounts.models import Membership, Organization, Team
from srexpert import discovery
from srexpert.permissions import Role
from srexpert.reach import EVERYTHING
from srexpert.tenancy import acting_for
from srexpert.web.guard import NotAMember
from tests.factories import accounts, clusters

pytestmark = pytest.mark.django_db


def test_enter_shows_nothing_of_the_persons_other_organizations(cast):
    accounts.member(cast.elsewhere, cast.viewer, Role.ADMIN)
    with access.enter(person=cast.viewer, slug="northwind") as entered:
        assert {m.organization_id for m in Membership.objects.all()} == {cast.northwind.pk}
        assert Membership.objects.count() == 6
        assert list(Organization.objects.all()) == [cast.northwind]
        assert entered.organizations == (cast.elsewhere, cast.northwind)
        assert entered.role == Role.VIEWER


@pytest.mark.parametrize("slug", ["elsewhere", "nowhere", ""])
def test_enter_refuses_others_organizations_and_none_alike(cast, slug):
    with pytest.raises(NotAMember), access.enter(person=cast.owner, slug=slug):
        pytest.fail("they were let in")


def test_reach_of_is_own_grants_and_the_teams(cast):
    cluster, _ = clusters.cluster(cast.northwind, by=cast.owner)
    other, _ = clusters.cluster(cast.northwind, "staging", by=cast.owner)
    with acting_for(cast.northwind):
        rui = Membership.objects.get(user=cast.responder)
        assert access.reach_of(rui) == EVERYTHING
        rui = memberships.set_reach(membership=rui, whole_organization=False, by=cast.owner)
        assert access.reach_of(rui).grants == frozenset()
        grants.grant(to=rui, cluster_id=cluster.pk, namespace="shop", by=cast.owner)
        team = accounts.team(cast.northwind, "Platform", rui)
        grants.grant(to=team, cluster_id=other.pk, by=cast.admin)
        reach = access.reach_of(rui)
        assert reach.grants == {(cluster.pk, "shop"), (other.pk, "")}
        assert reach.covers(cluster.pk, "shop")
        assert not reach.covers(cluster.pk)
        assert not reach.covers(cluster.pk, "payments")
        assert reach.covers(other.pk, "anything")
        Team.objects.all().delete()
        assert access.reach_of(rui).grants == {(cluster.pk, "shop")}


def test_permissions_of_are_those_declared_for_the_role():
    for role in Role:
        expected = {p.name for p in discovery.permissions().values() if role in p.roles}
        assert access.permissions_of(role) == expected
    assert access.permissions_of(Role.OWNER) == set(discovery.permissions())


def test_landing_url_is_the_first_page_that_the_role_may_see(cast):
    urls = {role.value: access.landing_url(role=role, slug="northwind") for role in Role}
    assert urls == {role.value: "/o/northwind/" for role in Role} | {
        "billing": "/o/northwind/settings/members/"
    }
