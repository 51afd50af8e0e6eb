"""metrics.k8s.io: usage of nodes and pods, computed when asked for, moving slowly and repeatably around a level."""

import math
import zlib
from datetime import datetime, timedelta

from clusters.simulator.apiserver import reading, statuses, views
from clusters.simulator.apiserver.requests import Answer, Request, Target, answer
from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.store import Object
from clusters.simulator.clock import parse_stamp, stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.quantities import of_pod, quantity
from clusters.simulator.world.services import SERVICES

_WINDOW_SECONDS = 15.0
_SYSTEM_CPU, _SYSTEM_MEMORY = 0.25, 1.5 * 2**30  # what a node uses without its pods
_LOADS = {service.name: service.load for service in SERVICES}
_OTHER_LOAD = (0.35, 0.5)


def wave(key: str, seconds: float) -> float:
    """A factor around 1 that moves over minutes, different for each key."""
    phase = zlib.crc32(key.encode()) / 2**32 * math.tau
    slow, fast = math.sin(seconds / 420 + phase), math.sin(seconds / 37 + phase * 3)
    return 1 + 0.10 * slow + 0.04 * fast


def container_usage(cluster: Cluster, pod: Object, container: Object, now: datetime) -> tuple[float, float]:
    """Cores and bytes that a container uses at a moment."""
    resources = container.get("resources", {})
    requested, limits = resources.get("requests") or {}, resources.get("limits") or {}
    cpu = quantity(str(requested.get("cpu", "50m")))
    limit = quantity(str(limits.get("memory") or requested.get("memory") or "128Mi"))
    load = _LOADS.get((pod["metadata"].get("labels") or {}).get("app", ""), _OTHER_LOAD)
    seconds = now.timestamp()
    key = f"{pod['metadata']['name']}/{container['name']}"
    memory = load[1] * limit * (1 + (wave(key + "m", seconds) - 1) / 3)
    if (need := cluster.images.behaviour(container["image"]).memory) > 0:
        started = parse_stamp(pod["status"].get("startTime") or stamp(now))
        age = (now - started).total_seconds() * cluster.clock.speed
        memory = min(need, limit) * min(1.0, 0.3 + age / 60)
    return load[0] * cpu * wave(key, seconds), min(memory, limit)


def utilization(cluster: Cluster, found: list[Object]) -> int:
    """CPU that pods use now, in percent of what they request; 0 for no pods."""
    used = requested = 0.0
    now = cluster.clock.now()
    for pod in found:
        requested += of_pod(pod["spec"]).cpu
        used += sum(
            container_usage(cluster, pod, container, now)[0] for container in pod["spec"]["containers"]
        )
    return round(100 * used / requested) if requested else 0


class Metrics:
    """Answers requests for metrics.k8s.io."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __call__(self, request: Request, target: Target) -> Answer:
        """Answer get and list.

        Raises ApiError (404) for an object without figures.
        """
        now = self._cluster.clock.now()
        source = "nodes" if target.resource.plural == "nodes" else "pods"
        if target.name:
            found = self._cluster.store.get(source, target.namespace, target.name)
            figures = None if found is None else self._figures(target.resource, found, now)
            if figures is None:
                raise statuses.not_found(target.resource, target.name)
            return answer(figures)
        keep = reading.filters(request, target)
        objects = self._cluster.store.all(source, target.namespace or None)
        kept = (obj for obj in objects if keep is None or keep(obj))
        items = [figures for obj in kept if (figures := self._figures(target.resource, obj, now)) is not None]
        kind = f"{target.resource.kind}List"
        if views.form_of(request.headers.get("accept", "")) == "Table":
            raise statuses.ApiError(
                406, "NotAcceptable", "only the following media types are accepted: application/json"
            )
        return answer(
            {"kind": kind, "apiVersion": target.resource.group_version, "metadata": {}, "items": items}
        )

    def _figures(self, resource: Resource, obj: Object, now: datetime) -> Object | None:
        if resource.plural == "nodes":
            return self._node(obj, now)
        if (
            obj["status"].get("phase") != "Running"
            or not self._cluster.machine(obj["spec"]["nodeName"]).kubelet_runs
        ):
            return None
        return self._pod(obj, now)

    @staticmethod
    def _head(obj: Object, kind: str, now: datetime) -> Object:
        metadata = obj["metadata"]
        at = now - timedelta(seconds=now.timestamp() % _WINDOW_SECONDS)
        kept = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
        return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1",
                "metadata": {**kept, "creationTimestamp": stamp(now)}, "timestamp": stamp(at), "window": "15s"}  # fmt: skip

    def _pod(self, pod: Object, now: datetime) -> Object:
        running = {c["name"] for c in pod["status"].get("containerStatuses", ()) if "running" in c["state"]}
        containers = []
        for container in pod["spec"]["containers"]:
            if container["name"] in running:
                cpu, memory = container_usage(self._cluster, pod, container, now)
                containers.append({"name": container["name"], "usage": _usage_told(cpu, memory)})
        return {**self._head(pod, "PodMetrics", now), "containers": containers}

    def _node(self, node: Object, now: datetime) -> Object | None:
        name = node["metadata"]["name"]
        machine = self._cluster.machine(name)
        if not machine.kubelet_runs:
            return None
        cpu, memory = _SYSTEM_CPU, _SYSTEM_MEMORY
        for pod in self._cluster.store.pods_on(name):
            if pod["status"].get("phase") == "Running":
                for container in pod["spec"]["containers"]:
                    used = container_usage(self._cluster, pod, container, now)
                    cpu, memory = cpu + used[0], memory + used[1]
        allocatable = node["status"]["allocatable"]
        if machine.memory_used is not None:
            memory = machine.memory_used * quantity(allocatable["memory"])
        most_cpu, most_memory = quantity(allocatable["cpu"]), quantity(allocatable["memory"])
        return {
            **self._head(node, "NodeMetrics", now),
            "usage": _usage_told(min(cpu, most_cpu), min(memory, most_memory)),
        }


def _usage_told(cpu: float, memory: float) -> Object:
    return {"cpu": f"{round(cpu * 1e9)}n", "memory": f"{round(memory / 1024)}Ki"}
