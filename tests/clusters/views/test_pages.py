"""Pages of clusters: who sees what, what they cost, how they keep themselves current."""

import pytest
from django.urls import reverse

from accounts.models import Grant, Membership
from clusters.models import AgentToken, Cluster, KindStatus
from srexpert.outbox import dispatch
from srexpert.tenancy import acting_for
from tests.clusters.domain.test_health import node, pod
from tests.factories import clusters as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cluster(cast):
    return make.cluster(cast.northwind)


@pytest.fixture
def agent(cluster):
    agent = make.Agent(cluster[1])
    agent.enrol()
    agent.complete(
        nodes=[node("n1"), node("n2", "Unknown")],
        deployments_apps=[deployment("cart"), deployment("pay", "payments")],
    )
    dispatch.drain()
    return agent


def deployment(name, namespace="shop", image="1.0.0"):
    container = {
        "name": "app",
        "image": f"registry.example/{name}:{image}",
        "env": [{"name": "KEY", "value": "swordfish"}],
    }
    raw = make.body("deployments.apps", name, namespace, replicas=2, selector={"matchLabels": {"app": name}},
                    template={"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}})  # fmt: skip
    raw["status"] = {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2}
    return raw


def url(name, *args):
    return reverse(f"clusters:{name}", args=["northwind", *args])


def test_fleet_shows_state_findings_and_age(cast, agent, as_person):
    page = as_person(cast.viewer).get(url("fleet"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "prod-eu-west" in text
    assert "Failing" in text


def test_fleet_without_a_cluster_teaches_the_next_step_to_who_may_take_it(cast, as_person):
    assert url("cluster-connect") in as_person(cast.owner).get(url("fleet")).content.decode()
    assert url("cluster-connect") not in as_person(cast.viewer).get(url("fleet")).content.decode()


def test_pages_do_not_exist_for_an_outsider(cast, cluster, agent, as_person):
    outsider = as_person(cast.outsider)
    pk = cluster[0].pk
    for address in (
        url("fleet"),
        url("cluster-list"),
        url("cluster-detail", pk),
        url("object-detail", pk, "Deployment", "shop", "cart"),
        reverse("clusters:cluster-detail", args=["elsewhere", pk]),
    ):
        response = outsider.get(address)
        assert response.status_code == 404, address
        assert b"prod-eu-west" not in response.content


def test_connect_shows_the_token_once(cast, as_person):
    owner = as_person(cast.owner)
    shown = owner.post(url("cluster-connect"), {"name": "staging"}).content.decode()
    with acting_for(cast.northwind):
        made = Cluster.objects.get(name="staging")
    assert "sre_agent_" in shown
    assert "sre_agent_" not in owner.get(url("cluster-await", made.pk)).content.decode()


@pytest.mark.parametrize(
    ("name", "error"),
    [("", "required"), ("prod eu", "letters, digits"), ("prod-eu-west", "has that name"), ("x" * 64, "63")],
)
def test_connect_refuses_a_bad_name_and_keeps_what_was_typed(cast, cluster, as_person, name, error):
    response = as_person(cast.owner).post(url("cluster-connect"), {"name": name}).content.decode()
    assert error in response
    assert f'value="{name}"' in response or not name
    with acting_for(cast.northwind):
        assert Cluster.objects.count() == 1


def test_connect_needs_an_administrator(cast, as_person):
    for person in (cast.responder, cast.viewer, cast.auditor, cast.billing):
        assert as_person(person).post(url("cluster-connect"), {"name": "x"}).status_code == 403
    with acting_for(cast.northwind):
        assert Cluster.objects.count() == 0


def test_waiting_page_tells_how_far_the_first_contact_has_come(cast, cluster, as_person):
    owner = as_person(cast.owner)
    address = url("cluster-await", cluster[0].pk)
    assert "Waiting for your agent" in owner.get(address).content.decode()
    agent = make.Agent(cluster[1])
    agent.enrol()
    assert "The agent is here" in owner.get(address).content.decode()
    agent.complete()
    assert "Connected" in owner.get(address).content.decode()


def test_another_token_can_be_issued_while_the_first_lives(cast, cluster, as_person):
    response = as_person(cast.admin).post(url("cluster-issue-token", cluster[0].pk))
    assert "sre_agent_" in response.content.decode()
    with acting_for(cast.northwind):
        assert AgentToken.objects.count() == 2


def test_revoked_token_is_refused_and_listed_no_more(cast, cluster, agent, as_person):
    owner = as_person(cast.owner)
    with acting_for(cast.northwind):
        token = AgentToken.objects.get()
    address = url("cluster-revoke-token", cluster[0].pk, token.pk)
    assert address in owner.get(url("cluster-await", cluster[0].pk)).content.decode()
    assert as_person(cast.viewer).post(address).status_code == 403
    assert agent.delta().status_code == 200
    assert owner.post(address).status_code == 302
    assert agent.delta().status_code == 401
    assert address not in owner.get(url("cluster-await", cluster[0].pk)).content.decode()


def test_connect_twice_at_once_names_the_field(cast, as_person, monkeypatch):
    monkeypatch.setattr(
        "clusters.forms.cluster.ClusterForm.clean_name", lambda form: form.cleaned_data["name"]
    )
    owner = as_person(cast.owner)
    owner.post(url("cluster-connect"), {"name": "staging"})
    again = owner.post(url("cluster-connect"), {"name": "staging"})
    assert "has that name" in again.content.decode()


@pytest.mark.parametrize("address", ["/o/northwind/?kind=%00", "/o/northwind/clusters/%00/"])
def test_address_with_a_nul_is_refused(cast, as_person, address):
    assert as_person(cast.viewer).get(address).status_code == 400


def test_cluster_page_lists_roots_and_objects(cast, cluster, agent, as_person):
    text = as_person(cast.viewer).get(url("cluster-detail", cluster[0].pk)).content.decode()
    assert "Node n2" in text
    assert ">cart<" in text
    assert ">pay<" in text


def test_cluster_page_filters_by_the_address(cast, cluster, agent, as_person):
    viewer = as_person(cast.viewer)
    text = viewer.get(url("cluster-detail", cluster[0].pk) + "?namespace=payments").content.decode()
    assert ">pay<" in text
    assert ">cart<" not in text
    text = viewer.get(url("cluster-detail", cluster[0].pk) + "?kind=Node").content.decode()
    assert ">n1<" in text
    assert ">pay<" not in text


def test_cluster_page_survives_a_made_up_cursor(cast, cluster, agent, as_person):
    viewer = as_person(cast.viewer)
    for cursor in ("nonsense", "WyJhIl0", "WzEsMiwzLCJ4Il0", "é"):
        assert viewer.get(url("cluster-detail", cluster[0].pk), {"after": cursor}).status_code in {200, 302}


def test_cluster_page_names_what_the_agent_may_not_see(cast, cluster, agent, as_person):
    with acting_for(cast.northwind):
        KindStatus.objects.filter(resource="pods").update(status="not_permitted", reason="pods is forbidden")
    text = as_person(cast.viewer).get(url("cluster-detail", cluster[0].pk)).content.decode()
    assert "Not permitted" in text
    assert "pods is forbidden" in text


def test_object_page_shows_the_change_and_never_a_value(cast, cluster, agent, as_person):
    agent.delta(("deployments.apps", deployment("cart", image="1.0.1")))
    text = (
        as_person(cast.viewer)
        .get(url("object-detail", cluster[0].pk, "Deployment", "shop", "cart"))
        .content.decode()
    )
    assert "1.0.0 → 1.0.1" in text
    assert "swordfish" not in text
    assert "kept in the cluster" in text
    assert "kubectl describe deployment cart -n shop" in text


def test_object_page_of_nothing_is_404(cast, cluster, agent, as_person):
    viewer = as_person(cast.viewer)
    for place in (("Deployment", "shop", "ghost"), ("Deployment", "-", "cart"), ("Secret", "shop", "cart")):
        assert viewer.get(url("object-detail", cluster[0].pk, *place)).status_code == 404


def test_grant_of_a_namespace_shows_that_namespace_only(cast, cluster, agent, as_person):
    with acting_for(cast.northwind):
        membership = Membership.objects.get(user=cast.viewer)
        membership.whole_organization = False
        membership.save()
        Grant.objects.create(membership=membership, cluster_id=cluster[0].pk, namespace="shop")
    viewer = as_person(cast.viewer)
    text = viewer.get(url("cluster-detail", cluster[0].pk)).content.decode()
    assert ">cart<" in text
    assert ">pay<" not in text
    assert "Node n2" not in text
    assert viewer.get(url("object-detail", cluster[0].pk, "Deployment", "shop", "cart")).status_code == 200
    for hidden in (("Deployment", "payments", "pay"), ("Node", "-", "n2")):
        assert viewer.get(url("object-detail", cluster[0].pk, *hidden)).status_code == 404


def test_member_without_any_grant_sees_no_cluster(cast, cluster, agent, as_person):
    with acting_for(cast.northwind):
        Membership.objects.filter(user=cast.viewer).update(whole_organization=False)
    viewer = as_person(cast.viewer)
    assert b"prod-eu-west" not in viewer.get(url("fleet")).content
    assert viewer.get(url("cluster-detail", cluster[0].pk)).status_code == 404


def test_live_region_answers_204_until_something_changes(cast, cluster, agent, as_person):
    viewer = as_person(cast.viewer)
    address = url("cluster-detail", cluster[0].pk)
    headers = {"HX-Request": "true", "HX-Target": "cluster-live"}
    first = viewer.get(address, headers=headers)
    assert b"<html" not in first.content
    again = viewer.get(address, headers={**headers, "X-Live": first["X-Live"]})
    assert (again.status_code, again.content) == (204, b"")
    agent.delta(("nodes", node("n2")))
    dispatch.drain()
    changed = viewer.get(address, headers={**headers, "X-Live": first["X-Live"]})
    assert changed.status_code == 200
    assert b"Node n2" not in changed.content


def test_pages_of_a_logged_in_person_are_not_stored(cast, cluster, as_person):
    assert as_person(cast.viewer).get(url("fleet"))["Cache-Control"] == "no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_fleet_costs_the_same_for_one_cluster_or_three(cast, as_person, django_assert_num_queries, count):
    for number in range(count):
        agent = make.Agent(make.cluster(cast.northwind, f"c{number}")[1], cluster_uid=f"uid-{number}")
        agent.enrol()
        agent.complete(nodes=[node("n1", "Unknown")])
    dispatch.drain()
    viewer = as_person(cast.viewer)
    viewer.get(url("fleet"))
    with django_assert_num_queries(FLEET_QUERIES):
        viewer.get(url("fleet"))


@pytest.mark.parametrize("count", [1, 3])
def test_cluster_page_costs_the_same_for_one_object_or_three(
    cast, cluster, as_person, django_assert_num_queries, count
):
    agent = make.Agent(cluster[1])
    agent.enrol()
    agent.complete(
        nodes=[node(f"n{number}", "Unknown") for number in range(count)],
        deployments_apps=[deployment(f"d{number}") for number in range(count)],
        pods=[pod(f"p{number}", ready=True) for number in range(count)],
    )
    dispatch.drain()
    viewer = as_person(cast.viewer)
    viewer.get(url("cluster-detail", cluster[0].pk))
    with django_assert_num_queries(CLUSTER_QUERIES):
        viewer.get(url("cluster-detail", cluster[0].pk))


FLEET_QUERIES = 20
CLUSTER_QUERIES = 18
