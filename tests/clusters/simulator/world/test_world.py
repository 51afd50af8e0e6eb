"""The base world tells the story that the demo shows, and larger ones are filled up."""

import json
from collections import Counter

from clusters.simulator.apiserver.store import Object
from clusters.simulator.simulation import Options, Simulation, running
from clusters.simulator.world.services import SERVICES
from tests.clusters.simulator.calling import Caller


def _without_stamps(simulation: Simulation, resource: str) -> list[Object]:
    found = simulation.cluster.store.all(resource)
    return [
        {"name": obj["metadata"]["name"], "uid": obj["metadata"]["uid"], "spec": obj["spec"]} for obj in found
    ]


def test_shop_has_twenty_services_in_three_namespaces(admin: Caller) -> None:
    kinds = ("deployments", "statefulsets", "daemonsets")
    found = [w for kind in kinds for w in admin.items(f"/apis/apps/v1/{kind}")]
    assert len(found) == len(SERVICES) == 20
    assert Counter(w["metadata"]["namespace"] for w in found) == {"shop": 9, "payments": 5, "platform": 6}


def test_fourteen_pods_of_thirteen_services_are_on_n3(admin: Caller) -> None:
    pods = admin.items("/api/v1/pods", fieldSelector="spec.nodeName=n3,status.phase=Running")
    assert Counter(pod["metadata"]["namespace"] for pod in pods) == {"shop": 7, "payments": 4, "platform": 3}
    assert len({pod["metadata"]["labels"]["app"] for pod in pods}) == 13


def test_objects_carry_their_history(admin: Caller) -> None:
    checkout = admin.get("/apis/apps/v1/namespaces/shop/deployments/checkout")
    assert checkout["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "57"
    managers = {entry["manager"] for entry in checkout["metadata"]["managedFields"]}
    assert managers == {"argocd-controller", "kube-controller-manager"}
    sets = admin.items("/apis/apps/v1/namespaces/shop/replicasets", labelSelector="app=checkout")
    images = {
        rs["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]: rs["spec"]["replicas"]
        for rs in sets
    }
    assert images == {"1.41.3": 0, "1.42.0": 6}


def test_manifests_hold_literals_that_must_not_leave(admin: Caller) -> None:
    text = json.dumps(admin.items("/api/v1/pods"))
    assert "wJalrXUtnFEMI" in text
    assert "sk_live_" in text


def test_same_seed_makes_the_same_world() -> None:
    first, second = Simulation(Options(seed=7)), Simulation(Options(seed=7))
    assert _without_stamps(first, "pods") == _without_stamps(second, "pods")
    assert _without_stamps(Simulation(Options(seed=8)), "pods") != _without_stamps(first, "pods")


def test_filler_makes_up_the_number_of_pods_and_stays_as_it_is() -> None:
    with running(Options(nodes=20, pods=1200, speed=20)) as simulation:
        caller = Caller(simulation)
        pods = caller.items("/api/v1/pods")
        assert len(pods) == 1200
        assert len({pod["metadata"]["uid"] for pod in pods}) == 1200
        assert len({pod["status"]["podIP"] for pod in pods}) >= 1100
        assert max(Counter(pod["spec"]["nodeName"] for pod in pods).values()) <= 110
        workers = caller.items("/apis/apps/v1/deployments", labelSelector="team=team-000")
        assert all(w["status"]["readyReplicas"] == w["spec"]["replicas"] for w in workers)
        version = caller.get("/api/v1/pods", limit=1)["metadata"]["resourceVersion"]
        with caller.watch("/api/v1/pods", resourceVersion=version, timeoutSeconds=2) as events:
            assert list(events) == []
