import pytest
from kubernetes import client, dynamic

from clusters.simulator.apiserver.resources import BUILT_IN
from clusters.simulator.world.platform import agent_role
from tests.clusters.simulator.calling import Caller, eventually


def _served(admin: Caller) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    paths = ["/api/v1"] + [
        f"/apis/{version['groupVersion']}"
        for group in admin.get("/apis")["groups"]
        for version in group["versions"]
    ]
    for path in paths:
        listed = admin.get(path)
        group = listed["groupVersion"].rpartition("/")[0]
        for resource in listed["resources"]:
            found[group, resource["name"]] = resource["verbs"]
    return found


def test_discovery_lists_every_resource_of_the_agent_contract(admin: Caller) -> None:
    served = _served(admin)
    for rule in agent_role()["rules"]:
        for group in rule.get("apiGroups", ()):
            assert {"get", "list"} <= set.intersection(
                *(set(served[group, name]) for name in rule["resources"])
            )


def test_every_listed_resource_can_be_listed(admin: Caller) -> None:
    for (group, name), verbs in _served(admin).items():
        if "list" in verbs:
            version = next(r.version for r in BUILT_IN if r.group == group) if any(
                r.group == group for r in BUILT_IN) else None  # fmt: skip
            if version is not None:
                path = f"/apis/{group}/{version}/{name}" if group else f"/api/v1/{name}"
                assert admin.get(path)["kind"].endswith("List")


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_aggregated_discovery_names_what_the_plain_one_names(admin: Caller, path: str) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    answer = admin.http.get(path, headers={"Accept": accept})
    assert "as=APIGroupDiscoveryList" in answer.headers["Content-Type"]
    plain = _served(admin)
    for group in answer.json()["items"]:
        for version in group["versions"]:
            for resource in version["resources"]:
                assert (group["metadata"].get("name", ""), resource["resource"]) in plain


def test_unserved_places_are_404(admin: Caller) -> None:
    assert (
        admin.request("GET", "/api/v1/nopes").json()["message"]
        == "the server could not find the requested resource"
    )
    unknown = admin.request("GET", "/apis/nope/v1/nopes")
    assert (unknown.status_code, unknown.text) == (404, "404 page not found\n")


def test_definition_serves_its_kind_until_it_is_deleted(admin: Caller) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object"}},
    }
    spec = {"group": "test.example", "scope": "Namespaced", "versions": [version],
            "names": {"plural": "widgets", "kind": "Widget", "singular": "widget"}}  # fmt: skip
    admin.create(path, {"metadata": {"name": "widgets.test.example"}, "spec": spec})
    widgets = "/apis/test.example/v1/namespaces/default/widgets"
    made = admin.create(
        widgets, {"apiVersion": "test.example/v1", "kind": "Widget", "metadata": {"name": "a"}, "size": 3}
    )
    assert (made["size"], admin.get(widgets)["kind"]) == (3, "WidgetList")
    admin.delete(f"{path}/widgets.test.example")
    eventually(lambda: admin.request("GET", widgets).status_code == 404)


def test_official_dynamic_client_discovers(kubernetes_client: client.ApiClient) -> None:
    found = dynamic.DynamicClient(kubernetes_client).resources.get(api_version="apps/v1", kind="Deployment")
    assert len(found.get(namespace="shop").items) == 9


def test_metrics_move_and_stay_within_the_limits(admin: Caller) -> None:
    nodes = admin.items("/apis/metrics.k8s.io/v1beta1/nodes")
    assert [node["metadata"]["name"] for node in nodes] == ["n1", "n2", "n3", "n4", "n5"]
    pods = admin.items("/apis/metrics.k8s.io/v1beta1/namespaces/payments/pods", labelSelector="app=ledger")
    assert len(pods) == 3
    for pod in pods:
        usage = pod["containers"][0]["usage"]
        assert usage["cpu"].endswith("n")
        assert 0 < int(usage["memory"].removesuffix("Ki")) < 2 * 2**20
    one = admin.get(f"/apis/metrics.k8s.io/v1beta1/namespaces/payments/pods/{pods[0]['metadata']['name']}")
    assert one["kind"] == "PodMetrics"
    assert admin.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes/n9").status_code == 404
