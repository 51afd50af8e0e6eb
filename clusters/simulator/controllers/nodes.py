"""Nodes: leases that their kubelets renew, conditions, and what the control plane does when a kubelet falls silent."""

from collections.abc import Callable, Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.clock import micro_stamp, stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods

KUBELET_STATUS = Actor("kubelet", subresource="status")
_MANAGER = Actor("kube-controller-manager")
_MANAGER_STATUS = Actor("kube-controller-manager", subresource="status")
_LEASES = "leases.coordination.k8s.io"
_RENEW_SECONDS = 10.0
_GRACE_SECONDS = 36.0  # of the last renewal; with the round of looks below it's about the real 40
_LOOK_SECONDS = 5.0
_HEARTBEAT_ROUNDS = 30  # a status that doesn't change is posted every 5 minutes
_UNREACHABLE = "node.kubernetes.io/unreachable"
_PRESSURE = "node.kubernetes.io/memory-pressure"
_CORDONED = "node.kubernetes.io/unschedulable"

# Condition, status when well, reason when well, message when well.
CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


class Nodes:
    """The node side and the node lifecycle controller in one."""

    name = "node-controller"

    def __init__(self, cluster: Cluster, resume: Callable[[str], None]) -> None:
        """`resume` is called with a node's name when its kubelet works again."""
        self._cluster = cluster
        self._resume = resume
        self._renewed: dict[str, float] = {}
        self._silent: set[str] = set()
        self._rounds = 0

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        return (change.key,) if resource == "nodes" and change.type != "DELETED" else ()

    def reconcile(self, key: Key) -> None:
        node = self._cluster.store.get("nodes", *key)
        if node is None:
            return
        taints = [taint["key"] for taint in node["spec"].get("taints", ())]
        if bool(node["spec"].get("unschedulable")) != (_CORDONED in taints):
            wanted = [{"key": _CORDONED, "effect": "NoSchedule"}] if node["spec"].get("unschedulable") else []
            self._retaint(node, {_CORDONED}, wanted)

    def start(self) -> None:
        """Begin to renew leases and to look for nodes that don't."""
        self._renew()
        self._look()

    def _renew(self) -> None:
        self._rounds += 1
        for node in self._cluster.store.all("nodes"):
            name = node["metadata"]["name"]
            if not self._cluster.machine(name).kubelet_runs:
                self._silent.add(name)
                continue
            if name in self._silent:
                self._silent.remove(name)
                self._resume(name)
            self._renewed[name] = self._cluster.clock.elapsed()
            self._renew_lease(node)
            if not pods.is_true(node, "Ready"):
                self._recovered(node)
            elif self._rounds % _HEARTBEAT_ROUNDS == 0:
                self._cluster.writer.edit("nodes", node, self._beat, KUBELET_STATUS)
        self._cluster.engine.after(_RENEW_SECONDS, self._renew, "renew leases")

    def _renew_lease(self, node: Object) -> None:
        name, now = node["metadata"]["name"], micro_stamp(self._cluster.clock.now())
        lease = self._cluster.store.get(_LEASES, "kube-node-lease", name)
        if lease is not None:
            renewed = dict(lease, spec=dict(lease["spec"], renewTime=now), metadata=dict(lease["metadata"]))
            self._cluster.store.write(_LEASES, renewed)
            return
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}
        self._cluster.create({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [owner]},
            "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": now},
        }, Actor("kubelet"))  # fmt: skip

    def _beat(self, node: Object) -> None:
        now = stamp(self._cluster.clock.now())
        for condition in node["status"]["conditions"]:
            condition["lastHeartbeatTime"] = now

    def _look(self) -> None:
        now = self._cluster.clock.elapsed()
        for node in self._cluster.store.all("nodes"):
            name = node["metadata"]["name"]
            if self._cluster.machine(name).kubelet_runs:
                continue  # a late renewal is this process being slow, which must not cost a node
            silent = now - self._renewed.get(name, now)
            if silent > _GRACE_SECONDS:
                ready = pods.condition(node, "Ready")
                if ready is not None and ready["status"] != "Unknown":
                    self._lost(node)
        self._cluster.engine.after(_LOOK_SECONDS, self._look, "look for silent nodes")

    def _lost(self, node: Object) -> None:
        """The kubelet has stopped posting: conditions unknown, taints, pods not ready, evictions later."""
        name, now = node["metadata"]["name"], stamp(self._cluster.clock.now())

        def unknown(obj: Object) -> None:
            for kind, *_ in CONDITIONS:
                pods.set_condition(obj, kind, "Unknown", now, reason="NodeStatusUnknown",
                                   message="Kubelet stopped posting node status.")  # fmt: skip

        self._cluster.writer.edit("nodes", node, unknown, _MANAGER_STATUS)
        taints = [{"key": _UNREACHABLE, "effect": "NoSchedule"},
                  {"key": _UNREACHABLE, "effect": "NoExecute", "timeAdded": now}]  # fmt: skip
        self._retaint(node, {_UNREACHABLE, _PRESSURE}, taints)
        self._cluster.events.record(
            node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", by=self.name
        )
        self._cluster.engine.after(_LOOK_SECONDS, lambda: self._unready_pods(name), ("unready", name))

    def _unready_pods(self, node: str) -> None:
        now = stamp(self._cluster.clock.now())
        for pod in self._cluster.store.pods_on(node):
            if pods.is_ready(pod):
                self._cluster.writer.edit(
                    "pods", pod, lambda obj: pods.set_condition(obj, "Ready", "False", now), _MANAGER_STATUS
                )
            self._cluster.events.record(
                pod, "NodeNotReady", "Node is not ready", by=self.name, kind="Warning"
            )
            self._plan_eviction(pod, node)

    def _plan_eviction(self, pod: Object, node: str) -> None:
        tolerated = [t for t in pod["spec"].get("tolerations", ())
                     if t.get("effect", "NoExecute") == "NoExecute" and t.get("key", _UNREACHABLE) == _UNREACHABLE]  # fmt: skip
        if any("tolerationSeconds" not in toleration for toleration in tolerated):
            return  # stays, as a DaemonSet's pods do
        seconds = min((float(t["tolerationSeconds"]) for t in tolerated), default=0.0)
        uid = pod["metadata"]["uid"]
        self._cluster.engine.after(seconds, lambda: self._evict(pod, node), ("evict", uid))

    def _evict(self, pod: Object, node: str) -> None:
        metadata = pod["metadata"]
        current = self._cluster.store.get("pods", metadata["namespace"], metadata["name"])
        found = self._cluster.store.get("nodes", "", node)
        if current is None or current["metadata"]["uid"] != metadata["uid"] or found is None:
            return
        taint = next((t for t in found["spec"].get("taints", ()) if t["effect"] == "NoExecute"), None)
        if taint is None or "deletionTimestamp" in current["metadata"]:
            return
        now = stamp(self._cluster.clock.now())

        def disrupted(obj: Object) -> None:
            pods.set_condition(obj, "DisruptionTarget", "True", now, reason="DeletionByTaintManager",
                               message="Taint manager: deleting due to NoExecute taint")  # fmt: skip

        self._cluster.writer.edit("pods", current, disrupted, _MANAGER_STATUS)
        told = f"Marking for deletion Pod {metadata['namespace']}/{metadata['name']}"
        self._cluster.events.record(current, "TaintManagerEviction", told, by="taint-eviction-controller")
        self._cluster.delete("pods", metadata["namespace"], metadata["name"])

    def _recovered(self, node: Object) -> None:
        name, now = node["metadata"]["name"], stamp(self._cluster.clock.now())
        self._cluster.writer.edit("nodes", node, lambda obj: set_well(obj, now), KUBELET_STATUS)
        self._retaint(node, {_UNREACHABLE, _PRESSURE}, [])
        self._cluster.events.record(
            node, "NodeReady", f"Node {name} status is now: NodeReady", by="kubelet", host=name
        )

    def _retaint(self, node: Object, removed: set[str], added: list[Object]) -> None:
        retaint(self._cluster, node, removed, added)


def retaint(cluster: Cluster, node: Object, removed: set[str], added: list[Object]) -> None:
    """Take taints from a node by their keys, and add others."""

    def tainted(obj: Object) -> None:
        kept = [taint for taint in obj["spec"].get("taints", ()) if taint["key"] not in removed]
        obj["spec"]["taints"] = kept + added
        if not obj["spec"]["taints"]:
            del obj["spec"]["taints"]

    cluster.writer.edit("nodes", node, tainted, _MANAGER)


def set_well(node: Object, now: str) -> None:
    """Write the conditions of a node on which nothing is wrong, in place."""
    for kind, status, reason, message in CONDITIONS:
        pods.set_condition(node, kind, status, now, reason=reason, message=message, lastHeartbeatTime=now)


def press_memory(cluster: Cluster, name: str, *, pressed: bool) -> None:
    """Have the kubelet of a node say that its memory runs out, or that it's enough again."""
    node = cluster.store.get("nodes", "", name)
    if node is None:
        return
    now = stamp(cluster.clock.now())
    cluster.machine(name).memory_pressure = pressed

    def told(obj: Object) -> None:
        _, status, reason, message = CONDITIONS[0]
        if pressed:
            status, reason, message = (
                "True",
                "KubeletHasInsufficientMemory",
                "kubelet has insufficient memory available",
            )
        pods.set_condition(
            obj, "MemoryPressure", status, now, reason=reason, message=message, lastHeartbeatTime=now
        )

    cluster.writer.edit("nodes", node, told, KUBELET_STATUS)
    retaint(cluster, node, {_PRESSURE}, [{"key": _PRESSURE, "effect": "NoSchedule"}] if pressed else [])
    reason = "NodeHasInsufficientMemory" if pressed else "NodeHasSufficientMemory"
    cluster.events.record(node, reason, f"Node {name} status is now: {reason}", by="kubelet", host=name)
