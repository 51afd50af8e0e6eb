"""Grants to members and teams."""

import uuid

import pytest

from accounts.domain import grants, memberships, teams
from accounts.domain.rules import Refused
from accounts.models import Grant, Membership, Team, TeamMember
from srexpert import discovery
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.factories import accounts, clusters

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(cast):
    made, _ = clusters.cluster(cast.northwind, by=cast.owner)
    return made


@pytest.fixture(autouse=True)
def _in_northwind(cast, cluster):
    with acting_for(cast.northwind):
        yield


@pytest.fixture
def narrow(cast):
    rui = Membership.objects.get(user=cast.responder)
    return memberships.set_reach(membership=rui, whole_organization=False, by=cast.owner)


def test_grant_twice_is_once(cast, cluster, narrow):
    for _ in range(2):
        grants.grant(to=narrow, cluster_id=cluster.pk, namespace="shop", by=cast.admin)
    assert list(Grant.objects.values_list("membership", "cluster_id", "namespace")) == [
        (narrow.pk, cluster.pk, "shop")
    ]


def test_grant_refuses_a_cluster_of_another_organization(cast, narrow):
    with pytest.raises(Refused, match="not one of this organization"):
        grants.grant(to=narrow, cluster_id=uuid.uuid4(), by=cast.owner)
    assert list(Grant.objects.all()) == []


def test_grant_refuses_a_member_who_reaches_everything(cast, cluster):
    with pytest.raises(Refused, match="already"):
        grants.grant(to=Membership.objects.get(user=cast.viewer), cluster_id=cluster.pk, by=cast.owner)
    assert list(Grant.objects.all()) == []


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.VIEWER, Role.AUDITOR, Role.BILLING])
def test_grant_and_revoke_are_for_administrators(cast, cluster, narrow, role):
    team = accounts.team(cast.northwind)
    given = grants.grant(to=team, cluster_id=cluster.pk, by=cast.owner)
    with pytest.raises(Refused):
        grants.grant(to=narrow, cluster_id=cluster.pk, by=cast.people[role])
    with pytest.raises(Refused):
        grants.revoke(grant=given, by=cast.people[role])
    assert list(Grant.objects.all()) == [given]


def test_revoke_ends_the_grant(cast, cluster, narrow):
    given = grants.grant(to=narrow, cluster_id=cluster.pk, by=cast.owner)
    grants.revoke(grant=given, by=cast.admin)
    assert list(Grant.objects.all()) == []


def test_described_names_clusters_and_keeps_grants_of_gone_ones(cast, cluster, narrow):
    known = grants.grant(to=narrow, cluster_id=cluster.pk, namespace="shop", by=cast.owner)
    gone = Grant.objects.create(membership=narrow, cluster_id=uuid.uuid4())
    assert grants.described([known, gone], discovery.grantable()) == [
        {"grant": gone, "cluster": "", "namespace": ""},
        {"grant": known, "cluster": "prod-eu-west", "namespace": "shop"},
    ]


def test_a_team_is_made_renamed_filled_emptied_and_deleted(cast, cluster):
    team = teams.create(name="Platform", by=cast.admin)
    teams.rename(team=team, name="Core", by=cast.owner)
    rui = Membership.objects.get(user=cast.responder)
    place = teams.add_member(team=team, membership=rui, by=cast.admin)
    assert teams.add_member(team=team, membership=rui, by=cast.admin) == place
    grants.grant(to=team, cluster_id=cluster.pk, by=cast.admin)
    assert list(Team.objects.with_counts().values_list("name", "member_count", "grant_count")) == [
        ("Core", 1, 1)
    ]
    teams.remove_member(place=place, by=cast.admin)
    assert list(TeamMember.objects.all()) == []
    teams.delete(team=team, by=cast.admin)
    assert list(Team.objects.all()) == list(Grant.objects.all()) == []
    assert Membership.objects.filter(pk=rui.pk).exists()


def test_team_names_are_unique_in_an_organization(cast):
    teams.create(name="Platform", by=cast.owner)
    other = teams.create(name="Core", by=cast.owner)
    with pytest.raises(Refused, match="has that name"):
        teams.create(name="Platform", by=cast.owner)
    with pytest.raises(Refused, match="has that name"):
        teams.rename(team=other, name="Platform", by=cast.owner)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["Core", "Platform"]


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.VIEWER, Role.AUDITOR, Role.BILLING])
def test_teams_are_for_administrators(cast, role):
    rui = Membership.objects.get(user=cast.responder)
    team = accounts.team(cast.northwind, "Platform", rui)
    place, by = TeamMember.objects.get(), cast.people[role]
    for act in (
        lambda: teams.create(name="Core", by=by),
        lambda: teams.rename(team=team, name="Core", by=by),
        lambda: teams.add_member(team=team, membership=rui, by=by),
        lambda: teams.remove_member(place=place, by=by),
        lambda: teams.delete(team=team, by=by),
    ):
        with pytest.raises(Refused):
            act()
    assert list(Team.objects.values_list("name", flat=True)) == ["Platform"]
    assert list(TeamMember.objects.all()) == [place]
