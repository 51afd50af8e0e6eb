"""Reads of the inventory that span tables: rows of lists with their state, an object's relations."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from clusters.models import Cluster, Finding, KubernetesObject
from srexpert.reach import Reach

_STATE_OF_SEVERITY = {"critical": "failing", "high": "failing", "medium": "warning"}


@dataclass(frozen=True, slots=True)
class Row:
    """An object as a list shows it; `state` is one of the five words."""

    held: KubernetesObject
    state: str
    ready: int | None
    wanted: int | None


def rows(cluster: Cluster, held: list[KubernetesObject]) -> list[Row]:
    """The objects with their state, by one query for the findings on all of them."""
    worst: dict[tuple[str, str, str], str] = {}
    names = {o.name for o in held}
    findings = Finding.objects.open().filter(cluster=cluster, status="failing", name__in=names).worst_first()
    for finding in findings:
        worst.setdefault((finding.kind, finding.namespace, finding.name), finding.severity)
    return [_row(cluster, o, worst.get((o.kind, o.namespace, o.name), "")) for o in held]


def _row(cluster: Cluster, held: KubernetesObject, severity: str) -> Row:
    state = "unknown" if cluster.is_stale else _STATE_OF_SEVERITY.get(severity, "healthy")
    ready, wanted = replicas(held.kind, held.projection)
    return Row(held, state, ready, wanted)


def replicas(kind: str, projection: dict[str, Any]) -> tuple[int | None, int | None]:
    """(ready, wanted) of a workload; (None, None) of what has no replicas."""
    spec, status = projection.get("spec") or {}, projection.get("status") or {}
    if kind in {"Deployment", "StatefulSet", "ReplicaSet"}:
        return _number(status.get("readyReplicas")), _number(spec.get("replicas"), 1)
    if kind == "DaemonSet":
        return _number(status.get("numberReady")), _number(status.get("desiredNumberScheduled"))
    if kind == "Job":
        return _number(status.get("succeeded")), _number(spec.get("completions"), 1)
    return None, None


def _number(value: Any, default: int = 0) -> int:
    return value if isinstance(value, int) else default


@dataclass(frozen=True, slots=True)
class Relation:
    """An object that another has to do with, and how."""

    word: str
    held: KubernetesObject


def relations(held: KubernetesObject, reach: Reach, *, limit: int = 20) -> list[Relation]:
    """Owner, node and owned objects, as far as the person may see them."""
    owner, node = Q(uid=held.owner_uid or "-"), Q(kind="Node", name=held.node or "-")
    owned = Q(owner_uid=held.uid)
    found = (
        KubernetesObject.objects.filter(owner | node | owned, cluster=held.cluster_id)
        .within(reach)
        .defer("projection")
        .order_by("kind", "name")[:limit]
    )
    return [Relation(_word(held, other), other) for other in found]


def _word(held: KubernetesObject, other: KubernetesObject) -> str:
    if other.uid == held.owner_uid:
        return "owned by"
    return "runs on" if other.kind == "Node" else "owns"
