from typing import Any

from clusters.simulator.apiserver import managed_fields


def _object(**labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": labels}}


def _record(old: dict[str, Any] | None, new: dict[str, Any], manager: str, subresource: str = "") -> None:
    at = "2026-11-24T10:08:41Z"
    managed_fields.record(old, new, manager=manager, operation="Update", subresource=subresource, at=at)


def test_creator_manages_every_field() -> None:
    obj = _object(app="a")
    _record(None, obj, "argocd")
    assert obj["metadata"]["managedFields"] == [{
        "manager": "argocd", "operation": "Update", "apiVersion": "v1", "time": "2026-11-24T10:08:41Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:labels": {"f:app": {}}}},
    }]  # fmt: skip


def test_changed_field_moves_to_the_one_who_changed_it() -> None:
    first = _object(app="a", team="x")
    _record(None, first, "argocd")
    second = _object(app="b", team="x")
    _record(first, second, "kubectl")
    managed = {entry["manager"]: entry["fieldsV1"] for entry in second["metadata"]["managedFields"]}
    assert managed == {
        "argocd": {"f:metadata": {"f:labels": {"f:team": {}}}},
        "kubectl": {"f:metadata": {"f:labels": {"f:app": {}}}},
    }


def test_unchanged_write_leaves_the_managers_alone() -> None:
    first = _object(app="a")
    _record(None, first, "argocd")
    second = _object(app="a")
    _record(first, second, "kubectl")
    assert second["metadata"]["managedFields"] == first["metadata"]["managedFields"]


def test_items_of_keyed_lists_are_named_by_their_keys() -> None:
    containers = [{"name": "c", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]
    assert managed_fields.fields_of({"containers": containers}) == {
        "f:containers": {'k:{"name":"c"}': {
            ".": {}, "f:name": {},
            "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {
                ".": {}, "f:containerPort": {}, "f:protocol": {}}},
        }}
    }  # fmt: skip


def test_status_writes_are_a_manager_of_their_own() -> None:
    first = _object(app="a")
    _record(None, first, "kubelet")
    second = _object(app="a") | {"status": {"phase": "Running"}}
    _record(first, second, "kubelet", "status")
    entries = second["metadata"]["managedFields"]
    assert [entry.get("subresource") for entry in entries] == [None, "status"]
    assert entries[1]["fieldsV1"] == {"f:status": {"f:phase": {}}}
