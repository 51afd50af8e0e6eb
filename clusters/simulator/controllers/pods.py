"""What several controllers ask of pods and write into them: readiness, activity, owners, the pods of a template."""

from collections.abc import Iterable
from typing import Any

from clusters.simulator.apiserver.store import Object, copy_of


def condition(obj: Object, kind: str) -> Object | None:
    """The condition of this type, if the status has it."""
    for found in obj.get("status", {}).get("conditions", ()):
        if found["type"] == kind:
            return found  # type: ignore[no-any-return]  # JSON has no types
    return None


def is_true(obj: Object, kind: str) -> bool:
    """Whether the condition of this type is True."""
    found = condition(obj, kind)
    return found is not None and found["status"] == "True"


def set_condition(obj: Object, kind: str, status: str, now: str, **more: Any) -> bool:
    """Set a condition in place; its transition time moves only with its status. Whether anything changed."""
    conditions = obj.setdefault("status", {}).setdefault("conditions", [])
    fields = {key: value for key, value in more.items() if value is not None}
    for found in conditions:
        if found["type"] == kind:
            if found["status"] == status and all(found.get(k) == v for k, v in fields.items()):
                return False
            if found["status"] != status:
                found["lastTransitionTime"] = now
            found.update(status=status, **fields)
            return True
    conditions.append({"type": kind, "status": status, "lastTransitionTime": now, **fields})
    return True


def is_ready(pod: Object) -> bool:
    """Whether the pod counts as ready."""
    return is_true(pod, "Ready")


def is_active(pod: Object) -> bool:
    """Whether the pod counts for a controller: neither over nor being deleted."""
    return "deletionTimestamp" not in pod["metadata"] and pod["status"].get("phase") not in (
        "Succeeded",
        "Failed",
    )


def owner_of(obj: Object) -> Object | None:
    """The owner reference that says controller: true."""
    for owner in obj["metadata"].get("ownerReferences", ()):
        if owner.get("controller"):
            return owner  # type: ignore[no-any-return]  # JSON has no types
    return None


def owner_reference(owner: Object) -> Object:
    """A controller's reference to put on what it creates."""
    metadata = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": metadata["name"], "uid": metadata["uid"],
        "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip


def from_template(owner: Object, template: Object, **metadata: Any) -> Object:
    """A pod of a workload's template; `metadata` names it."""
    made = copy_of(template)
    labels = {**(made["metadata"].get("labels") or {}), **metadata.pop("labels", {})}
    head: Object = {"namespace": owner["metadata"]["namespace"], "labels": labels, **metadata}
    if made["metadata"].get("annotations"):
        head["annotations"] = made["metadata"]["annotations"]
    head["ownerReferences"] = [owner_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": head, "spec": made["spec"]}


def to_delete_first(pods: Iterable[Object]) -> list[Object]:
    """Pods in the order in which a ReplicaSet gives them up: unassigned, pending, not ready, crowded, young."""
    found = list(pods)
    crowd: dict[str, int] = {}
    for pod in found:
        node = pod["spec"].get("nodeName", "")
        crowd[node] = crowd.get(node, 0) + 1

    def rank(pod: Object) -> tuple[Any, ...]:
        status = pod["status"]
        restarts = sum(c.get("restartCount", 0) for c in status.get("containerStatuses", ()))
        phases = {"Pending": 0, "Unknown": 1, "Running": 2}
        return (
            bool(pod["spec"].get("nodeName")), phases.get(status.get("phase", ""), 2), is_ready(pod),
            -crowd[pod["spec"].get("nodeName", "")], -restarts, _later_first(pod["metadata"]["creationTimestamp"]),
            pod["metadata"]["name"],
        )  # fmt: skip

    return sorted(found, key=rank)


def _later_first(stamp: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in stamp)
