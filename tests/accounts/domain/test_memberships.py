"""Who may change whom; the last owner stays; changes act at once."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.domain import access, memberships, rules
from accounts.domain.rules import Refused
from accounts.models import Grant, Membership
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from srexpert.web.guard import NotAMember
from tests.factories import accounts, clusters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_northwind(request):
    """Each test but the one that commits acts for Northwind."""
    if "cast" not in request.fixturenames:
        yield
        return
    with acting_for(request.getfixturevalue("cast").northwind):
        yield


def member(cast, role):
    return Membership.objects.get(user=cast.people[role])


def roles():
    return dict(Membership.objects.values_list("user__name", "role"))


@pytest.mark.parametrize(("acting", "target", "given"), list(itertools.product(Role, Role, Role)))
def test_change_role_follows_the_rules_for_every_actor_target_and_role(cast, acting, target, given):
    allowed = (
        acting != target
        and acting in {Role.OWNER, Role.ADMIN}
        and (acting == Role.OWNER or Role.OWNER not in {target, given})
    )
    before = roles()
    change = {"membership": member(cast, target), "role": given, "by": cast.people[acting]}
    if allowed:
        memberships.change_role(**change)
        assert roles() == before | {cast.people[target].name: given.value}
    else:
        with pytest.raises(Refused):
            memberships.change_role(**change)
        assert roles() == before


@pytest.mark.parametrize(("acting", "target"), list(itertools.product(Role, Role)))
def test_remove_follows_the_rules_for_every_actor_and_target(cast, acting, target):
    allowed = acting != target and (acting == Role.OWNER or (acting == Role.ADMIN and target != Role.OWNER))
    before = roles()
    if allowed:
        memberships.remove(membership=member(cast, target), by=cast.people[acting])
        assert roles() == {name: role for name, role in before.items() if name != cast.people[target].name}
    else:
        with pytest.raises(Refused):
            memberships.remove(membership=member(cast, target), by=cast.people[acting])
        assert roles() == before


def test_one_of_two_owners_can_be_demoted_by_the_other_and_the_last_stays(cast):
    memberships.change_role(membership=member(cast, Role.ADMIN), role=Role.OWNER, by=cast.owner)
    memberships.change_role(membership=member(cast, Role.OWNER), role=Role.VIEWER, by=cast.admin)
    assert [m.user for m in Membership.objects.owners().select_related("user")] == [cast.admin]
    with pytest.raises(Refused, match="at least one owner"):
        memberships.leave(by=cast.admin)
    assert [m.user for m in Membership.objects.owners().select_related("user")] == [cast.admin]


def test_an_owner_who_was_demoted_meanwhile_can_no_longer_act(cast):
    stale = member(cast, Role.ADMIN)
    memberships.change_role(membership=stale, role=Role.OWNER, by=cast.owner)
    memberships.change_role(membership=member(cast, Role.OWNER), role=Role.VIEWER, by=cast.admin)
    with pytest.raises(Refused, match="Only owners and admins"):
        memberships.change_role(membership=stale, role=Role.VIEWER, by=cast.owner)
    assert member(cast, Role.ADMIN).role == Role.OWNER


def test_leave_ends_the_own_membership_only(cast):
    before = roles()
    memberships.leave(by=cast.viewer)
    assert roles() == {name: role for name, role in before.items() if name != "Marta Nunes"}


def test_leave_refuses_who_is_no_member(cast):
    with pytest.raises(Refused, match="no longer a member"):
        memberships.leave(by=cast.outsider)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_administrators_reach_everything(cast, role):
    accounts.member(cast.northwind, other := accounts.person("Second Owner"), Role.OWNER)
    with pytest.raises(Refused, match="always reach"):
        memberships.set_reach(membership=member(cast, role), whole_organization=False, by=other)
    assert member(cast, role).whole_organization


def test_who_becomes_an_admin_reaches_everything_and_grants_end(cast):
    rui = member(cast, Role.RESPONDER)
    memberships.set_reach(membership=rui, whole_organization=False, by=cast.owner)
    cluster, _ = clusters.cluster(cast.northwind, by=cast.owner)
    Grant.objects.create(membership=rui, cluster_id=cluster.pk)
    memberships.change_role(membership=rui, role=Role.ADMIN, by=cast.owner)
    assert member(cast, Role.RESPONDER).whole_organization
    assert list(Grant.objects.all()) == []


def test_a_removed_member_is_outside_with_the_next_request(cast):
    memberships.remove(membership=member(cast, Role.VIEWER), by=cast.admin)
    with pytest.raises(NotAMember), access.enter(person=cast.viewer, slug="northwind"):
        pytest.fail("they were let in")


def test_a_narrowed_role_has_its_permissions_with_the_next_request(cast):
    with access.enter(person=cast.responder, slug="northwind") as before:
        assert before.may("alerts.incident.acknowledge")
    memberships.change_role(membership=member(cast, Role.RESPONDER), role=Role.BILLING, by=cast.owner)
    with access.enter(person=cast.responder, slug="northwind") as after:
        assert not after.may("alerts.incident.acknowledge")
        assert not after.may("clusters.cluster.view")


@pytest.mark.parametrize(
    ("role", "given"),
    [
        (Role.OWNER, list(Role)),
        (Role.ADMIN, [r for r in Role if r != Role.OWNER]),
        (Role.RESPONDER, []),
        (Role.BILLING, []),
    ],
)
def test_roles_to_give(role, given):
    assert list(rules.roles_to_give(role)) == given


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_the_same_moment_leave_one():
    organization = accounts.organization("Duel")
    people = [accounts.person(name, "duel.example") for name in ("Ada One", "Bo Two")]
    for one in people:
        accounts.member(organization, one, Role.OWNER)
    start = threading.Barrier(2)

    def demote(by, other):
        try:
            with acting_for(organization):
                start.wait(timeout=10)
                target = Membership.objects.get(user=other)
                memberships.change_role(membership=target, role=Role.VIEWER, by=by)
        except Refused:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(demote, people, reversed(people), timeout=30))
    with acting_for(organization):
        assert sorted(done) == [False, True]
        assert Membership.objects.owners().count() == 1
