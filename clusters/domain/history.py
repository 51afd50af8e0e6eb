"""Tells what changed in objects, as differences between the states that we held one after the other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import yaml

from clusters.models import KubernetesObject, ObjectChange

WORKLOADS = ("CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet")
# What moves by itself or only counts, and so is no change that a person made.
_RESTLESS = ("resourceVersion", "managedFields", "generation")


@dataclass(frozen=True, slots=True)
class Change:
    """A change with both sides as YAML of what a person may have changed; a side is empty where none was."""

    row: ObjectChange
    before: str
    after: str
    summary: str

    @property
    def at(self) -> datetime:
        """When we learned of it."""
        return self.row.at


def specification(projection: dict[str, Any] | None) -> dict[str, Any]:
    """The part of a projection that people and their tools set: no status, no counters."""
    if not projection:
        return {}
    kept = {key: value for key, value in projection.items() if key not in {"status", "kind", "apiVersion"}}
    metadata = projection.get("metadata") or {}
    kept["metadata"] = {
        key: value for key, value in metadata.items() if key not in {*_RESTLESS, "uid", "creationTimestamp"}
    }
    return kept


def as_yaml(projection: dict[str, Any]) -> str:
    """The projection as YAML for a person: first what the object is; markers in words instead of their fields."""
    first = {key: projection[key] for key in ("apiVersion", "kind", "metadata", "spec") if key in projection}
    return yaml.dump(
        _in_words({**first, **projection}),
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
    )


def _in_words(value: Any) -> Any:
    """The same with each marker as one line: that a value is set, how long, and a fingerprint that shows a change."""
    if isinstance(value, list):
        return [_in_words(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    marker = value.get("marked")
    if not isinstance(marker, dict):
        return {key: _in_words(inner) for key, inner in value.items()}
    words = [f"kept in the cluster, {marker.get('length', '?')} characters"]
    if marker.get("credential"):
        words.append("looks like a credential")
    if marker.get("hmac"):
        words.append(f"fingerprint {str(marker['hmac'])[:8]}")
    flag = f"{value['flag']} " if value.get("flag") else ""
    return f"{flag}({', '.join(words)})"


def of_object(held: KubernetesObject, *, limit: int = 20) -> list[Change]:
    """The changes of one object, newest first, without those in which only its status moved."""
    rows = ObjectChange.objects.filter(cluster=held.cluster_id, uid=held.uid).order_by("-at", "-id")[:100]
    return list(islice(_pair(list(rows), {held.uid: held.projection}), limit))


def of_workloads(cluster_ids: Iterable[Any], *, since: datetime, reach: Any, limit: int = 10) -> list[Change]:
    """What changed in workloads since an instant, newest first, in what the person may see."""
    rows = list(
        ObjectChange.objects.filter(reach.rows(), cluster__in=cluster_ids, kind__in=WORKLOADS, at__gte=since)
        .select_related("cluster")
        .order_by("-at", "-id")[:300]
    )
    uids = {row.uid for row in rows}
    current = KubernetesObject.objects.filter(cluster__in=cluster_ids, uid__in=uids)
    return list(islice(_pair(rows, dict(current.values_list("uid", "projection"))), limit))


def _pair(rows: list[ObjectChange], current: dict[str, dict[str, Any]]) -> Iterable[Change]:
    """Each change with the state after it: the 'before' of the next newer change, or the present one."""
    after: dict[str, dict[str, Any] | None] = defaultdict(lambda: None, current)
    for row in rows:
        following = None if row.verb == "removed" else after[row.uid]
        after[row.uid] = row.before
        old, new = specification(row.before), specification(following)
        if row.verb != "changed":
            yield Change(row, "", "", "")
        elif old != new and old and new:
            yield Change(row, as_yaml(old), as_yaml(new), _summary(old, new))


def _summary(old: dict[str, Any], new: dict[str, Any]) -> str:
    """The change in a few words: images, replicas, else the paths that differ."""
    paths = list(_differing(old, new, ""))
    words = []
    for path, before, after in paths:
        if path.endswith(".image"):
            words.append(f"{_tag(before)} → {_tag(after)}")
        elif path == "spec.replicas":
            words.append(f"{before} → {after} replicas")
    return ", ".join(dict.fromkeys(words)) or ", ".join(path for path, _, _ in paths[:2])


def _tag(image: Any) -> str:
    name, _, tag = str(image).rpartition(":")
    return tag if name and "/" not in tag else str(image)


def _differing(old: Any, new: Any, path: str) -> Iterable[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differing(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differing(before, after, f"{path}[{index}]")
    elif old != new:
        yield path, old, new
