"""Judges nodes: readiness, pressure, network, cordon. A NotReady node is one root, with the pressure that led to it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from clusters.analyzers import events, grace
from clusters.analyzers.base import Evidence, Finding, Severity, analyzer
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.trouble import Topic, Trouble, finding_of, kubectl
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource

PRESSURES = {"MemoryPressure": "memory", "DiskPressure": "disk space", "PIDPressure": "process ids"}
# Of node-problem-detector; of its conditions 'True' means trouble. Others' conditions may mean the opposite.
PROBLEMS = {
    "KernelDeadlock": "the kernel is in a deadlock",
    "ReadonlyFilesystem": "the file system is read-only",
    "CorruptDockerOverlay2": "the overlay file system is corrupt",
    "FrequentKubeletRestart": "the kubelet restarts again and again",
    "FrequentContainerdRestart": "containerd restarts again and again",
    "FrequentDockerRestart": "Docker restarts again and again",
}
LEAVING = frozenset({"ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted"})
_PRESSURE_TAINTS = {
    "node.kubernetes.io/memory-pressure": "MemoryPressure",
    "node.kubernetes.io/disk-pressure": "DiskPressure",
    "node.kubernetes.io/pid-pressure": "PIDPressure",
}
_PRESSURE_EVENTS = {
    "NodeHasInsufficientMemory": "MemoryPressure",
    "NodeHasDiskPressure": "DiskPressure",
    "NodeHasInsufficientPID": "PIDPressure",
}


@fact
def node_troubles(examination: Examination) -> dict[str, Trouble]:
    """Return the trouble of each node that has one, by name. A cordon is none: it is somebody's decision."""
    found = {}
    for node in examination.inventory.of("Node"):
        trouble = _trouble(examination, node)
        if trouble is not None:
            found[node.name] = trouble
    return found


@fact
def lost_nodes(examination: Examination) -> frozenset[str]:
    """Return the names of the nodes that are not ready: what runs there is cut off."""
    return frozenset(
        name for name, trouble in node_troubles(examination).items() if trouble.topic is Topic.NODE_NOT_READY
    )


def _trouble(examination: Examination, node: Resource) -> Trouble | None:
    ready = fields.condition(node.body, "Ready")
    if ready is None:
        return None  # a manifest, or a node whose kubelet has not reported yet
    if ready[1].get("status") in ("False", "Unknown"):
        return _not_ready(examination, node, *ready)
    pressures = _pressures(node)
    if pressures:
        return _under_pressure(node, pressures)
    return _other_problem(node)


def _not_ready(examination: Examination, node: Resource, index: int, ready: fields.Object) -> Trouble | None:
    if not examination.age_passed(grace.JOINING, node) or _leaving(node):
        return None
    silent = ready.get("status") == "Unknown"
    predicate = "not ready, its kubelet has stopped reporting" if silent else "not ready"
    pressures = _pressures(node) | _earlier_pressures(examination, node)
    detail = (
        "The kubelet no longer reports to the API server: the machine, its network or the kubelet is down."
        if silent
        else "The kubelet reports that it can't run pods."
    )
    if pressures:
        wanting = " and ".join(PRESSURES[kind] for kind in sorted(pressures))
        predicate += f" after running short of {wanting}"
        detail += f" Before, it ran short of {wanting}."
    evidence = [
        *seen(node, "status", "conditions", index, "status"),
        *seen(node, "status", "conditions", index, "reason"),
        *seen(node, "status", "conditions", index, "message"),
        *(entry for entries in pressures.values() for entry in entries),
    ]
    return Trouble(
        topic=Topic.NODE_NOT_READY,
        subject="",
        predicate=predicate,
        detail=f"{detail} Pods on it are cut off, and are replaced elsewhere after 5 minutes where they may be.",
        fix=f"Look at it with {kubectl('describe node', node.name)}; on the machine, `systemctl status kubelet` and "
        f"`journalctl -u kubelet`. If it won't come back: {kubectl('drain', node.name, '', '--ignore-daemonsets')}, "
        "then replace it.",
        severity=Severity.CRITICAL,
        evidence=tuple(evidence),
    )


def _pressures(node: Resource) -> dict[str, list[Evidence]]:
    found = {}
    for kind in PRESSURES:
        condition = fields.condition(node.body, kind)
        if condition is not None and condition[1].get("status") == "True":
            index = condition[0]
            found[kind] = seen(node, "status", "conditions", index, "type") + seen(
                node, "status", "conditions", index, "message"
            )
    return found


def _earlier_pressures(examination: Examination, node: Resource) -> dict[str, list[Evidence]]:
    """Return what is left of a pressure once the kubelet is silent, and its conditions read 'Unknown'."""
    found = {}
    for index, taint in fields.indexed(node.body, "spec", "taints"):
        kind = _PRESSURE_TAINTS.get(fields.text(taint, "key"))
        if kind:
            found[kind] = seen(node, "spec", "taints", index, "key")
    for event in events.about(examination, node, *_PRESSURE_EVENTS):
        found.setdefault(_PRESSURE_EVENTS[fields.text(event.body, "reason")], events.quoted(event))
    return found


def _under_pressure(node: Resource, pressures: dict[str, list[Evidence]]) -> Trouble:
    wanting = " and ".join(PRESSURES[kind] for kind in sorted(pressures))
    return Trouble(
        topic=Topic.NODE_PRESSURE,
        subject="",
        predicate=f"short of {wanting}",
        detail=f"The kubelet reports {', '.join(sorted(pressures))}: it takes no new pods without a toleration and "
        "evicts pods, those above their requests first.",
        fix=f"Find what uses it: kubectl top pods -A --sort-by=memory and {kubectl('describe node', node.name)}. "
        "Give the pods that grow a limit, or move some away.",
        severity=Severity.HIGH,
        evidence=tuple(entry for kind in sorted(pressures) for entry in pressures[kind]),
    )


def _other_problem(node: Resource) -> Trouble | None:
    names = {"NetworkUnavailable": "the network isn't set up", **PROBLEMS}
    for index, condition in fields.indexed(node.body, "status", "conditions"):
        kind = fields.text(condition, "type")
        if kind in names and condition.get("status") == "True":
            return Trouble(
                topic=Topic.NODE_PROBLEM,
                subject="",
                predicate=names[kind],
                detail=f"The node's condition {kind} is True.",
                fix=f"{kubectl('describe node', node.name)}; for the network, look at the network plug-in's pod on "
                "this node.",
                severity=Severity.HIGH if kind == "NetworkUnavailable" else Severity.MEDIUM,
                evidence=(
                    *seen(node, "status", "conditions", index, "type"),
                    *seen(node, "status", "conditions", index, "message"),
                ),
            )
    return None


def _leaving(node: Resource) -> bool:
    """Say whether somebody is taking the node away on purpose."""
    keys = {fields.text(taint, "key") for _, taint in fields.indexed(node.body, "spec", "taints")}
    return bool(keys & LEAVING) or bool(fields.text(node.body, "metadata", "deletionTimestamp"))


@analyzer(
    "nodes",
    kinds=("Node",),
    reads=("Event",),
    sources=(
        "https://kubernetes.io/docs/reference/node/node-status/",
        "https://github.com/kubernetes/node-problem-detector",
    ),
)
def nodes(examination: Examination) -> Iterable[Finding]:
    """Nodes that are not ready, short of memory, disk or process ids, without network, or cordoned."""
    for node in examination.inventory.of("Node"):
        trouble = node_troubles(examination).get(node.name)
        if trouble is not None:
            yield finding_of("nodes", node, _with_pods(examination, node, trouble), cause=None)
        elif fields.dig(node.body, "spec", "unschedulable") is True:
            yield finding_of("nodes", node, _cordoned(node), cause=None)


def _cordoned(node: Resource) -> Trouble:
    return Trouble(
        topic=Topic.NODE_CORDONED,
        subject="",
        predicate="cordoned, it takes no new pods",
        detail="Somebody has marked it unschedulable; what runs on it goes on.",
        fix=f"If the maintenance is over: {kubectl('uncordon', node.name)}",
        severity=Severity.LOW,
        evidence=tuple(seen(node, "spec", "unschedulable")),
    )


@fact
def _pods_by_node(examination: Examination) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for pod in examination.inventory.of("Pod"):
        if fields.dig(pod.body, "status", "phase") in ("Running", "Pending"):
            found[fields.text(pod.body, "spec", "nodeName")] += 1
    return found


def _with_pods(examination: Examination, node: Resource, trouble: Trouble) -> Trouble:
    count = _pods_by_node(examination).get(node.name, 0)
    if trouble.topic is not Topic.NODE_NOT_READY or not count:
        return trouble
    return replace(
        trouble, detail=f"{trouble.detail} {count} {'pod is' if count == 1 else 'pods are'} assigned to it."
    )
