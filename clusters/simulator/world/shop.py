"""Builds the shop: replays how its services came to be, oldest first, so that revisions, owners and ages are real."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clusters.simulator.clock import stamp
from clusters.simulator.cluster import ARGOCD, Cluster
from clusters.simulator.controllers.deployments import REVISION
from clusters.simulator.world import manifests
from clusters.simulator.world.services import SERVICES, Service

Object = dict[str, Any]

RESOURCES = {
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
}
_SETTLED_SECONDS = 60.0
_FOUNDED = timedelta(days=616)  # the age of the workloads themselves
_EARLIER = timedelta(days=30)  # how long before its last change a service stood with the version before


def placement(service: Service, nodes: int) -> list[str]:
    """Which nodes a service's pods sit on: as many on n3 as the service says, the rest over the others."""
    others = ["n1", "n2", "n4", "n5"]
    shift = sum(map(ord, service.name)) % len(others)
    turned = others[shift:] + others[:shift]
    rest = [turned[number % len(turned)] for number in range(service.replicas - service.on_n3)]
    return ["n3"] * service.on_n3 + rest if nodes == 5 else []


def build(cluster: Cluster, nodes: int, today: datetime | None = None) -> None:
    """Deploy every service: first the version before, then the current one at its age."""
    now = today or datetime.now(UTC)
    cluster.placements = {
        f"{s.namespace}/{s.name}": placement(s, nodes) for s in SERVICES if s.kind != "DaemonSet"
    }  # fmt: skip
    steps = [(now - timedelta(days=s.days) - _EARLIER, s, s.before) for s in SERVICES]
    steps += [(now - timedelta(days=s.days), s, s.version) for s in SERVICES]
    for moment, service, version in sorted(steps, key=lambda step: step[0]):
        cluster.clock.travel(moment)
        if version == service.before:
            _found(cluster, service)
        else:
            release(cluster, service, version)
        cluster.engine.settle(_SETTLED_SECONDS)
    cluster.placements = {}


def _found(cluster: Cluster, service: Service) -> None:
    for obj in manifests.companions(service):
        cluster.create(obj, ARGOCD)
    made = cluster.create(manifests.workload(service, service.before), ARGOCD)
    cluster.engine.settle(_SETTLED_SECONDS)
    _renumber(cluster, service, made)


def _renumber(cluster: Cluster, service: Service, made: Object) -> None:
    """Let the first revision that we build be the last but one that the service ever had."""
    number = service.revision - 1
    founded = stamp(datetime.now(UTC) - _FOUNDED)
    current = cluster.store.get(RESOURCES[service.kind], service.namespace, service.name) or made
    metadata = dict(current["metadata"], creationTimestamp=founded)
    cluster.store.write(RESOURCES[service.kind], dict(current, metadata=metadata))
    uid = made["metadata"]["uid"]
    if service.kind == "Deployment":
        for replica_set in cluster.store.owned(uid, "replicasets.apps"):
            cluster.writer.edit("replicasets.apps", replica_set, lambda o: _number(o, number), ARGOCD)
        return
    for revision in cluster.store.owned(uid, "controllerrevisions.apps"):
        cluster.writer.edit("controllerrevisions.apps", revision, lambda o: o.update(revision=number), ARGOCD)


def _number(obj: Object, number: int) -> None:
    obj["metadata"].setdefault("annotations", {})[REVISION] = str(number)


def release(cluster: Cluster, service: Service, version: str, change: Any = None) -> None:
    """Roll a service to a version, as Argo CD does; `change` alters the container beside the image."""

    def released(obj: Object) -> None:
        container = obj["spec"]["template"]["spec"]["containers"][0]
        container["image"] = service.image_of(version)
        obj["metadata"]["labels"]["app.kubernetes.io/version"] = version
        if change is not None:
            change(container)

    cluster.change(RESOURCES[service.kind], service.namespace, service.name, released, ARGOCD)
