"""The scheduler: puts pods on nodes that fit, spread by workload, and says in the pod why none does."""

from collections.abc import Iterable
from dataclasses import dataclass

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.clock import stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.quantities import of_pod, quantity

_STATUS = Actor("kube-scheduler", subresource="status")


@dataclass(slots=True)
class Room:
    """What a node can hold and already promised."""

    cpu: float
    memory: float
    pods: int
    cpu_used: float = 0.0
    memory_used: float = 0.0
    pods_used: int = 0


def tolerates(pod: Object, taint: Object) -> bool:
    """Whether the pod tolerates a taint."""
    for toleration in pod["spec"].get("tolerations", ()):
        key_fits = toleration.get("key", taint["key"]) == taint["key"]
        effect_fits = toleration.get("effect", taint["effect"]) in (taint["effect"], "")
        exists = toleration.get("operator") == "Exists" or "key" not in toleration
        if key_fits and effect_fits and (exists or toleration.get("value", "") == taint.get("value", "")):
            return True
    return False


class Scheduler:
    """Binds pods to nodes."""

    name = "default-scheduler"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._waiting: dict[Key, None] = {}
        self._promised: dict[str, tuple[float, float, int]] = {}  # by node: cores, bytes, pods

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == "pods":
            if change.previous is not None:
                self._count(change.previous.obj, -1)
            if change.type != "DELETED":
                self._count(change.record.obj, +1)
        if resource == "pods" and change.type != "DELETED" and not change.record.obj["spec"].get("nodeName"):
            return (change.key,)
        if resource in ("nodes", "persistentvolumeclaims") or (
            resource == "pods" and change.type == "DELETED"
        ):
            return tuple(self._waiting)
        return ()

    def reconcile(self, key: Key) -> None:
        pod = self._cluster.store.get("pods", *key)
        self._waiting.pop(key, None)
        if pod is None or pod["spec"].get("nodeName") or "deletionTimestamp" in pod["metadata"]:
            return
        if why := self._unbound_claims(pod):
            self._refuse(pod, why)
            return
        node, why = self._choose(pod)
        if node is None:
            self._refuse(pod, why)
            return
        self._bind(pod, node)

    def room(self, node: Object) -> Room:
        """What a node can hold and what its pods have asked for."""
        allocatable = node["status"]["allocatable"]
        promised = self._promised.get(node["metadata"]["name"], _NOTHING)
        return Room(
            quantity(allocatable["cpu"]), quantity(allocatable["memory"]), int(allocatable["pods"]), *promised
        )

    def _count(self, pod: Object, sign: int) -> None:
        """Add a pod to what its node promised, or take it away."""
        node = pod["spec"].get("nodeName")
        if node and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            asked = of_pod(pod["spec"])
            cpu, memory, count = self._promised.get(node, _NOTHING)
            self._promised[node] = (cpu + sign * asked.cpu, memory + sign * asked.memory, count + sign)

    def _choose(self, pod: Object) -> tuple[str | None, str]:
        refusals: dict[str, int] = {}
        best: tuple[tuple[int, float, str], str] | None = None
        nodes = sorted(self._cluster.store.all("nodes"), key=lambda n: n["metadata"]["name"])
        preferred = self._cluster.store.get("nodes", "", self._placed(pod) or "")
        if preferred is not None and not self._wrong(pod, preferred):
            return str(preferred["metadata"]["name"]), ""
        for node in nodes:
            if wrong := self._wrong(pod, node):
                for reason in wrong:
                    refusals[reason] = refusals.get(reason, 0) + 1
                continue
            name = node["metadata"]["name"]
            room = self.room(node)
            score = (self._siblings(pod, name), round(room.memory_used / room.memory, 3), name)
            if best is None or score < best[0]:
                best = (score, name)
        if best is not None:
            return best[1], ""
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(refusals.items()))
        count = len(nodes)
        return None, (f"0/{count} nodes are available: {told}. preemption: 0/{count} nodes are available: "
                      f"{count} No preemption victims found for incoming pod.")  # fmt: skip

    def _placed(self, pod: Object) -> str | None:
        """Where the world's plan wants the next pod of this workload, while there's a plan."""
        if not self._cluster.placements:
            return None
        plan = self._cluster.placements.get(
            f"{pod['metadata']['namespace']}/{pod['metadata']['labels'].get('app')}"
        )
        owner = pods.owner_of(pod)
        if plan is None or owner is None:
            return None
        left = list(plan)
        for other in self._cluster.store.owned(owner["uid"], "pods"):
            if other["spec"].get("nodeName") in left and pods.is_active(other):
                left.remove(other["spec"]["nodeName"])
        return left[0] if left else None

    def _siblings(self, pod: Object, node: str) -> int:
        owner = pods.owner_of(pod)
        if owner is None:
            return 0
        owned = self._cluster.store.owned(owner["uid"], "pods")
        return sum(p["spec"].get("nodeName") == node and pods.is_active(p) for p in owned)

    def _wrong(self, pod: Object, node: Object) -> list[str]:
        """Why the pod can't go there, in the scheduler's words."""
        spec, metadata = node["spec"], node["metadata"]
        if spec.get("unschedulable") and not tolerates(pod, _UNSCHEDULABLE):
            return ["node(s) were unschedulable"]
        for taint in spec.get("taints", ()):
            if taint["effect"] in ("NoSchedule", "NoExecute") and not tolerates(pod, taint):
                shown = taint["key"] if "value" not in taint else f"{taint['key']}: {taint['value']}"
                return [f"node(s) had untolerated taint(s) {{{shown}}}"]
        selector = pod["spec"].get("nodeSelector") or {}
        labels = metadata.get("labels") or {}
        if any(labels.get(key) != value for key, value in selector.items()):
            return ["node(s) didn't match Pod's node affinity/selector"]
        if not _affine(pod["spec"], metadata["name"]):
            return ["node(s) didn't satisfy plugin(s) [NodeAffinity]"]
        room, asked = self.room(node), of_pod(pod["spec"])
        wrong = []
        if room.pods_used >= room.pods:
            wrong.append("Too many pods")
        if room.cpu_used + asked.cpu > room.cpu + 1e-9:
            wrong.append("Insufficient cpu")
        if room.memory_used + asked.memory > room.memory:
            wrong.append("Insufficient memory")
        return wrong

    def _unbound_claims(self, pod: Object) -> str:
        namespace = pod["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes", ()):
            if claimed := volume.get("persistentVolumeClaim"):
                name = claimed["claimName"]
                claim = self._cluster.store.get("persistentvolumeclaims", namespace, name)
                if claim is None:
                    return f'persistentvolumeclaim "{name}" not found'
                if claim["status"].get("phase") != "Bound":
                    return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def _refuse(self, pod: Object, why: str) -> None:
        metadata = pod["metadata"]
        key = (metadata["namespace"], metadata["name"])
        if "PersistentVolumeClaim" in why or why.startswith("persistentvolumeclaim"):
            count = len(self._cluster.store.all("nodes"))
            why = (f"0/{count} nodes are available: {why}. preemption: 0/{count} nodes are available: {count} "
                   "Preemption is not helpful for scheduling.")  # fmt: skip
        now = stamp(self._cluster.clock.now())

        def unscheduled(obj: Object) -> None:
            pods.set_condition(obj, "PodScheduled", "False", now, reason="Unschedulable", message=why)

        self._cluster.writer.edit("pods", pod, unscheduled, _STATUS)
        self._cluster.events.record(pod, "FailedScheduling", why, by=self.name, kind="Warning")
        self._waiting[key] = None
        self._cluster.engine.requeue_after(60.0, self.name, key)

    def _bind(self, pod: Object, node: str) -> None:
        bound = dict(pod, spec=dict(pod["spec"], nodeName=node), metadata=dict(pod["metadata"]))
        conditions = [c for c in pod["status"].get("conditions", ()) if c["type"] != "PodScheduled"]
        now = stamp(self._cluster.clock.now())
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": now,
        }
        bound["status"] = dict(pod["status"], conditions=[*conditions, scheduled])
        self._cluster.store.write("pods", bound)
        metadata = pod["metadata"]
        told = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
        self._cluster.events.record(pod, "Scheduled", told, by=self.name)


_NOTHING = (0.0, 0.0, 0)
_UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def _affine(spec: Object, node: str) -> bool:
    """Whether required affinity to a node by its name, as a DaemonSet's pods have it, allows this node."""
    required = (
        (spec.get("affinity") or {})
        .get("nodeAffinity", {})
        .get("requiredDuringSchedulingIgnoredDuringExecution")
    )
    if not required:
        return True
    named = [
        field["values"]
        for term in required["nodeSelectorTerms"]
        for field in term.get("matchFields", ())
        if field["key"] == "metadata.name"
    ]
    return not named or any(node in values for values in named)
