from typing import Any

import pytest

from tests.clusters.simulator.calling import (
    JSON_PATCH,
    STRATEGIC,
    Caller,
    config_map,
    deployment,
    eventually,
    named,
)

MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def test_create_fills_in_what_the_server_decides(admin: Caller) -> None:
    made = admin.create(DEPLOYMENTS, deployment("filled"), fieldManager="argocd")
    metadata = made["metadata"]
    assert {"uid", "resourceVersion", "creationTimestamp"} <= set(metadata)
    assert metadata["generation"] == 1
    assert [(e["manager"], e["operation"]) for e in metadata["managedFields"]] == [("argocd", "Update")]
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": "25%"}
    assert made["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


def test_create_of_a_taken_name_is_409(admin: Caller) -> None:
    admin.create(MAPS, config_map("taken"))
    answer = admin.request("POST", MAPS, config_map("taken"))
    assert (answer.status_code, answer.json()["reason"]) == (409, "AlreadyExists")


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ({"kind": "ConfigMap", "apiVersion": "v1"}, 422, "Invalid"),
        ({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}}, 400, "BadRequest"),
        ({"metadata": {"name": "A_b"}}, 422, "Invalid"),
        ({"metadata": {"name": "a", "namespace": "other"}}, 400, "BadRequest"),
        ("text", 400, "BadRequest"),
    ],
)
def test_create_refuses_what_does_not_fit(admin: Caller, body: Any, code: int, reason: str) -> None:
    answer = admin.request("POST", MAPS, body)
    assert (answer.status_code, answer.json()["reason"], answer.json()["code"]) == (code, reason, code)


def test_update_with_an_old_version_is_409_and_changes_nothing(admin: Caller) -> None:
    made = admin.create(MAPS, config_map("stale", a="1"))
    current = admin.patch(f"{MAPS}/stale", {"data": {"a": "2"}})
    made["data"]["a"] = "3"
    answer = admin.request("PUT", f"{MAPS}/stale", made)
    assert answer.status_code == 409
    assert answer.json()["message"].startswith(
        'Operation cannot be fulfilled on configmaps "stale": the object has'
    )
    assert admin.get(f"{MAPS}/stale") == current


def test_update_without_a_version_is_taken(admin: Caller) -> None:
    admin.create(MAPS, config_map("blind"))
    answer = admin.request("PUT", f"{MAPS}/blind", config_map("blind", a="1"))
    assert (answer.status_code, answer.json()["data"]) == (200, {"a": "1"})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/merge-patch+json", {"data": {"a": None, "c": "3"}}),
        (JSON_PATCH, [{"op": "remove", "path": "/data/a"}, {"op": "add", "path": "/data/c", "value": "3"}]),
        (STRATEGIC, {"data": {"a": None, "c": "3"}}),
    ],
)
def test_patch_takes_three_formats(admin: Caller, kind: str, body: Any) -> None:
    name = f"patched-{len(kind)}"
    admin.create(MAPS, config_map(name, a="1", b="2"))
    assert admin.patch(f"{MAPS}/{name}", body, kind)["data"] == {"b": "2", "c": "3"}


def test_patch_of_another_format_is_415(admin: Caller) -> None:
    admin.create(MAPS, config_map("typed"))
    answer = admin.request("PATCH", f"{MAPS}/typed", {}, "text/plain")
    assert (answer.status_code, answer.json()["reason"]) == (415, "UnsupportedMediaType")


def test_apply_creates_and_then_changes(admin: Caller) -> None:
    query = {"fieldManager": "argocd"}
    made = admin.request(
        "PATCH", f"{MAPS}/applied", config_map("applied", a="1"), "application/apply-patch+yaml", **query
    )
    assert made.status_code == 201
    again = admin.request(
        "PATCH", f"{MAPS}/applied", config_map("applied", a="2"), "application/apply-patch+yaml", **query
    )
    assert (again.status_code, again.json()["data"]) == (200, {"a": "2"})
    assert [entry["operation"] for entry in again.json()["metadata"]["managedFields"]] == ["Apply"]


def test_dry_run_answers_as_if_and_stores_nothing(admin: Caller) -> None:
    before = admin.create(MAPS, config_map("dry", a="1"))
    assert admin.patch(f"{MAPS}/dry", {"data": {"a": "2"}}, dryRun="All")["data"] == {"a": "2"}
    assert admin.create(MAPS, config_map("dry-new"), dryRun="All")["metadata"]["name"] == "dry-new"
    admin.delete(f"{MAPS}/dry", dryRun="All")
    assert admin.get(f"{MAPS}/dry") == before
    assert admin.request("GET", f"{MAPS}/dry-new").status_code == 404
    assert (
        admin.request("PATCH", f"{MAPS}/dry", {}, "application/merge-patch+json", dryRun="Some").status_code
        == 422
    )


def test_status_and_spec_are_written_apart(admin: Caller) -> None:
    path = "/apis/cert-manager.io/v1/namespaces/default/certificates"
    kind = {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "tls"}}
    made = admin.create(path, {**kind, "spec": {"secretName": "tls"}, "status": {"revision": 9}})
    assert "status" not in made
    told = admin.patch(f"{path}/tls/status", {"status": {"revision": 1}, "spec": {"secretName": "other"}})
    assert (told["spec"], told["status"]) == ({"secretName": "tls"}, {"revision": 1})
    assert told["metadata"]["generation"] == 1
    changed = admin.patch(f"{path}/tls", {"status": {"revision": 2}, "spec": {"secretName": "other"}})
    assert (changed["spec"], changed["status"]) == ({"secretName": "other"}, {"revision": 1})
    assert changed["metadata"]["generation"] == 2


def test_scale_changes_the_replicas_alone(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("scaled"))
    scale = admin.get(f"{DEPLOYMENTS}/scaled/scale")
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        "Scale",
        {"replicas": 2},
        "app=scaled",
    )
    assert admin.patch(f"{DEPLOYMENTS}/scaled/scale", {"spec": {"replicas": 3}})["spec"] == {"replicas": 3}
    assert admin.get(f"{DEPLOYMENTS}/scaled")["spec"]["replicas"] == 3
    refused = admin.request(
        "PATCH", f"{DEPLOYMENTS}/scaled/scale", {"spec": {"replicas": -1}}, "application/merge-patch+json"
    )
    assert (refused.status_code, refused.json()["details"]["kind"]) == (422, "Scale")


def test_scale_with_an_old_version_is_409(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("scaled-late"))
    scale = admin.get(f"{DEPLOYMENTS}/scaled-late/scale")
    admin.patch(f"{DEPLOYMENTS}/scaled-late", {"metadata": {"labels": {"a": "b"}}})
    scale["spec"]["replicas"] = 5
    assert admin.request("PUT", f"{DEPLOYMENTS}/scaled-late/scale", scale).status_code == 409


def test_selector_of_a_deployment_cannot_change(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("fixed"))
    answer = admin.request("PATCH", f"{DEPLOYMENTS}/fixed", {"spec": {"selector": {"matchLabels": {"a": "b"}}}},
                           "application/merge-patch+json")  # fmt: skip
    causes = {cause["field"]: cause["message"] for cause in answer.json()["details"]["causes"]}
    assert answer.status_code == 422
    assert causes["spec.selector"].endswith("field is immutable")


def test_delete_in_the_background_takes_the_owned_along(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("gone"))
    eventually(lambda: admin.get(f"{DEPLOYMENTS}/gone")["status"].get("readyReplicas") == 2)
    done = admin.delete(f"{DEPLOYMENTS}/gone")
    assert (done["kind"], done["status"], done["details"]["kind"]) == ("Status", "Success", "deployments")
    eventually(lambda: not admin.items("/api/v1/namespaces/default/pods", labelSelector="app=gone"))
    assert admin.items("/apis/apps/v1/namespaces/default/replicasets", labelSelector="app=gone") == []


def test_delete_in_the_foreground_keeps_the_owner_until_the_owned_are_gone(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("front"))
    eventually(lambda: admin.get(f"{DEPLOYMENTS}/front")["status"].get("readyReplicas") == 2)
    marked = admin.delete(f"{DEPLOYMENTS}/front", {"propagationPolicy": "Foreground"})
    assert marked["metadata"]["finalizers"] == ["foregroundDeletion"]
    eventually(lambda: admin.request("GET", f"{DEPLOYMENTS}/front").status_code == 404)
    assert admin.items("/apis/apps/v1/namespaces/default/replicasets", labelSelector="app=front") == []


def test_delete_that_orphans_leaves_the_owned(admin: Caller) -> None:
    admin.create(DEPLOYMENTS, deployment("parent"))
    eventually(lambda: admin.get(f"{DEPLOYMENTS}/parent")["status"].get("readyReplicas") == 2)
    admin.delete(f"{DEPLOYMENTS}/parent", propagationPolicy="Orphan")
    eventually(lambda: admin.request("GET", f"{DEPLOYMENTS}/parent").status_code == 404)
    left = admin.items("/apis/apps/v1/namespaces/default/replicasets", labelSelector="app=parent")
    assert [rs["metadata"].get("ownerReferences") for rs in left] == [None]


def test_delete_with_a_wrong_uid_is_409(admin: Caller) -> None:
    admin.create(MAPS, config_map("kept"))
    answer = admin.request("DELETE", f"{MAPS}/kept", {"preconditions": {"uid": "x"}})
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    assert admin.get(f"{MAPS}/kept")["metadata"]["name"] == "kept"


def test_delete_of_a_collection_takes_what_the_selector_keeps(admin: Caller) -> None:
    for name in ("many-1", "many-2"):
        admin.create(MAPS, {**config_map(name), "metadata": {"name": name, "labels": {"many": "yes"}}})
    assert named(admin.delete(MAPS, labelSelector="many=yes")["items"]) == ["many-1", "many-2"]
    assert admin.items(MAPS, labelSelector="many=yes") == []


def test_deleted_namespace_empties_and_goes(admin: Caller) -> None:
    admin.create("/api/v1/namespaces", {"metadata": {"name": "short-lived"}})
    admin.create("/api/v1/namespaces/short-lived/configmaps", config_map("inside"))
    assert admin.delete("/api/v1/namespaces/short-lived")["status"]["phase"] == "Terminating"
    eventually(lambda: admin.request("GET", "/api/v1/namespaces/short-lived").status_code == 404)
    assert (
        admin.request("POST", "/api/v1/namespaces/short-lived/configmaps", config_map("late")).status_code
        == 404
    )


def test_eviction_respects_the_budget(admin: Caller) -> None:
    pods = named(admin.items("/api/v1/namespaces/payments/pods", labelSelector="app=invoicing"))
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pods[0]}}
    admin.create(f"/api/v1/namespaces/payments/pods/{pods[0]}/eviction", eviction)
    refused = admin.request("POST", f"/api/v1/namespaces/payments/pods/{pods[1]}/eviction",
                            {**eviction, "metadata": {"name": pods[1]}})  # fmt: skip
    assert (refused.status_code, refused.json()["reason"]) == (429, "TooManyRequests")
    assert refused.json()["details"]["causes"][0]["reason"] == "DisruptionBudget"
    eventually(lambda: pods[0] not in named(admin.items("/api/v1/namespaces/payments/pods")))
    assert pods[1] in named(admin.items("/api/v1/namespaces/payments/pods"))


def test_method_that_a_place_does_not_know_is_405(admin: Caller) -> None:
    answer = admin.request("PUT", MAPS, {})
    assert (answer.status_code, answer.json()["reason"]) == (405, "MethodNotAllowed")


def test_body_beyond_the_limit_is_413(admin: Caller) -> None:
    answer = admin.request("POST", MAPS, config_map("large", a="x" * 4 * 2**20))
    assert (answer.status_code, answer.json()["reason"]) == (413, "RequestEntityTooLarge")
    assert admin.request("GET", f"{MAPS}/large").status_code == 404
