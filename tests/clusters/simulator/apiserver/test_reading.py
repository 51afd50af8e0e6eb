import pytest
from kubernetes import client

from clusters.simulator.simulation import Simulation
from tests.clusters.simulator.calling import Caller, config_map, named

MAPS = "/api/v1/namespaces/default/configmaps"


def test_get_of_a_missing_object_is_a_status(admin: Caller) -> None:
    answer = admin.request("GET", "/apis/apps/v1/namespaces/default/deployments/nope")
    assert answer.status_code == 404
    assert answer.json() == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 404, "reason": "NotFound",
        "message": 'deployments.apps "nope" not found', "details": {"name": "nope", "group": "apps", "kind": "deployments"},
    }  # fmt: skip


def test_list_takes_label_and_field_selectors(admin: Caller) -> None:
    pods = admin.items("/api/v1/pods", labelSelector="app in (auth,orders)", fieldSelector="spec.nodeName=n3")
    assert sorted(pod["metadata"]["labels"]["app"] for pod in pods) == ["auth", "orders"]
    assert named(admin.items("/api/v1/nodes", fieldSelector="metadata.name=n2")) == ["n2"]


@pytest.mark.parametrize(
    "query",
    [{"labelSelector": "a b c"}, {"fieldSelector": "spec.foo=x"}, {"limit": "x"}, {"continue": "zzz"}],
)
def test_list_refuses_unreadable_parameters(admin: Caller, query: dict[str, str]) -> None:
    answer = admin.request("GET", "/api/v1/pods", **query)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


def test_pages_stay_at_the_version_of_the_first_one(admin: Caller) -> None:
    for name in ("page-a", "page-b", "page-c", "page-d", "page-e"):
        admin.create(MAPS, config_map(name))
    first = admin.get(MAPS, limit=2)
    assert named(first["items"]) == ["page-a", "page-b"]
    assert first["metadata"]["remainingItemCount"] == 3
    admin.delete(f"{MAPS}/page-c")
    admin.create(MAPS, config_map("page-cc"))
    admin.patch(f"{MAPS}/page-d", {"data": {"changed": "yes"}})
    rest = admin.get(MAPS, limit=10, **{"continue": first["metadata"]["continue"]})
    assert named(rest["items"]) == ["page-c", "page-d", "page-e"]
    assert rest["items"][1]["data"] == {}
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert "continue" not in rest["metadata"]
    assert named(admin.items(MAPS)) == ["page-a", "page-b", "page-cc", "page-d", "page-e"]


def test_pages_with_a_selector_hold_only_what_it_keeps(admin: Caller) -> None:
    seen, token = [], ""
    while True:
        page = admin.get("/api/v1/pods", limit=2, labelSelector="app=orders", **{"continue": token})
        assert len(page["items"]) == 2
        seen += named(page["items"])
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert len(set(seen)) == 4


def test_continue_of_a_forgotten_version_is_410_and_offers_to_go_on(admin: Caller) -> None:
    first = admin.get("/api/v1/pods", limit=70)
    admin.request("POST", "/_sim/compact")
    refused = admin.request("GET", "/api/v1/pods", limit=70, **{"continue": first["metadata"]["continue"]})
    assert (refused.status_code, refused.json()["reason"]) == (410, "Expired")
    rest = admin.get("/api/v1/pods", **{"continue": refused.json()["metadata"]["continue"]})
    assert len({pod["metadata"]["uid"] for pod in first["items"] + rest["items"]}) == len(
        admin.items("/api/v1/pods")
    )


def test_exact_list_of_an_older_version_shows_that_version(admin: Caller) -> None:
    admin.create(MAPS, config_map("exact", a="1"))
    version = admin.get(MAPS)["metadata"]["resourceVersion"]
    admin.patch(f"{MAPS}/exact", {"data": {"a": "2"}})
    listed = admin.items(
        MAPS, resourceVersion=version, resourceVersionMatch="Exact", fieldSelector="metadata.name=exact"
    )
    assert listed[0]["data"] == {"a": "1"}


def test_list_of_a_future_version_is_refused(admin: Caller) -> None:
    answer = admin.request("GET", "/api/v1/pods", resourceVersion="99999999")
    assert (answer.status_code, answer.json()["details"]["causes"][0]["reason"]) == (
        504,
        "ResourceVersionTooLarge",
    )
    assert answer.headers["Retry-After"] == "1"


def test_metadata_only_lists_carry_no_data(admin: Caller) -> None:
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    listed = admin.http.get("/api/v1/namespaces/shop/secrets", headers={"Accept": accept}).json()
    assert (listed["kind"], listed["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert named(listed["items"]) == ["checkout-db", "shop-tls"]
    assert all(set(item) == {"kind", "apiVersion", "metadata"} for item in listed["items"])


def test_table_lists_carry_names_and_ages(admin: Caller) -> None:
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    table = admin.http.get("/api/v1/nodes", headers={"Accept": accept}).json()
    names = [column["name"] for column in table["columnDefinitions"]]
    assert (names[0], names[-1]) == ("Name", "Age")
    assert [row["cells"][:2] for row in table["rows"]] == [[f"n{number}", "Ready"] for number in range(1, 6)]


def test_events_are_shown_in_both_groups(admin: Caller) -> None:
    admin.create("/apis/apps/v1/namespaces/default/replicasets", {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "told"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "told"}}, "template": {
            "metadata": {"labels": {"app": "told"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}},
    })  # fmt: skip
    selector = "reason=SuccessfulCreate,involvedObject.name=told"
    while not (old := admin.items("/api/v1/namespaces/default/events", fieldSelector=selector)):
        pass
    new = admin.items("/apis/events.k8s.io/v1/namespaces/default/events", fieldSelector=selector)
    assert named(old) == named(new)
    assert new[0]["apiVersion"] == "events.k8s.io/v1"
    assert new[0]["note"] == old[0]["message"]
    assert new[0]["regarding"] == old[0]["involvedObject"]
    assert {"message", "involvedObject", "count"} & set(new[0]) == set()


def test_official_client_reads_every_kind_of_the_shop(
    simulation: Simulation, kubernetes_client: client.ApiClient
) -> None:
    assert len(client.AppsV1Api(kubernetes_client).list_deployment_for_all_namespaces().items) == 17
    assert len(client.CoreV1Api(kubernetes_client).list_namespaced_pod("payments", limit=500).items) == 18
    assert (
        len(client.PolicyV1Api(kubernetes_client).list_pod_disruption_budget_for_all_namespaces().items) == 17
    )
    assert len(client.DiscoveryV1Api(kubernetes_client).list_namespaced_endpoint_slice("shop").items) == 9
    version = client.VersionApi(kubernetes_client).get_code()
    assert version.git_version == "v1.35.4"
