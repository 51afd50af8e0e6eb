"""Deployments, StatefulSets and DaemonSets over time, each in a namespace of its own."""

from typing import Any

from clusters.simulator.images import Behaviour
from clusters.simulator.simulation import Simulation
from tests.clusters.simulator.calling import STRATEGIC, Caller, deployment, eventually, named

APPS = "/apis/apps/v1/namespaces/default"
PODS = "/api/v1/namespaces/default/pods"
GOOD, NEXT, BAD = (f"registry.northwind.example/test/web:{version}" for version in ("1.0", "1.1", "2.0"))


def _ready(admin: Caller, name: str, count: int) -> bool:
    status = admin.get(f"{APPS}/deployments/{name}")["status"]
    return status.get("readyReplicas") == status.get("updatedReplicas") == status.get("replicas") == count


def _set_image(admin: Caller, name: str, image: str) -> None:
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    admin.patch(f"{APPS}/deployments/{name}", body, STRATEGIC)


def _pods(admin: Caller, name: str) -> list[dict[str, Any]]:
    return admin.items(PODS, labelSelector=f"app={name}")


def _condition(obj: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(c for c in obj["status"]["conditions"] if c["type"] == kind)


def test_deployment_makes_a_replica_set_and_its_pods(admin: Caller) -> None:
    admin.create(f"{APPS}/deployments", deployment("made", GOOD, 3))
    eventually(lambda: _ready(admin, "made", 3))
    made = admin.get(f"{APPS}/deployments/made")
    assert _condition(made, "Available")["status"] == "True"
    eventually(
        lambda: (
            _condition(admin.get(f"{APPS}/deployments/made"), "Progressing")["reason"]
            == "NewReplicaSetAvailable"
        )
    )
    (replica_set,) = admin.items(f"{APPS}/replicasets", labelSelector="app=made")
    assert replica_set["metadata"]["ownerReferences"][0]["uid"] == made["metadata"]["uid"]
    for pod in _pods(admin, "made"):
        assert pod["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]
        assert pod["status"]["containerStatuses"][0]["imageID"].startswith(
            "registry.northwind.example/test/web@sha256:"
        )


def test_rollout_moves_all_pods_and_counts_a_revision(admin: Caller) -> None:
    admin.create(f"{APPS}/deployments", deployment("rolled", GOOD, 4))
    eventually(lambda: _ready(admin, "rolled", 4))
    _set_image(admin, "rolled", NEXT)
    eventually(lambda: [p["spec"]["containers"][0]["image"] for p in _pods(admin, "rolled")] == [NEXT] * 4
               and _ready(admin, "rolled", 4))  # fmt: skip
    annotations = admin.get(f"{APPS}/deployments/rolled")["metadata"]["annotations"]
    assert annotations["deployment.kubernetes.io/revision"] == "2"
    replicas = {rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: rs["spec"]["replicas"]
                for rs in admin.items(f"{APPS}/replicasets", labelSelector="app=rolled")}  # fmt: skip
    assert replicas == {"1": 0, "2": 4}
    _set_image(admin, "rolled", GOOD)
    eventually(lambda: admin.get(f"{APPS}/deployments/rolled")["metadata"]["annotations"][
        "deployment.kubernetes.io/revision"] == "3" and _ready(admin, "rolled", 4))  # fmt: skip
    assert len(admin.items(f"{APPS}/replicasets", labelSelector="app=rolled")) == 2


def test_bad_rollout_stops_at_surge_and_availability_then_exceeds_its_deadline(
    admin: Caller, simulation: Simulation
) -> None:
    simulation.cluster.images.describe(BAD, Behaviour(runs_seconds=0.5, exit_code=1))
    body = deployment("stuck", GOOD, 4)
    body["spec"]["progressDeadlineSeconds"] = 20
    admin.create(f"{APPS}/deployments", body)
    eventually(lambda: _ready(admin, "stuck", 4))
    _set_image(admin, "stuck", BAD)
    eventually(lambda: admin.get(f"{APPS}/deployments/stuck")["status"].get("updatedReplicas") == 2)
    late = eventually(lambda: _condition(admin.get(f"{APPS}/deployments/stuck"), "Progressing")["reason"]
                      == "ProgressDeadlineExceeded")  # fmt: skip
    assert late
    images = [pod["spec"]["containers"][0]["image"] for pod in _pods(admin, "stuck")]
    assert (images.count(GOOD), images.count(BAD)) == (3, 2)


def test_deleted_pod_is_replaced(admin: Caller) -> None:
    admin.create(f"{APPS}/deployments", deployment("healing", GOOD, 2))
    eventually(lambda: _ready(admin, "healing", 2))
    victim = named(_pods(admin, "healing"))[0]
    admin.delete(f"{PODS}/{victim}")
    eventually(lambda: victim not in named(_pods(admin, "healing")) and _ready(admin, "healing", 2))


def test_scaling_to_nothing_and_back(admin: Caller) -> None:
    admin.create(f"{APPS}/deployments", deployment("breathing", GOOD, 2))
    eventually(lambda: _ready(admin, "breathing", 2))
    admin.patch(f"{APPS}/deployments/breathing/scale", {"spec": {"replicas": 0}})
    eventually(lambda: not _pods(admin, "breathing"))
    admin.patch(f"{APPS}/deployments/breathing/scale", {"spec": {"replicas": 1}})
    eventually(lambda: _ready(admin, "breathing", 1))


def test_paused_deployment_scales_but_does_not_roll(admin: Caller) -> None:
    admin.create(f"{APPS}/deployments", deployment("paused", GOOD, 1))
    eventually(lambda: _ready(admin, "paused", 1))
    admin.patch(f"{APPS}/deployments/paused", {"spec": {"paused": True}})
    _set_image(admin, "paused", NEXT)
    admin.patch(f"{APPS}/deployments/paused", {"spec": {"paused": False}})
    eventually(lambda: [p["spec"]["containers"][0]["image"] for p in _pods(admin, "paused")] == [NEXT])


def test_recreate_ends_the_old_pods_first(admin: Caller) -> None:
    body = deployment("recreated", GOOD, 2)
    body["spec"]["strategy"] = {"type": "Recreate"}
    admin.create(f"{APPS}/deployments", body)
    eventually(lambda: _ready(admin, "recreated", 2))
    _set_image(admin, "recreated", NEXT)
    eventually(lambda: [p["spec"]["containers"][0]["image"] for p in _pods(admin, "recreated")] == [NEXT] * 2)


def test_stateful_set_numbers_its_pods_and_claims_a_volume_for_each(admin: Caller) -> None:
    labels = {"app": "numbered"}
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3",
                                                    "resources": {"requests": {"storage": "1Gi"}}}}  # fmt: skip
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": GOOD}]}}
    spec = {"replicas": 2, "serviceName": "numbered", "selector": {"matchLabels": labels}, "template": template,
            "volumeClaimTemplates": [claim]}  # fmt: skip
    admin.create(f"{APPS}/statefulsets", {"metadata": {"name": "numbered"}, "spec": spec})
    eventually(lambda: admin.get(f"{APPS}/statefulsets/numbered")["status"].get("readyReplicas") == 2)
    assert named(_pods(admin, "numbered")) == ["numbered-0", "numbered-1"]
    claims = admin.items("/api/v1/namespaces/default/persistentvolumeclaims", labelSelector="app=numbered")
    assert [(c["metadata"]["name"], c["status"]["phase"]) for c in claims] == [
        ("data-numbered-0", "Bound"), ("data-numbered-1", "Bound")]  # fmt: skip
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": NEXT}]}}}}
    admin.patch(f"{APPS}/statefulsets/numbered", body, STRATEGIC)
    eventually(lambda: [p["spec"]["containers"][0]["image"] for p in _pods(admin, "numbered")] == [NEXT] * 2)
    status = eventually(lambda: (s := admin.get(f"{APPS}/statefulsets/numbered")["status"])["currentRevision"]
                        == s["updateRevision"] and s)  # fmt: skip
    assert status["updatedReplicas"] == 2
    assert len(admin.items(f"{APPS}/controllerrevisions", labelSelector="app=numbered")) == 2


def test_daemon_set_follows_nodes_and_template(admin: Caller) -> None:
    labels = {"app": "everywhere"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": GOOD}]}}
    admin.create(f"{APPS}/daemonsets", {"metadata": {"name": "everywhere"}, "spec": {
        "selector": {"matchLabels": labels}, "template": template}})  # fmt: skip
    eventually(lambda: admin.get(f"{APPS}/daemonsets/everywhere").get("status", {}).get("numberReady") == 5)
    assert sorted(pod["spec"]["nodeName"] for pod in _pods(admin, "everywhere")) == [
        "n1",
        "n2",
        "n3",
        "n4",
        "n5",
    ]
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": NEXT}]}}}}
    admin.patch(f"{APPS}/daemonsets/everywhere", body, STRATEGIC)
    eventually(lambda: admin.get(f"{APPS}/daemonsets/everywhere")["status"].get("updatedNumberScheduled") == 5
               and admin.get(f"{APPS}/daemonsets/everywhere")["status"].get("numberReady") == 5)  # fmt: skip


def test_cordoned_node_takes_no_new_pods(admin: Caller) -> None:
    admin.patch("/api/v1/nodes/n1", {"spec": {"unschedulable": True}})
    try:
        taints = eventually(lambda: admin.get("/api/v1/nodes/n1")["spec"].get("taints"))
        assert taints == [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]
        admin.create(f"{APPS}/deployments", deployment("elsewhere", GOOD, 6))
        eventually(lambda: _ready(admin, "elsewhere", 6))
        assert "n1" not in {pod["spec"]["nodeName"] for pod in _pods(admin, "elsewhere")}
    finally:
        admin.patch("/api/v1/nodes/n1", {"spec": {"unschedulable": None}})
    eventually(lambda: "taints" not in admin.get("/api/v1/nodes/n1")["spec"])
