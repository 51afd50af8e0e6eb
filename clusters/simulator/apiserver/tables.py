"""The Table form that `kubectl get` prints: columns by kind, a name and an age at least."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.clock import parse_stamp

Object = dict[str, Any]
Cell = Callable[[Object], Any]


# From how many seconds on an age is told in which units, the finer one only up to the next entry.
_AGE_STEPS = (
    (8 * 86400, "d", 86400, "", 0), (2 * 86400, "d", 86400, "h", 3600), (8 * 3600, "h", 3600, "", 0),
    (3 * 3600, "h", 3600, "m", 60), (600, "m", 60, "", 0), (120, "m", 60, "s", 1), (0, "s", 1, "", 0),
)  # fmt: skip


def age(since: str | None, now: datetime) -> str:
    """The time since a stamp as kubectl prints it: 45s, 12m, 3h20m, 4d2h, 41d."""
    if not since:
        return "<unknown>"
    seconds = max(int((now - parse_stamp(since)).total_seconds()), 0)
    _, unit, size, finer, finer_size = next(step for step in _AGE_STEPS if seconds >= step[0])
    rest = seconds % size // finer_size if finer else 0
    return f"{seconds // size}{unit}{rest}{finer}" if rest else f"{seconds // size}{unit}"


def _at(*path: str, default: Any = "<none>") -> Cell:
    def cell(obj: Object) -> Any:
        value: Any = obj
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return default if value in (None, "") else value

    return cell


def pod_state(pod: Object) -> str:
    """The word in kubectl's STATUS column: the reason that matters most, the phase otherwise."""
    status = pod.get("status", {})
    state = status.get("reason") or status.get("phase", "Unknown")
    for container in status.get("containerStatuses", ()):
        waiting, terminated = container["state"].get("waiting"), container["state"].get("terminated")
        if waiting and waiting.get("reason"):
            state = waiting["reason"]
        elif terminated:
            state = terminated.get("reason") or f"ExitCode:{terminated['exitCode']}"
    if "deletionTimestamp" in pod["metadata"]:
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return str(state)


def _ready(pod: Object) -> str:
    containers = pod.get("status", {}).get("containerStatuses", ())
    return f"{sum(c['ready'] for c in containers)}/{len(pod['spec'].get('containers', ()))}"


def _restarts(pod: Object) -> int:
    return sum(c["restartCount"] for c in pod.get("status", {}).get("containerStatuses", ()))


def _node_state(node: Object) -> str:
    conditions = {c["type"]: c["status"] for c in node.get("status", {}).get("conditions", ())}
    state = {"True": "Ready", "False": "NotReady"}.get(conditions.get("Ready", ""), "NotReady")
    return f"{state},SchedulingDisabled" if node["spec"].get("unschedulable") else state


def _replicas_ready(obj: Object) -> str:
    return f"{obj.get('status', {}).get('readyReplicas', 0)}/{obj['spec'].get('replicas', 0)}"


def _ports(service: Object) -> str:
    return (
        ",".join(f"{p['port']}/{p.get('protocol', 'TCP')}" for p in service["spec"].get("ports", ()))
        or "<none>"
    )


def _event_object(event: Object) -> str:
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


_STATUS = "status"
_COLUMNS: dict[str, tuple[tuple[str, Cell], ...]] = {
    "pods": (("Ready", _ready), ("Status", pod_state), ("Restarts", _restarts)),
    "nodes": (("Status", _node_state), ("Version", _at(_STATUS, "nodeInfo", "kubeletVersion"))),
    "namespaces": (("Status", _at(_STATUS, "phase")),),
    "deployments.apps": (("Ready", _replicas_ready), ("Up-to-date", _at(_STATUS, "updatedReplicas", default=0)),
                         ("Available", _at(_STATUS, "availableReplicas", default=0))),
    "replicasets.apps": (("Desired", _at("spec", "replicas", default=0)),
                         ("Current", _at(_STATUS, "replicas", default=0)),
                         ("Ready", _at(_STATUS, "readyReplicas", default=0))),
    "statefulsets.apps": (("Ready", _replicas_ready),),
    "daemonsets.apps": (("Desired", _at(_STATUS, "desiredNumberScheduled", default=0)),
                        ("Current", _at(_STATUS, "currentNumberScheduled", default=0)),
                        ("Ready", _at(_STATUS, "numberReady", default=0)),
                        ("Up-to-date", _at(_STATUS, "updatedNumberScheduled", default=0)),
                        ("Available", _at(_STATUS, "numberAvailable", default=0))),
    "services": (("Type", _at("spec", "type")), ("Cluster-IP", _at("spec", "clusterIP")), ("Port(s)", _ports)),
    "persistentvolumeclaims": (("Status", _at(_STATUS, "phase")), ("Volume", _at("spec", "volumeName", default="")),
                               ("StorageClass", _at("spec", "storageClassName", default=""))),
    "jobs.batch": (("Status", lambda job: next((c["type"] for c in job.get("status", {}).get("conditions", ())
                                                if c["status"] == "True"), "Running")),),
    "events": (("Type", _at("type")), ("Reason", _at("reason")), ("Object", _event_object),
               ("Message", lambda event: event.get("message") or event.get("note") or "")),
}  # fmt: skip


def columns(resource: Resource) -> list[Object]:
    """The columnDefinitions of a Table."""
    names = ["Name", *(name for name, _ in _COLUMNS.get(resource.storage, ())), "Age"]
    return [
        {
            "name": name,
            "type": "string",
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": 0,
        }
        for name in names
    ]


def row(resource: Resource, obj: Object, now: datetime) -> Object:
    """One row, with the object's metadata as kubectl expects it."""
    cells = [cell(obj) for _, cell in _COLUMNS.get(resource.storage, ())]
    metadata = obj["metadata"]
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {
        "cells": [metadata.get("name", ""), *cells, age(metadata.get("creationTimestamp"), now)],
        "object": partial,
    }
