"""Tells a rollout's new pods from its old ones, and what the new template changed.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ (pod-template-hash, revisions); other
controllers mark their pods with controller-revision-hash.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clusters.analyzers.base import Evidence
from clusters.analyzers.evidence import seen_on
from clusters.analyzers.examination import Examination
from clusters.analyzers.pod_phases import ended, is_ready
from clusters.kubernetes import fields, pod_templates
from clusters.kubernetes.inventory import Resource

REVISION = "deployment.kubernetes.io/revision"
_HASHES = {"Deployment": "pod-template-hash"}
_OTHER_HASH = "controller-revision-hash"


@dataclass(frozen=True, slots=True)
class Rollout:
    """The latest rollout of a workload. `before` is an object with the former template, where one is known."""

    workload: Resource
    new: frozenset[str]  # names of the pods of the latest template
    old: tuple[Resource, ...]  # pods of former templates that have not ended
    before: Resource | None
    before_set: Resource | None  # the former ReplicaSet, where ReplicaSets were given
    unfinished: bool

    @property
    def revision(self) -> str:
        """The number of the new revision, or an empty string."""
        return fields.text(self.workload.body, "metadata", "annotations", REVISION)

    @property
    def former_revision(self) -> str:
        """The number of the revision before it, or an empty string."""
        return (
            fields.text(self.before_set.body, "metadata", "annotations", REVISION) if self.before_set else ""
        )

    @property
    def serving(self) -> int:
        """How many pods of former templates are ready."""
        return sum(1 for pod in self.old if is_ready(pod))

    def is_behind(self, troubled: Iterable[Resource]) -> bool:
        """Say whether the rollout explains these pods: all of them are new, and it never got through."""
        return self.unfinished and self.before is not None and all(pod.name in self.new for pod in troubled)

    def changes(self) -> list[str]:
        """Return what the template's containers changed, in words: images and resources, whose values we hold."""
        if self.before is None:
            return []
        former = {container.name: container for container in pod_templates.containers(self.before.body)}
        found = []
        for container in pod_templates.containers(self.workload.body):
            other = former.get(container.name)
            if other is None:
                found.append(f"{container.title} is new")
                continue
            if other.image != container.image:
                found.append(f"image of {container.title} {other.image} → {container.image}")
            found += _resource_changes(other, container)
        return found

    def evidence(self) -> list[Evidence]:
        """Return the two revisions and the images that differ, as seen."""
        found = []
        if self.before_set is not None:
            found += seen_on(self.before_set, "metadata", "annotations", REVISION)
        if self.before is not None:
            former = {container.name: container for container in pod_templates.containers(self.before.body)}
            for container in pod_templates.containers(self.workload.body):
                other = former.get(container.name)
                if other is not None and other.image != container.image:
                    found.append(Evidence(f"{container.path}.image", container.image))
                    path = "/".join(part for part in self.before.identity if part)
                    found.append(Evidence(f"{path}:{other.path}.image", other.image))
        return found


def _resource_changes(former: pod_templates.Container, now: pod_templates.Container) -> list[str]:
    """Return each request and limit that differs, as `cpu request of container web 250m → 2`."""
    found = []
    for section, word in (("requests", "request"), ("limits", "limit")):
        before = fields.mapping(former.body, "resources", section)
        after = fields.mapping(now.body, "resources", section)
        for name in sorted(key for key in before.keys() | after.keys() if isinstance(key, str)):
            old, new = before.get(name), after.get(name)
            if old != new:
                found.append(f"{name} {word} of {now.title} {old or 'none'} → {new or 'none'}")
    return found


def rollout_of(examination: Examination, workload: Resource, pods: list[Resource]) -> Rollout:
    """Return the latest rollout of a Deployment, StatefulSet or DaemonSet."""
    label = _HASHES.get(workload.kind, _OTHER_HASH)
    sets = examination.inventory.owned_by(workload, "ReplicaSet") if workload.kind == "Deployment" else []
    current, former = _sets(workload, sets)
    latest = current.labels.get(label, "") if current else _latest_hash(workload, pods, label)
    new = frozenset(pod.name for pod in pods if pod.labels.get(label, "") == latest)
    old = tuple(pod for pod in pods if pod.name not in new and not ended(pod))
    return Rollout(
        workload=workload,
        new=new,
        old=old,
        before=former or (old[0] if old else None),
        before_set=former,
        unfinished=bool(old) or _unfinished(workload),
    )


def _sets(workload: Resource, sets: list[Resource]) -> tuple[Resource | None, Resource | None]:
    """Return the ReplicaSets of the new and of the former template."""
    ordered = sorted(sets, key=_set_order, reverse=True)
    if not ordered:
        return None, None
    revision = fields.text(workload.body, "metadata", "annotations", REVISION)
    current = next(
        (entry for entry in ordered if revision and _revision(entry) == _number(revision)), ordered[0]
    )
    others = [entry for entry in ordered if entry is not current]
    busy = [entry for entry in others if fields.integer(entry.body, "status", "replicas") > 0]
    return current, next(iter(busy or others), None)


def _set_order(entry: Resource) -> tuple[int, str, str]:
    return _revision(entry), str(fields.dig(entry.body, "metadata", "creationTimestamp")), entry.name


def _revision(entry: Resource) -> int:
    return _number(fields.text(entry.body, "metadata", "annotations", REVISION))


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else 0


def _latest_hash(workload: Resource, pods: list[Resource], label: str) -> str:
    named = fields.text(workload.body, "status", "updateRevision")
    if named:
        return named
    latest = max(pods, key=_pod_order, default=None)
    return latest.labels.get(label, "") if latest else ""


def _pod_order(pod: Resource) -> tuple[str, str]:
    return str(fields.dig(pod.body, "metadata", "creationTimestamp")), pod.name


def _unfinished(workload: Resource) -> bool:
    if workload.kind == "Deployment":
        progress = fields.condition(workload.body, "Progressing")
        return progress is not None and progress[1].get("reason") != "NewReplicaSetAvailable"
    if workload.kind == "StatefulSet":
        status = fields.mapping(workload.body, "status")
        return fields.text(status, "updateRevision") != fields.text(status, "currentRevision")
    wanted = fields.integer(workload.body, "status", "desiredNumberScheduled")
    return fields.integer(workload.body, "status", "updatedNumberScheduled") < wanted
