"""DaemonSets: one pod on each node that takes it, replaced node by node when the template changes."""

import zlib
from collections.abc import Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.controllers.deployments import share
from clusters.simulator.controllers.revisions import HASH, keep_revision
from clusters.simulator.controllers.scheduler import tolerates

NAME = "daemonsets.apps"
_MANAGER = Actor("kube-controller-manager")
_STATUS = Actor("kube-controller-manager", subresource="status")
_NUMBER = "deprecated.daemonset.template.generation"
_TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"), ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
)  # fmt: skip


def _rollout_order(node: str) -> int:
    """An order of nodes that has nothing to do with their names, as the real controller's, but always the same."""
    return zlib.crc32(node.encode())


class DaemonSets:
    """Keeps one pod of each DaemonSet on each node."""

    name = "daemonset-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pods = cluster.registry.by_name("pods")

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            return (change.key,)
        if resource == "pods":
            owner = pods.owner_of(change.record.obj)
            return ((change.key[0], owner["name"]),) if owner and owner["kind"] == "DaemonSet" else ()
        if resource == "nodes":
            return [
                (d["metadata"]["namespace"], d["metadata"]["name"]) for d in self._cluster.store.all(NAME)
            ]
        return ()

    def reconcile(self, key: Key) -> None:
        daemon_set = self._cluster.store.get(NAME, *key)
        if daemon_set is None or "deletionTimestamp" in daemon_set["metadata"]:
            return
        hashed = keep_revision(self._cluster, daemon_set)
        nodes = [node for node in self._cluster.store.all("nodes") if self._belongs(daemon_set, node)]
        by_node = self._by_node(daemon_set)
        for node in nodes:
            if not by_node.get(node["metadata"]["name"]):
                self._create(daemon_set, node["metadata"]["name"], hashed)
        names = {node["metadata"]["name"] for node in nodes}
        for node_name, found in by_node.items():
            for pod in found[1:] if node_name in names else found:
                self._delete(daemon_set, pod)
        self._roll(daemon_set, hashed)
        self._report(daemon_set, hashed, len(nodes))

    def _by_node(self, daemon_set: Object) -> dict[str, list[Object]]:
        found: dict[str, list[Object]] = {}
        for pod in self._cluster.store.owned(daemon_set["metadata"]["uid"], "pods"):
            # A pod that is being deleted still holds its node, until its kubelet has ended it.
            if pod["status"].get("phase") not in ("Failed", "Succeeded"):
                found.setdefault(_node_of(pod), []).append(pod)
        return found

    def _belongs(self, daemon_set: Object, node: Object) -> bool:
        spec = daemon_set["spec"]["template"]["spec"]
        labels = node["metadata"].get("labels") or {}
        if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
            return False
        probe = {"spec": {"tolerations": [*(spec.get("tolerations") or ()), *_daemon_tolerations()]}}
        taints = [t for t in node["spec"].get("taints", ()) if t["effect"] in ("NoExecute", "NoSchedule")]
        return all(
            tolerates(probe, t) or t["key"].startswith("node.kubernetes.io/unreachable") for t in taints
        )

    def _create(self, daemon_set: Object, node: str, hashed: str) -> None:
        labels = {HASH: hashed, "pod-template-generation": daemon_set["metadata"]["annotations"][_NUMBER]}
        name = daemon_set["metadata"]["name"]
        pod = pods.from_template(
            daemon_set, daemon_set["spec"]["template"], generateName=f"{name}-", labels=labels
        )
        terms = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]
        pod["spec"]["affinity"] = {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}  # fmt: skip
        pod["spec"]["tolerations"] = [*pod["spec"].get("tolerations", ()), *_daemon_tolerations()]
        made = self._cluster.writer.create(self._pods, pod, _MANAGER)
        told = f"Created pod: {made['metadata']['name']}"
        self._cluster.events.record(daemon_set, "SuccessfulCreate", told, by=self.name)

    def _delete(self, daemon_set: Object, pod: Object) -> None:
        metadata = pod["metadata"]
        if "deletionTimestamp" in metadata:
            return
        self._cluster.writer.delete(self._pods, metadata["namespace"], metadata["name"], DeleteOptions())
        told = f"Deleted pod: {metadata['name']}"
        self._cluster.events.record(daemon_set, "SuccessfulDelete", told, by=self.name)

    def _roll(self, daemon_set: Object, hashed: str) -> None:
        strategy = daemon_set["spec"]["updateStrategy"]
        if strategy["type"] != "RollingUpdate":
            return
        owned = self._cluster.store.owned(daemon_set["metadata"]["uid"], "pods")
        allowed = share(strategy["rollingUpdate"]["maxUnavailable"], len(owned), up=True)
        down = sum(not pods.is_ready(pod) or not pods.is_active(pod) for pod in owned)
        stale = [p for p in owned if p["metadata"]["labels"].get(HASH) != hashed and pods.is_active(p)]
        for pod in sorted(stale, key=lambda p: (pods.is_ready(p), _rollout_order(_node_of(p)))):
            if pods.is_ready(pod):
                if down >= allowed:
                    return
                down += 1
            self._delete(daemon_set, pod)

    def _report(self, daemon_set: Object, hashed: str, desired: int) -> None:
        owned = [
            p for p in self._cluster.store.owned(daemon_set["metadata"]["uid"], "pods") if pods.is_active(p)
        ]
        ready = sum(pods.is_ready(pod) for pod in owned)
        updated = sum(pod["metadata"]["labels"].get(HASH) == hashed for pod in owned)
        status: Object = {
            "currentNumberScheduled": len(owned), "numberMisscheduled": 0, "desiredNumberScheduled": desired,
            "numberReady": ready, "observedGeneration": daemon_set["metadata"]["generation"],
        }  # fmt: skip
        if updated:
            status["updatedNumberScheduled"] = updated
        if ready:
            status["numberAvailable"] = ready
        if desired - ready:
            status["numberUnavailable"] = desired - ready
        if status != daemon_set.get("status"):
            self._cluster.writer.edit(NAME, daemon_set, lambda obj: obj.update(status=status), _STATUS)


def _node_of(pod: Object) -> str:
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    required = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return str(required["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])


def _daemon_tolerations() -> list[Object]:
    return [{"key": key, "operator": "Exists", "effect": effect} for key, effect in _TOLERATED]
