"""The pages of incidents: what they show, to whom, and what their buttons do."""

import pytest
from django.urls import reverse

from accounts.models import Grant, Membership
from alerts.domain import incidents
from alerts.models import Incident
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.factories import alerts as make

LIST = "/o/northwind/incidents/"
DETAIL = f"{LIST}1/"
POSTS = ["acknowledge", "resolve", "reopen", "comments"]
READERS = [Role.OWNER, Role.ADMIN, Role.RESPONDER, Role.VIEWER, Role.AUDITOR]
OPERATORS = [Role.OWNER, Role.ADMIN, Role.RESPONDER]


@pytest.fixture
def incident(cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder], [cast.admin])
        return make.fire(
            "c/nodes/Node//n3",
            kind="Node",
            namespace="",
            severity="critical",
            title="Node n3 is not ready",
            detail="kubelet stopped posting status",
            fix="Look at the node: kubectl describe node n3. Then cordon it.",
        )


def rows() -> list[dict]:
    return list(Incident.objects.values("state", "acknowledged_by", "resolved_by"))


def test_list_shows_open_incidents_the_worst_first(cast, incident, as_person):
    with acting_for(cast.northwind):
        make.fire("low", severity="low", title="A small thing")
        make.fire("high", severity="high", title="A big thing")
        incidents.resolve(incident=make.fire("over", title="A thing of the past"), by=cast.owner)

    page = as_person(cast.viewer).get(LIST).content.decode()

    assert "A thing of the past" not in page
    places = [page.index(title) for title in ("Node n3 is not ready", "A big thing", "A small thing")]
    assert places == sorted(places)


def test_list_is_filtered_by_what_is_in_its_address(cast, incident, as_person):
    with acting_for(cast.northwind):
        incidents.resolve(incident=make.fire("over", severity="low", title="Over"), by=cast.owner)
    client = as_person(cast.viewer)

    assert "Node n3" not in client.get(f"{LIST}?state=resolved").content.decode()
    assert "Over" in client.get(f"{LIST}?state=all&severity=low").content.decode()
    assert "No incident matches" in client.get(f"{LIST}?state=acknowledged").content.decode()
    assert client.get(f"{LIST}?after=nonsense").status_code == 302


def test_list_loads_further_pages_by_their_key(cast, as_person, monkeypatch):
    with acting_for(cast.northwind):
        for n in range(55):
            make.fire(f"pod-{n}", title=f"Pod {n:02} fails")
    client = as_person(cast.viewer)

    first = client.get(LIST)
    after = first.context["next_url"]
    second = client.get(after)

    assert len(first.context["incidents"]) == 50
    assert [i.title for i in second.context["incidents"]] == [f"Pod {n} fails" for n in range(50, 55)]
    assert second.context["next_url"] == ""


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_it_shows(cast, as_person, count, django_assert_num_queries):
    with acting_for(cast.northwind):
        for n in range(count):
            make.fire(f"pod-{n}")
    client = as_person(cast.viewer)
    client.get(LIST)

    with django_assert_num_queries(12):
        client.get(LIST)


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_whatever_it_shows(cast, as_person, count, django_assert_num_queries):
    with acting_for(cast.northwind):
        make.policy([cast.responder], [cast.admin])
        make.fire("node")
        for n in range(count):
            make.fire(f"pod-{n}", cause="node")
    client = as_person(cast.responder)
    client.get(DETAIL)

    with django_assert_num_queries(17):
        client.get(DETAIL)


def test_page_answers_what_why_and_what_to_do(cast, incident, as_person):
    with acting_for(cast.northwind):
        make.fire("c/pods/Pod/shop/cart-1", cause="c/nodes/Node//n3", title="Pod cart-1 is on a lost node")

    page = as_person(cast.responder).get(DETAIL).content.decode()

    for words in [
        "INC-1",
        "Critical",
        "Triggered",
        "kubelet stopped posting status",
        "kubectl describe node n3",
        "Pod cart-1 is on a lost node",
        "policy &#x27;Default&#x27; applies",
        "Acknowledge incident",
        "Escalates to Rui Costa",
    ]:
        assert words in page, words


def test_fragment_is_answered_alone_and_not_again_while_unchanged(cast, incident, as_person):
    client = as_person(cast.responder)
    headers = {"HX-Request": "true", "HX-Target": "incident-live"}

    first = client.get(DETAIL, headers=headers)

    assert "<html" not in first.content.decode()
    assert "hx-swap-oob" in first.content.decode()
    assert first.headers["X-Live"]


@pytest.mark.parametrize("role", OPERATORS)
def test_acknowledge_by_an_operator_takes_it(cast, incident, as_person, role):
    person = cast.people[role]

    answer = as_person(person).post(f"{DETAIL}acknowledge/", follow=True)

    assert "INC-1 is yours" in answer.content.decode()
    with acting_for(cast.northwind):
        assert Incident.objects.get().acknowledged_by == person


def test_acknowledge_of_what_another_has_says_so(cast, incident, as_person):
    with acting_for(cast.northwind):
        incidents.acknowledge(incident=incident, by=cast.admin)

    answer = as_person(cast.responder).post(f"{DETAIL}acknowledge/", follow=True)

    assert "INC-1 is with Ivo Mendes already. Nothing was changed." in answer.content.decode()


def test_resolve_reopen_and_comment_do_what_they_say(cast, incident, as_person):
    client = as_person(cast.responder)

    client.post(f"{DETAIL}resolve/")
    with acting_for(cast.northwind):
        assert Incident.objects.get().resolved_by == cast.responder
    client.post(f"{DETAIL}reopen/")
    with acting_for(cast.northwind):
        assert Incident.objects.get().state == "triggered"
    client.post(f"{DETAIL}comments/", {"text": "<b>rolled back</b>"})

    assert "&lt;b&gt;rolled back&lt;/b&gt;" in client.get(DETAIL).content.decode()


def test_comment_without_words_is_refused_at_the_field(cast, incident, as_person):
    answer = as_person(cast.responder).post(f"{DETAIL}comments/", {"text": " "})

    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role not in OPERATORS])
@pytest.mark.parametrize("verb", POSTS)
def test_role_without_permission_is_refused_and_changes_nothing(cast, incident, as_person, role, verb):
    with acting_for(cast.northwind):
        before = rows()

    answer = as_person(cast.people[role]).post(f"{DETAIL}{verb}/", {"text": "mine"})

    assert answer.status_code == 403
    with acting_for(cast.northwind):
        assert rows() == before
        assert not incident.timeline.filter(kind="comment").exists()


def test_billing_sees_no_incidents(cast, incident, as_person):
    client = as_person(cast.billing)
    assert [client.get(url).status_code for url in (LIST, DETAIL)] == [403, 403]


@pytest.mark.parametrize("path", ["", "1/", "1/decisions/"])
def test_outsider_finds_nothing(cast, incident, as_person, path):
    assert as_person(cast.outsider).get(f"{LIST}{path}").status_code == 404
    assert as_person(cast.outsider).get(f"/o/elsewhere/incidents/{path}").status_code == (
        404 if path else 200
    )


@pytest.mark.parametrize("verb", POSTS)
def test_outsider_can_do_nothing(cast, incident, as_person, verb):
    with acting_for(cast.northwind):
        before = rows()
    client = as_person(cast.outsider)

    for organization in ("northwind", "elsewhere"):
        answer = client.post(f"/o/{organization}/incidents/1/{verb}/", {"text": "mine"})
        assert answer.status_code == 404
    with acting_for(cast.northwind):
        assert rows() == before


def test_nobody_logged_in_is_sent_to_the_log_in(db, client):
    assert reverse("account_login") in client.get(DETAIL).url


def test_member_with_one_namespace_sees_only_incidents_in_it(cast, incident, as_person):
    with acting_for(cast.northwind):
        make.fire("c/pods/Pod/shop/cart-1", cause="c/nodes/Node//n3", title="Pod cart-1 fails")
        make.fire(
            "c/pods/Pod/bank/vault-1", cause="c/nodes/Node//n3", title="Pod vault-1 fails", namespace="bank"
        )
        make.fire("c/pods/Pod/bank/vault-2", title="Pod vault-2 fails", namespace="bank")
        member = Membership.objects.get(user=cast.responder)
        Membership.objects.filter(pk=member.pk).update(whole_organization=False)
        Grant.objects.create(membership=member, cluster_id=make.CLUSTER, namespace="shop")
    client = as_person(cast.responder)

    listed = client.get(LIST)
    page = client.get(DETAIL).content.decode()
    trail = client.get(f"{DETAIL}decisions/").content.decode()

    assert [i.number for i in listed.context["incidents"]] == [1]
    assert "cart-1" in page
    assert "vault-1" not in page
    assert "vault-1" not in trail
    assert client.get(f"{LIST}2/").status_code == 404
    assert client.post(f"{LIST}2/acknowledge/").status_code == 404


def test_resolving_what_still_fails_asks_first(cast, incident, as_person):
    client = as_person(cast.responder)
    client.post(f"{DETAIL}acknowledge/")
    page = client.get(DETAIL).content.decode()
    assert f'href="{DETAIL}resolve/" data-dialog' in page
    assert f'action="{DETAIL}resolve/"' not in page
    asked = client.get(f"{DETAIL}resolve/").content.decode()
    assert "although it still fails" in asked
    with acting_for(cast.northwind):
        assert Incident.objects.get().state == "acknowledged"
