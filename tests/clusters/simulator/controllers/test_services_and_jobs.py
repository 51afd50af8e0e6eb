from datetime import UTC, datetime
from typing import Any

import pytest

from clusters.simulator.controllers.cronjobs import next_after
from clusters.simulator.images import Behaviour
from clusters.simulator.simulation import Simulation
from tests.clusters.simulator.calling import Caller, deployment, eventually, named

BASE = "/api/v1/namespaces/default"
JOBS = "/apis/batch/v1/namespaces/default/jobs"


def _addresses(admin: Caller, name: str) -> tuple[list[str], list[str]]:
    """The addresses in the EndpointSlice and in the Endpoints of a service."""
    slices = admin.items("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
                         labelSelector=f"kubernetes.io/service-name={name}")  # fmt: skip
    new = [e["addresses"][0] for s in slices for e in s["endpoints"] if e["conditions"]["ready"]]
    old = admin.request("GET", f"{BASE}/endpoints/{name}").json()
    return sorted(new), sorted(a["ip"] for s in old.get("subsets", ()) for a in s.get("addresses", ()))


def test_endpoints_follow_the_ready_pods(admin: Caller) -> None:
    admin.create("/apis/apps/v1/namespaces/default/deployments", deployment("served", replicas=2))
    admin.create(f"{BASE}/services", {"metadata": {"name": "served"}, "spec": {
        "selector": {"app": "served"}, "ports": [{"port": 80, "targetPort": 8080}]}})  # fmt: skip
    both = eventually(lambda: (found := _addresses(admin, "served")) and len(found[0]) == 2 and found)
    pods = admin.items(f"{BASE}/pods", labelSelector="app=served")
    assert both[0] == both[1] == sorted(pod["status"]["podIP"] for pod in pods)
    admin.patch(f"{BASE}/services/served", {"spec": {"selector": {"app": "nobody"}}})
    eventually(lambda: _addresses(admin, "served") == ([], []))
    admin.delete(f"{BASE}/services/served")
    eventually(lambda: admin.request("GET", f"{BASE}/endpoints/served").status_code == 404)


def _job(name: str, image: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "job", "image": image}]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template, **spec},
    }


def _over(admin: Caller, name: str) -> dict[str, Any] | None:
    status = admin.get(f"{JOBS}/{name}").get("status", {})
    return status if any(c["type"] in ("Complete", "Failed") for c in status.get("conditions", ())) else None


def test_job_completes_when_enough_pods_succeeded(admin: Caller, simulation: Simulation) -> None:
    simulation.cluster.images.describe("test/ok:1", Behaviour(runs_seconds=1.0))
    admin.create(JOBS, _job("works", "test/ok:1", completions=3, parallelism=2))
    status = eventually(lambda: _over(admin, "works"))
    assert status["succeeded"] == 3
    assert [c["type"] for c in status["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    pods = admin.items(f"{BASE}/pods", labelSelector="job-name=works")
    assert [pod["status"]["phase"] for pod in pods] == ["Succeeded"] * 3


def test_job_fails_at_its_back_off_limit(admin: Caller, simulation: Simulation) -> None:
    simulation.cluster.images.describe("test/bad:1", Behaviour(runs_seconds=0.5, exit_code=3))
    admin.create(JOBS, _job("breaks", "test/bad:1", backoffLimit=1))
    status = eventually(lambda: _over(admin, "breaks"))
    assert (status["failed"], status["conditions"][-1]["reason"]) == (2, "BackoffLimitExceeded")
    pod = admin.items(f"{BASE}/pods", labelSelector="job-name=breaks")[0]
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3


def test_deleted_job_takes_its_pods_along(admin: Caller, simulation: Simulation) -> None:
    simulation.cluster.images.describe("test/long:1", Behaviour(runs_seconds=1000.0))
    admin.create(JOBS, _job("leaves", "test/long:1"))
    eventually(lambda: admin.items(f"{BASE}/pods", labelSelector="job-name=leaves"))
    admin.delete(f"{JOBS}/leaves", propagationPolicy="Background")
    eventually(lambda: not named(admin.items(f"{BASE}/pods", labelSelector="job-name=leaves")))


def test_unreadable_schedule_is_told_in_an_event(admin: Caller) -> None:
    spec = {"schedule": "whenever", "jobTemplate": {"spec": _job("x", "test/ok:1")["spec"]}}
    admin.create("/apis/batch/v1/namespaces/default/cronjobs", {"metadata": {"name": "never"}, "spec": spec})
    eventually(
        lambda: admin.items(
            f"{BASE}/events", fieldSelector="involvedObject.name=never,reason=UnparseableSchedule"
        )
    )


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("*/5 * * * *", "2026-11-24T10:25"), ("0 * * * *", "2026-11-24T11:00"), ("15 2 * * *", "2026-11-25T02:15"),
        ("@daily", "2026-11-25T00:00"), ("30 8-10 * * 1,5", "2026-11-27T08:30"), ("0 0 1 1 *", "2027-01-01T00:00"),
    ],
)  # fmt: skip
def test_next_after_finds_the_next_due_minute(schedule: str, due: str) -> None:
    moment = datetime(2026, 11, 24, 10, 24, 30, tzinfo=UTC)
    assert next_after(schedule, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_next_after_finds_none_for_a_date_that_never_comes() -> None:
    assert next_after("0 0 31 2 *", datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_budget_counts_what_may_be_disrupted(admin: Caller) -> None:
    budget = admin.get("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/storefront")["status"]
    assert {key: budget[key] for key in ("expectedPods", "currentHealthy", "desiredHealthy", "disruptionsAllowed")} == {
        "expectedPods": 8, "currentHealthy": 8, "desiredHealthy": 7, "disruptionsAllowed": 1}  # fmt: skip


def test_quota_counts_the_pods_of_its_namespace(admin: Caller) -> None:
    used = admin.get("/api/v1/namespaces/payments/resourcequotas/compute")["status"]["used"]
    assert used["pods"] == "17"
    assert used["requests.cpu"].endswith("m")


def test_leases_are_renewed(admin: Caller) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1"
    before = admin.get(path)["spec"]["renewTime"]
    eventually(lambda: admin.get(path)["spec"]["renewTime"] > before)
