"""Endpoints and EndpointSlices: the addresses of the pods behind each service."""

from collections.abc import Iterable
from typing import Any

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods

_MANAGER = Actor("kube-controller-manager")
_SLICES = "endpointslices.discovery.k8s.io"


class ServiceEndpoints:
    """Keeps both forms up to date."""

    name = "endpoint-slice-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == "services":
            return (change.key,)
        if resource != "pods":
            return ()
        namespace = change.key[0]
        seen = [change.record.obj] if change.previous is None else [change.record.obj, change.previous.obj]
        if change.type == "MODIFIED" and _address(seen[0]) == _address(seen[1]):
            return ()
        services = self._cluster.store.all("services", namespace)
        return [
            (namespace, service["metadata"]["name"])
            for service in services
            if any(_selects(service, pod) for pod in seen)
        ]

    def reconcile(self, key: Key) -> None:
        service = self._cluster.store.get("services", *key)
        if service is None:
            for resource in ("endpoints", _SLICES):
                for obj in self._cluster.store.all(resource, key[0]):
                    if (
                        obj["metadata"]
                        .get("labels", {})
                        .get("kubernetes.io/service-name", obj["metadata"]["name"])
                        == key[1]
                    ):
                        self._cluster.delete(resource, key[0], obj["metadata"]["name"], DeleteOptions())
            return
        if not service["spec"].get("selector"):
            return
        found = [pod for pod in self._cluster.store.all("pods", key[0]) if _selects(service, pod)]
        found = [pod for pod in found if pod["status"].get("podIP") and _counts(pod)]
        found.sort(key=lambda pod: str(pod["metadata"]["name"]))
        self._slice(service, found)
        self._endpoints(service, found)

    def _slice(self, service: Object, found: list[Object]) -> None:
        metadata = service["metadata"]
        wanted: dict[str, Any] = {
            "addressType": "IPv4", "endpoints": [self._endpoint(pod) for pod in found],
            "ports": _slice_ports(service, found),
        }  # fmt: skip
        owned = self._cluster.store.owned(metadata["uid"], _SLICES)
        if owned:
            self._cluster.writer.edit(_SLICES, owned[0], lambda obj: obj.update(wanted), _MANAGER)
            return
        labels = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                  "kubernetes.io/service-name": metadata["name"]}  # fmt: skip
        head = {"generateName": f"{metadata['name']}-", "namespace": metadata["namespace"], "labels": labels,
                "ownerReferences": [pods.owner_reference(service)]}  # fmt: skip
        made = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": head, **wanted}
        self._cluster.create(made, _MANAGER)

    def _endpoint(self, pod: Object) -> Object:
        ready = pods.is_ready(pod)
        leaving = "deletionTimestamp" in pod["metadata"]
        node = self._cluster.store.get("nodes", "", pod["spec"]["nodeName"])
        zone = (node or {"metadata": {}})["metadata"].get("labels", {}).get("topology.kubernetes.io/zone")
        return {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready and not leaving, "serving": ready, "terminating": leaving},
            "nodeName": pod["spec"]["nodeName"], "targetRef": _reference(pod), **({"zone": zone} if zone else {}),
        }  # fmt: skip

    def _endpoints(self, service: Object, found: list[Object]) -> None:
        metadata = service["metadata"]
        listed = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
        ready = [_old_address(pod) for pod in listed if pods.is_ready(pod)]
        unready = [_old_address(pod) for pod in listed if not pods.is_ready(pod)]
        subset: Object = {}
        if ready:
            subset["addresses"] = ready
        if unready:
            subset["notReadyAddresses"] = unready
        ports = [{k: v for k, v in p.items() if v is not None} for p in _slice_ports(service, listed)]
        subsets = [{**subset, "ports": ports}] if subset else []
        existing = self._cluster.store.get("endpoints", metadata["namespace"], metadata["name"])
        if existing is not None:
            self._cluster.writer.edit(
                "endpoints", existing, lambda obj: obj.update(subsets=subsets), _MANAGER
            )
            return
        head = {"name": metadata["name"], "namespace": metadata["namespace"], "labels": {
            "endpoints.kubernetes.io/managed-by": "endpoint-controller"}}  # fmt: skip
        self._cluster.create(
            {"apiVersion": "v1", "kind": "Endpoints", "metadata": head, "subsets": subsets}, _MANAGER
        )


def _selects(service: Object, pod: Object) -> bool:
    selector = service["spec"].get("selector")
    labels = pod["metadata"].get("labels") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _counts(pod: Object) -> bool:
    return pod["status"].get("phase") not in ("Succeeded", "Failed")


def _address(pod: Object) -> tuple[Any, ...]:
    """What of a pod shows in the endpoints."""
    return (pod["status"].get("podIP"), pods.is_ready(pod), "deletionTimestamp" in pod["metadata"],
            pod["metadata"].get("labels"), _counts(pod))  # fmt: skip


def _reference(pod: Object) -> Object:
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }


def _old_address(pod: Object) -> Object:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _reference(pod)}


def _slice_ports(service: Object, found: list[Object]) -> list[Object]:
    containers = found[0]["spec"]["containers"] if found else []
    named = {p["name"]: p["containerPort"] for c in containers for p in c.get("ports", ()) if "name" in p}
    ports = []
    for port in service["spec"].get("ports", ()):
        target = port.get("targetPort", port["port"])
        number = target if isinstance(target, int) else named.get(target)
        if number is not None:
            ports.append({"name": port.get("name", ""), "protocol": port["protocol"], "port": number})
    return ports
