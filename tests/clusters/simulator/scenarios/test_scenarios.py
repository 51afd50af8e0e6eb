"""Each scenario reaches its trouble and heals; one cluster for each, twenty times as fast as a real one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clusters.simulator.scenarios import SCENARIOS
from clusters.simulator.simulation import Options, running
from tests.clusters.simulator.calling import Caller, eventually

SPEED = 40.0


@pytest.fixture
def shop() -> Iterator[Caller]:
    with running(Options(speed=SPEED)) as simulation:
        yield Caller(simulation)


def _control(shop: Caller, name: str, what: str) -> None:
    answer = shop.request("POST", f"/_sim/scenarios/{name}/{what}")
    assert answer.status_code == 200, answer.text


def _pods(shop: Caller, app: str) -> list[dict[str, Any]]:
    return shop.items("/api/v1/pods", labelSelector=f"app={app}")


def _states(shop: Caller, app: str) -> list[dict[str, Any]]:
    return [c for pod in _pods(shop, app) for c in pod["status"].get("containerStatuses", ())]


def _waits(shop: Caller, app: str, reason: str) -> int:
    return sum(s["state"].get("waiting", {}).get("reason") == reason for s in _states(shop, app))


def _condition(obj: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((c for c in obj["status"].get("conditions", ()) if c["type"] == kind), {})


def _crash_loop(shop: Caller) -> bool:
    status = shop.get("/apis/apps/v1/namespaces/shop/deployments/checkout")["status"]
    broken = [s for s in _states(shop, "checkout") if s["restartCount"]]
    return (
        _waits(shop, "checkout", "CrashLoopBackOff") == 3
        and (status["readyReplicas"], status["updatedReplicas"], status["replicas"]) == (5, 3, 8)
        and all(s["lastState"]["terminated"]["exitCode"] == 1 for s in broken)
        and all(s["image"].endswith("checkout:1.42.1") for s in broken)
    )


def _oom_kill(shop: Caller) -> bool:
    ends = [s["lastState"].get("terminated", {}) for s in _states(shop, "search")]
    killed = [end for end in ends if end.get("reason") == "OOMKilled" and end["exitCode"] == 137]
    return len(killed) == 2


def _image_pull(shop: Caller) -> bool:
    return _waits(shop, "recommendations", "ImagePullBackOff") == 1


def _unschedulable(shop: Caller) -> bool:
    pending = [p for p in _pods(shop, "image-resizer") if p["status"]["phase"] == "Pending"]
    told = [_condition(pod, "PodScheduled").get("message", "") for pod in pending]
    return bool(told) and all("0/5 nodes are available: 5 Insufficient cpu" in text for text in told)


def _node_not_ready(shop: Caller) -> bool:
    node = shop.get("/api/v1/nodes/n3")
    on_node = shop.items("/api/v1/pods", fieldSelector="spec.nodeName=n3")
    unready = [pod for pod in on_node if _condition(pod, "Ready").get("status") == "False"]
    return _condition(node, "Ready")["status"] == "Unknown" and len(unready) == len(on_node) == 14


def _pvc_pending(shop: Caller) -> bool:
    claim = shop.request("GET", "/api/v1/namespaces/payments/persistentvolumeclaims/reporting-data").json()
    waiting = [pod["status"]["phase"] for pod in _pods(shop, "reporting")]
    return claim["status"].get("phase") == "Pending" and waiting == ["Pending"]


def _failed_job(shop: Caller) -> bool:
    job = shop.get("/apis/batch/v1/namespaces/payments/jobs/settlement-report-manual")
    return _condition(job, "Failed").get("reason") == "BackoffLimitExceeded"


def _service_no_endpoints(shop: Caller) -> bool:
    return not shop.get("/api/v1/namespaces/shop/endpoints/orders")["subsets"]


BROKEN: dict[str, Callable[[Caller], bool]] = {
    "crash-loop": _crash_loop, "oom-kill": _oom_kill, "image-pull": _image_pull, "unschedulable": _unschedulable,
    "node-not-ready": _node_not_ready, "pvc-pending": _pvc_pending, "failed-job": _failed_job,
    "service-no-endpoints": _service_no_endpoints,
}  # fmt: skip


def _healthy(shop: Caller) -> bool:
    """All that should be ready is, no job's last word is a failure, each service has its addresses."""
    for kind in ("deployments", "statefulsets"):
        for workload in shop.items(f"/apis/apps/v1/{kind}"):
            status, wanted = workload["status"], workload["spec"]["replicas"]
            counts = {status.get(name) for name in ("replicas", "readyReplicas", "updatedReplicas")}
            if counts != {wanted}:
                return False
    (daemons,) = shop.items("/apis/apps/v1/daemonsets")
    nodes = shop.items("/api/v1/nodes")
    pods = shop.items("/api/v1/pods")
    return (
        daemons["status"].get("numberReady") == daemons["status"].get("updatedNumberScheduled") == 5
        and all(
            _condition(node, "Ready")["status"] == "True" and "taints" not in node["spec"] for node in nodes
        )
        and all(_condition(node, "MemoryPressure")["status"] == "False" for node in nodes)
        and {pod["status"]["phase"] for pod in pods} == {"Running", "Succeeded"}
        and all("deletionTimestamp" not in pod["metadata"] for pod in pods)
        and not any(_condition(job, "Failed") for job in shop.items("/apis/batch/v1/jobs"))
        and all(claim["status"]["phase"] == "Bound" for claim in shop.items("/api/v1/persistentvolumeclaims"))
        and not _service_no_endpoints(shop)
    )


def test_every_scenario_has_a_test() -> None:
    assert set(BROKEN) == set(SCENARIOS) - {"healthy-shop"}


def test_base_world_is_healthy(shop: Caller) -> None:
    eventually(lambda: _healthy(shop))


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_scenario_breaks_and_heals(shop: Caller, name: str) -> None:
    assert not shop.items("/api/v1/events", fieldSelector="type=Warning")
    _control(shop, name, "start")
    eventually(lambda: BROKEN[name](shop))
    assert not _healthy(shop)
    _control(shop, name, "heal")
    eventually(lambda: _healthy(shop))
    _control(shop, name, "start")  # a second time must break as the first did
    if name != "node-not-ready":  # its pods moved away, and Kubernetes doesn't bring them back
        eventually(lambda: BROKEN[name](shop))


def test_lost_node_loses_its_pods_after_five_minutes_but_not_its_daemons(shop: Caller) -> None:
    _control(shop, "node-not-ready", "start")
    eventually(lambda: sum("deletionTimestamp" in pod["metadata"] for pod in shop.items(
        "/api/v1/pods", fieldSelector="spec.nodeName=n3")) == 13)  # fmt: skip
    left = shop.items("/api/v1/pods", fieldSelector="spec.nodeName=n3")
    assert [p["metadata"]["labels"]["app"] for p in left if "deletionTimestamp" not in p["metadata"]] == [
        "log-shipper"
    ]
    taints = shop.get("/api/v1/nodes/n3")["spec"]["taints"]
    assert [(t["key"], t["effect"]) for t in taints] == [
        ("node.kubernetes.io/unreachable", "NoSchedule"), ("node.kubernetes.io/unreachable", "NoExecute")]  # fmt: skip
    moved = eventually(lambda: [p for p in _pods(shop, "storefront") if _condition(p, "Ready")["status"] == "True"
                                and p["spec"]["nodeName"] != "n3"])  # fmt: skip
    assert len(moved) >= 6
    assert sorted(p["metadata"]["name"] for p in _pods(shop, "ledger")) == [
        "ledger-0",
        "ledger-1",
        "ledger-2",
    ]


def test_rollback_by_hand_heals_as_well(shop: Caller) -> None:
    _control(shop, "crash-loop", "start")
    eventually(lambda: _crash_loop(shop))
    body = {"spec": {"template": {"spec": {"containers": [
        {"name": "checkout", "image": "registry.northwind.example/shop/checkout:1.42.0"}]}}}}  # fmt: skip
    shop.patch(
        "/apis/apps/v1/namespaces/shop/deployments/checkout", body, "application/strategic-merge-patch+json"
    )
    eventually(lambda: _healthy(shop))


def test_control_lists_scenarios_and_refuses_unknown_ones(shop: Caller) -> None:
    listed = shop.get("/_sim/scenarios")["scenarios"]
    assert {entry["name"] for entry in listed} == set(SCENARIOS)
    assert [entry["name"] for entry in listed if entry["running"]] == ["healthy-shop"]
    assert shop.request("POST", "/_sim/scenarios/nonsense/start").status_code == 404
    assert shop.request("DELETE", "/_sim/scenarios").status_code == 405
