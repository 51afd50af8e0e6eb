"""The pages of members, teams, grants, invitations and the organization: queries, offers, refusals."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, Invitation, Organization, Team, TeamMember
from srexpert import clock
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from srexpert.tenancy.models import Token
from tests.factories import accounts, clusters

pytestmark = pytest.mark.django_db

BASE = "/o/northwind/settings/"
# Session and person; scope in, memberships, scope in, …, two scopes out, savepoints around both.
FRAME = 11


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        page = client.get(path)
    assert page.status_code == 200
    return len(captured), page.content.decode()


@pytest.fixture
def owner(cast, as_person):
    return as_person(cast.owner)


@pytest.fixture
def rui(cast):
    return accounts.membership_of(cast.northwind, cast.responder)


def page_of(member):
    return f"{BASE}members/{member.pk}/"


def more_members(cast, number):
    for n in range(number):
        member = accounts.member(cast.northwind, accounts.person(f"Extra {n}"), whole=False)
        accounts.team(cast.northwind, f"Team {n}", member)


@pytest.mark.parametrize("extra", [1, 3])
def test_member_list_costs_the_same_for_few_and_many(cast, owner, extra):
    more_members(cast, extra)
    count, html = queries(owner, f"{BASE}members/")
    assert count == FRAME + 4  # members, their teams' places, the teams, the count of invitations
    assert f"Extra {extra - 1}" in html
    assert f"Team {extra - 1}" in html


@pytest.mark.parametrize("number", [1, 3])
def test_team_list_costs_the_same_for_few_and_many(cast, owner, number):
    for n in range(number):
        accounts.team(cast.northwind, f"Team {n}", accounts.membership_of(cast.northwind, cast.viewer))
    count, html = queries(owner, f"{BASE}teams/")
    assert count == FRAME + 1
    assert html.count('id="team-') == number


@pytest.mark.parametrize("number", [1, 3])
def test_invitation_list_costs_the_same_for_few_and_many(cast, owner, number):
    for n in range(number):
        accounts.invitation(cast.northwind, cast.owner, f"n{n}@northwind.example")
    count, html = queries(owner, f"{BASE}members/invitations/")
    assert count == FRAME + 2
    assert html.count('id="invitation-') == number


@pytest.mark.parametrize("number", [1, 3])
def test_team_page_costs_the_same_for_few_and_many(cast, owner, number):
    members = [accounts.member(cast.northwind, accounts.person(f"Extra {n}")) for n in range(number)]
    team = accounts.team(cast.northwind, "Platform", *members)
    for n in range(number):
        clusters.cluster(cast.northwind, f"cluster-{n}", by=cast.owner)
    with acting_for(cast.northwind):
        Grant.objects.bulk_create(Grant(team=team, cluster_id=c.id) for c in clusters.Cluster.objects.all())
    count, html = queries(owner, f"{BASE}teams/{team.pk}/")
    assert count == FRAME + 6  # team, clusters, namespaces, places, grants, who is not in it
    assert html.count('id="place-') == html.count('id="grant-') == number


@pytest.mark.parametrize("number", [1, 3])
def test_organization_list_costs_the_same_for_few_and_many(cast, as_person, number):
    person = accounts.person("Many Places", "contoso.example")
    for n in range(number):
        accounts.member(accounts.organization(f"Place{n}"), person, Role.VIEWER)
    client = as_person(person)
    count, html = queries(client, "/organizations/")
    assert (
        count == 13
    )  # session, person, memberships, addresses, invitations; the rest opens and closes two scopes
    assert html.count('class="choice"') == number


def test_a_page_shows_the_switcher_with_all_of_the_persons_organizations(cast, owner):
    accounts.member(cast.elsewhere, cast.owner, Role.BILLING)
    html = owner.get(f"{BASE}members/").content.decode()
    assert 'href="/o/elsewhere/open/"' in html
    assert "Olga" not in html
    assert owner.get("/o/elsewhere/open/").headers["Location"] == "/o/elsewhere/settings/members/"
    assert owner.get("/start/").headers["Location"] == "/organizations/"


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_offer_only_what_the_role_may_do(cast, as_person, rui, role):
    client = as_person(cast.people[role])
    team = accounts.team(cast.northwind, "Platform", rui)
    other = rui if role != Role.RESPONDER else accounts.membership_of(cast.northwind, cast.viewer)
    pages = "".join(
        client.get(path).content.decode()
        for path in (BASE, f"{BASE}members/", f"{BASE}teams/", f"{BASE}teams/{team.pk}/", page_of(other))
    )
    manages = role in {Role.OWNER, Role.ADMIN}
    for offer in (
        "Invite member",
        "Create team",
        "Delete team",
        "Take out",
        "Change role",
        "Remove member",
        "Rename organization",
    ):
        assert (offer in pages) == manages, offer


def test_an_admin_is_offered_nothing_on_an_owner_and_no_owner_role(cast, as_person, rui):
    client = as_person(cast.admin)
    ana = accounts.membership_of(cast.northwind, cast.owner)
    html = client.get(page_of(ana)).content.decode()
    assert "Change role" not in html
    assert "Only an owner can change or remove an owner." in html
    assert 'value="owner"' not in client.get(page_of(rui)).content.decode()
    assert 'value="owner"' not in client.get(f"{BASE}members/invitations/invite/").content.decode()
    assert 'value="owner"' in as_person(cast.owner).get(page_of(rui)).content.decode()


def test_change_role_in_the_browser(cast, owner, rui):
    assert owner.post(f"{page_of(rui)}role/", {"role": "viewer"}).headers["Location"] == page_of(rui)
    assert accounts.membership_of(cast.northwind, cast.responder).role == Role.VIEWER


def test_change_role_refuses_at_the_field_what_the_rules_forbid(cast, owner, as_person, rui):
    own = accounts.membership_of(cast.northwind, cast.owner)
    html = owner.post(f"{page_of(own)}role/", {"role": "viewer"}).content.decode()
    assert "Nobody changes their own role" in html
    html = as_person(cast.admin).post(f"{page_of(rui)}role/", {"role": "owner"}).content.decode()
    assert "owner is not one of the available choices" in html
    assert accounts.membership_of(cast.northwind, cast.owner).role == Role.OWNER
    assert accounts.membership_of(cast.northwind, cast.responder).role == Role.RESPONDER


def test_narrow_grant_and_take_back_in_the_browser(cast, owner, as_person, rui):
    cluster, _ = clusters.cluster(cast.northwind, by=cast.owner)
    seen = as_person(cast.responder)
    assert "prod-eu-west" in seen.get("/o/northwind/clusters/").content.decode()
    owner.post(f"{page_of(rui)}reach/", {"whole_organization": "no"})
    assert "prod-eu-west" not in seen.get("/o/northwind/clusters/").content.decode()
    bad = owner.post(f"{page_of(rui)}grants/", {"cluster": cluster.pk, "namespace": "No Such!"})
    assert "A namespace has lower-case letters" in bad.content.decode()
    owner.post(f"{page_of(rui)}grants/", {"cluster": cluster.pk, "namespace": "shop"})
    assert "prod-eu-west" in seen.get("/o/northwind/clusters/").content.decode()
    with acting_for(cast.northwind):
        grant = Grant.objects.get()
    asked = owner.get(f"{BASE}grants/{grant.pk}/revoke/").content.decode()
    assert "namespace shop of prod-eu-west" in asked
    assert owner.post(f"{BASE}grants/{grant.pk}/revoke/").headers["Location"] == page_of(rui)
    assert "prod-eu-west" not in seen.get("/o/northwind/clusters/").content.decode()


def test_remove_asks_first_and_then_acts_at_once(cast, owner, as_person, rui):
    theirs = as_person(cast.responder)
    asked = owner.get(f"{page_of(rui)}remove/").content.decode()
    assert "Remove Rui Costa from Northwind?" in asked
    assert "<main" in asked
    dialog = owner.get(f"{page_of(rui)}remove/", headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in dialog
    assert "<dialog" in dialog
    assert theirs.get("/o/northwind/").status_code == 200
    assert owner.post(f"{page_of(rui)}remove/").headers["Location"] == f"{BASE}members/"
    assert theirs.get("/o/northwind/").status_code == 404


def test_the_last_owner_cannot_leave_and_others_can(cast, owner, as_person):
    refused = owner.post(f"{BASE}leave/", follow=True)
    assert "keeps at least one owner" in refused.content.decode()
    gone = as_person(cast.billing)
    assert "Leave Northwind?" in gone.get(f"{BASE}leave/").content.decode()
    assert gone.post(f"{BASE}leave/").headers["Location"] == "/organizations/"
    assert gone.get(f"{BASE}members/").status_code == 404


def test_a_team_in_the_browser(cast, owner, rui):
    made = owner.post(f"{BASE}teams/create/", {"name": "Platform"})
    address = made.headers["Location"]
    assert (
        "Another team has that name."
        in owner.post(f"{BASE}teams/create/", {"name": "Platform"}).content.decode()
    )
    owner.post(f"{address}members/", {"membership": rui.pk})
    owner.post(f"{address}rename/", {"name": "Core"})
    cluster, _ = clusters.cluster(cast.northwind, by=cast.owner)
    owner.post(f"{address}grants/", {"cluster": cluster.pk, "namespace": ""})
    html = owner.get(address).content.decode()
    for words in ("Core", "Rui Costa", "prod-eu-west", "all namespaces"):
        assert words in html, words
    with acting_for(cast.northwind):
        place = TeamMember.objects.get()
    assert "Take Rui Costa out of Core?" in owner.get(f"{address}members/{place.pk}/remove/").content.decode()
    owner.post(f"{address}members/{place.pk}/remove/")
    owner.post(f"{address}delete/")
    with acting_for(cast.northwind):
        assert list(Team.objects.all()) == list(TeamMember.objects.all()) == list(Grant.objects.all()) == []


def test_members_of_another_organization_cannot_join_a_team(cast, owner):
    team = accounts.team(cast.northwind)
    olga = accounts.membership_of(cast.elsewhere, cast.outsider)
    html = owner.post(f"{BASE}teams/{team.pk}/members/", {"membership": olga.pk}).content.decode()
    assert "Select a valid choice" in html
    with acting_for(cast.northwind):
        assert list(TeamMember.objects.all()) == []


def test_invite_resend_and_withdraw_in_the_browser(cast, owner):
    invite = f"{BASE}members/invitations/invite/"
    taken = owner.post(invite, {"email": cast.viewer.email, "role": "viewer"}).content.decode()
    assert "That person is a member already." in taken
    assert 'id="id_email_error"' in taken
    owner.post(invite, {"email": "new@northwind.example", "role": "viewer"})
    with acting_for(cast.northwind):
        invitation = Invitation.objects.get()
    address = f"{BASE}members/invitations/{invitation.pk}/"
    again = owner.post(f"{address}resend/", follow=True).content.decode()
    assert "less than 5 minutes ago. Try again later." in again
    with acting_for(cast.northwind):
        Token.objects.update(created_at=clock.now() - timedelta(minutes=6))
    assert "A new link is on its way" in owner.post(f"{address}resend/", follow=True).content.decode()
    assert (
        "Withdraw the invitation to new@northwind.example?" in owner.get(f"{address}revoke/").content.decode()
    )
    assert "No invitations are pending" in owner.post(f"{address}revoke/", follow=True).content.decode()
    assert owner.post(f"{address}resend/").status_code == 404


def test_rename_in_the_browser_and_nothing_else(cast, owner):
    owner.post(f"{BASE}rename/", {"name": "Northwind Traders", "slug": "elsewhere", "id": "1"})
    with acting_for(cast.northwind):
        assert list(Organization.objects.values_list("pk", "name", "slug")) == [
            (cast.northwind.pk, "Northwind Traders", "northwind")
        ]


@pytest.mark.parametrize(
    ("name", "slug", "words"),
    [
        ("", "", "This field is required."),
        ("Acme", "No Good", "Use lower-case letters, digits and hyphens."),
        ("日本", "", "Use lower-case letters, digits and hyphens."),
        ("Acme", "elsewhere", "That short name is taken."),
        ("Acme", "admin", "That short name is taken."),
    ],
)
def test_create_organization_shows_errors_at_the_field(cast, owner, name, slug, words):
    html = owner.post("/organizations/create/", {"name": name, "slug": slug}).content.decode()
    assert words in html
    assert "_error" in html
    assert owner.get("/start/").headers["Location"] == "/o/northwind/"
