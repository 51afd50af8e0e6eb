"""Incidents of which somebody may see only one namespace: other places' words and ends stay others'."""

import pytest

from accounts.models import Grant, Membership
from alerts.domain import incidents
from alerts.models import Incident
from srexpert.tenancy import acting_for
from tests.alerts.test_panels import shown
from tests.factories import alerts as make

LIST = "/o/northwind/incidents/"
DETAIL = f"{LIST}1/"
NODE = "c/x/Node//n3"
FOREIGN = ("is not ready", "kubelet stopped", "drain n3", "vault")


@pytest.fixture
def incident(cast):
    """A node out of reach, a pod within it, a worse one in the same reach, and one in another namespace."""
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        words = {"title": "Node n3 is not ready", "detail": "kubelet stopped", "fix": "drain n3"}
        make.fire(NODE, kind="Node", namespace="", severity="critical", **words)
        make.fire("c/x/Pod/shop/cart-1", cause=NODE, severity="low", title="Pod cart-1 restarts")
        words = {"title": "Pod cart-2 fails", "detail": "it exits with 1", "fix": "kubectl logs cart-2"}
        make.fire("c/x/Pod/shop/cart-2", cause=NODE, severity="high", **words)
        make.fire("c/x/Pod/bank/vault-1", cause=NODE, title="Pod vault-1 fails", namespace="bank")
        return Incident.objects.get()


@pytest.fixture
def client(cast, as_person):
    """The responder's, granted the shop alone."""
    with acting_for(cast.northwind):
        member = Membership.objects.get(user=cast.responder)
        Membership.objects.filter(pk=member.pk).update(whole_organization=False)
        Grant.objects.create(membership=member, cluster_id=make.CLUSTER, namespace="shop")
    return as_person(cast.responder)


@pytest.mark.parametrize("path", [LIST, DETAIL, f"{DETAIL}decisions/", "/o/northwind/"])
def test_pages_quote_nothing_that_is_out_of_reach(cast, incident, client, path):
    page = client.get(path, follow=True).content.decode()

    assert [words for words in FOREIGN if words in page] == []
    assert "INC-1" in page


def test_page_speaks_in_the_words_of_the_worst_alert_in_reach(cast, incident, client):
    answer = client.get(DETAIL)

    seen = answer.context["incident"]
    assert (seen.title, seen.cause, seen.fix) == (
        "Pod cart-2 fails",
        "it exits with 1",
        "kubectl logs cart-2",
    )
    assert [i.title for i in client.get(LIST).context["incidents"]] == ["Pod cart-2 fails"]
    assert answer.context["firing"] == 2
    panels = shown(cast.responder)
    assert panels["alerts/panels/needs_person.html"]["incident"].title == "Pod cart-2 fails"
    assert panels["alerts/panels/open_incidents.html"]["incidents"][0].title == "Pod cart-2 fails"
    with acting_for(cast.northwind):
        assert Incident.objects.get().title == "Node n3 is not ready"


def test_root_in_reach_keeps_its_words(cast, incident, client):
    with acting_for(cast.northwind):
        Grant.objects.create(
            membership=Membership.objects.get(user=cast.responder), cluster_id=make.CLUSTER, namespace=""
        )

    assert client.get(DETAIL).context["incident"].title == "Node n3 is not ready"


def test_lines_that_quote_an_alert_out_of_reach_are_kept_back(cast, client):
    with acting_for(cast.northwind):
        make.fire("c/x/Pod/shop/cart-1", cause="c/x/Pod/bank/vault-1", title="Pod cart-1 fails")
        make.fire(NODE, kind="Node", namespace="", title="Node n3 is not ready")
        make.fire("c/x/Pod/bank/vault-1", cause=NODE, namespace="bank", title="The vault links two incidents")
        number = Incident.objects.open().get().number
        kinds = set(Incident.objects.get(number=number).timeline.values_list("kind", flat=True))
        assert "merged" in kinds
    pages = [client.get(f"{LIST}{number}/"), client.get(f"{LIST}{number}/decisions/")]

    for page in pages:
        assert "links two" not in page.content.decode()
        assert "is not ready" not in page.content.decode()


def test_line_of_a_return_out_of_reach_is_kept_back(cast, incident, client):
    with acting_for(cast.northwind):
        incidents.resolve(incident=incident, by=cast.owner)
        make.fire("c/x/Pod/bank/vault-1", 2, cause=NODE, title="Pod vault-1 fails", namespace="bank",
                  severity="critical")  # fmt: skip
        assert Incident.objects.get().state == "triggered"

    for path in (DETAIL, f"{DETAIL}decisions/"):
        assert "vault" not in client.get(path).content.decode()


def test_acknowledging_needs_only_a_part(cast, incident, client):
    client.post(f"{DETAIL}acknowledge/")

    with acting_for(cast.northwind):
        assert Incident.objects.get().acknowledged_by == cast.responder


def test_ending_and_reopening_need_all_that_fires(cast, incident, client):
    assert "Resolve incident" not in client.get(DETAIL).content.decode()
    refused = client.post(f"{DETAIL}resolve/")
    assert refused.status_code == 403
    assert "INC-1 has alerts outside of the namespaces" in refused.content.decode()
    with acting_for(cast.northwind):
        assert Incident.objects.get().state == "triggered"
        incidents.resolve(incident=incident, by=cast.owner)

    assert "Reopen incident" not in client.get(DETAIL).content.decode()
    assert client.post(f"{DETAIL}reopen/").status_code == 403
    with acting_for(cast.northwind):
        assert Incident.objects.get().state == "resolved"


def test_ending_what_fires_in_reach_alone_is_allowed(cast, incident, client):
    with acting_for(cast.northwind):
        make.clear(NODE)
        make.clear("c/x/Pod/bank/vault-1")
    assert "Resolve incident" in client.get(DETAIL).content.decode()

    client.post(f"{DETAIL}resolve/")

    with acting_for(cast.northwind):
        assert Incident.objects.get().resolved_by == cast.responder
