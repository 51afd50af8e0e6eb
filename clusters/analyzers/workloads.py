"""Joins pods to the workload that a person would look at, and judges a workload by its pods."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from clusters.analyzers.base import Cause, Evidence, Finding, Severity, Status
from clusters.analyzers.evidence import moved, seen
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.pod_phases import is_ready
from clusters.analyzers.pod_troubles import trouble_of
from clusters.analyzers.rollouts import REVISION, Rollout, rollout_of
from clusters.analyzers.trouble import TOPIC_RANK, Topic, Trouble, kubectl
from clusters.kubernetes import fields, references, selectors
from clusters.kubernetes.inventory import Resource
from clusters.kubernetes.selectors import Selector

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job")
_QUOTED = 2  # pods whose evidence a workload's finding quotes


def workload_of(examination: Examination, pod: Resource) -> Resource | None:
    """Return the outermost controller of a pod that was given: the Deployment rather than its ReplicaSet."""
    owner = examination.inventory.owner_of(pod)
    if owner is None:
        return _without_owner(examination, pod)
    if owner.kind == "ReplicaSet":
        above = examination.inventory.owner_of(owner)
        return above if above is not None and above.kind == "Deployment" else owner
    return owner if owner.kind in KINDS else None


def _without_owner(examination: Examination, pod: Resource) -> Resource | None:
    """Return the workload of a pod whose owner isn't there to ask: by its ReplicaSet's name, or by selector."""
    reference = references.controller(pod.body)
    if reference is None:
        return _by_selector(examination, pod)
    if reference.kind != "ReplicaSet" or examination.inventory.given("ReplicaSet"):
        return None
    marked = pod.labels.get("pod-template-hash", "")
    name = reference.name.removesuffix(f"-{marked}") if marked else reference.name.rpartition("-")[0]
    return examination.inventory.get("Deployment", pod.namespace, name)


@fact
def _selectors(examination: Examination) -> dict[str, list[tuple[Selector, Resource]]]:
    found: dict[str, list[tuple[Selector, Resource]]] = defaultdict(list)
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
        for workload in examination.inventory.of(kind):
            selector = selectors.from_object(fields.dig(workload.body, "spec", "selector"))
            if selector is not None and selector.requirements:
                found[workload.namespace].append((selector, workload))
    return found


def _by_selector(examination: Examination, pod: Resource) -> Resource | None:
    """Return the workload that selects a pod without owners: an orphan that it would adopt."""
    if not pod.labels:
        return None
    for selector, workload in _selectors(examination).get(pod.namespace, []):
        if selector.matches(pod.labels):
            return workload
    return None


@fact
def _pods_by_workload(examination: Examination) -> dict[tuple[str, str, str], list[Resource]]:
    found: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
    for pod in examination.inventory.of("Pod"):
        workload = workload_of(examination, pod)
        if workload is None:
            continue
        found[workload.identity].append(pod)
        owner = examination.inventory.owner_of(pod)
        if owner is not None and owner is not workload:
            found[owner.identity].append(pod)  # a ReplicaSet under its Deployment
    return found


def pods_of(examination: Examination, workload: Resource) -> list[Resource]:
    """Return the pods of a workload, through its ReplicaSets where it has any, ordered by name."""
    return _pods_by_workload(examination).get(workload.identity, [])


@dataclass(frozen=True, slots=True)
class Troubled:
    """A workload's pods that are in trouble now, split by whether something outside it is to blame."""

    own: list[tuple[Resource, Trouble]] = field(default_factory=list)
    foreign: list[tuple[Resource, Trouble]] = field(default_factory=list)


def troubled(examination: Examination, workload: Resource) -> Troubled:
    """Return the pods of a workload that are in trouble, the most telling trouble first."""
    found = Troubled()
    for pod in pods_of(examination, workload):
        trouble = trouble_of(examination, pod)
        if trouble is None or trouble.leftover or trouble.status is not Status.FAILING:
            continue
        (found.foreign if trouble.blame else found.own).append((pod, trouble))
    for entries in (found.own, found.foreign):
        entries.sort(key=lambda entry: (TOPIC_RANK[entry[1].topic], entry[0].name))
    return found


def judge(analyzer: str, examination: Examination, workload: Resource, *, available: int) -> Finding | None:
    """Return the finding that a workload's pods give it: its own fault first, else the outside one, else none."""
    found = troubled(examination, workload)
    if found.own:
        return _own_fault(analyzer, examination, workload, found.own, available=available)
    if found.foreign:
        return _foreign_fault(analyzer, examination, workload, found.foreign, available=available)
    return None


def _own_fault(
    analyzer: str,
    examination: Examination,
    workload: Resource,
    entries: list[tuple[Resource, Trouble]],
    *,
    available: int,
) -> Finding:
    pods = pods_of(examination, workload)
    trouble = entries[0][1]
    alike = [pod for pod, other in entries if other.topic is trouble.topic]
    rollout = rollout_of(examination, workload, pods)
    bad_rollout = rollout.is_behind(alike)
    subject = "new revision" if bad_rollout else trouble.subject or "pods"
    if trouble.topic is Topic.IMAGE and not bad_rollout:
        subject = trouble.subject
    fix = _workload_fix(workload, trouble)
    return Finding(
        analyzer=analyzer,
        severity=_severity(trouble, available),
        kind=workload.kind,
        namespace=workload.namespace,
        name=workload.name,
        title=f"{workload}: {subject} {trouble.predicate}",
        detail=_detail(trouble, rollout, len(alike), bad_rollout=bad_rollout),
        evidence=tuple(_evidence(workload, entries, rollout, bad_rollout=bad_rollout)),
        fix=f"{_undo(workload, rollout)} {fix}" if bad_rollout else fix,
    )


def _severity(trouble: Trouble, available: int) -> Severity:
    if available <= 0:
        return Severity.CRITICAL
    return trouble.severity


def _detail(trouble: Trouble, rollout: Rollout, count: int, *, bad_rollout: bool) -> str:
    pods = "1 pod is" if count == 1 else f"{count} pods are"
    changes = "; ".join(rollout.changes())
    numbers = f" {rollout.former_revision} → {rollout.revision}" if rollout.former_revision else ""
    if not bad_rollout:
        latest = f" The latest rollout{numbers} changed: {changes}." if changes else ""
        return f"{trouble.detail} {pods} affected.{latest}"
    ready = rollout.serving
    serving = (
        f"The old revision still serves with {ready} ready pod{'s' if ready != 1 else ''}."
        if ready
        else "No pod of the old revision is ready."
    )
    return (
        f"Since the rollout{numbers} ({changes or 'images and resources are the same'}): {trouble.detail} {pods} "
        f"affected. {serving}"
    )


def _evidence(
    workload: Resource, entries: list[tuple[Resource, Trouble]], rollout: Rollout, *, bad_rollout: bool
) -> Iterable[Evidence]:
    if bad_rollout:
        yield from seen(workload, "metadata", "annotations", REVISION)
        yield from rollout.evidence()
    progress = fields.condition(workload.body, "Progressing")
    if progress is not None and progress[1].get("status") == "False":
        yield from seen(workload, "status", "conditions", progress[0], "reason")
    for pod, trouble in entries[:_QUOTED]:
        yield from moved(list(trouble.evidence), pod)


def _undo(workload: Resource, rollout: Rollout) -> str:
    target = f"{workload.kind.lower()}/{workload.name}"
    options = [f"--to-revision={rollout.former_revision}"] if rollout.former_revision else []
    return (
        f"Roll back: {kubectl('rollout undo', target, workload.namespace, *options)} (if Argo CD, Flux or Helm "
        "manages it, revert there, or it comes back)."
    )


def _workload_fix(workload: Resource, trouble: Trouble) -> str:
    """Return the fix with the pod's commands turned to the workload's, whose name stays while pods come and go."""
    if trouble.topic in (Topic.CRASH, Topic.MEMORY):
        target = f"{workload.kind.lower()}/{workload.name}"
        logs = kubectl("logs", target, workload.namespace, "-c", trouble.container, "--previous")
        if trouble.topic is Topic.CRASH:
            return f"Read its last output: {logs}"
        return (
            "Raise resources.limits.memory (and requests with it) if that is what it needs; otherwise look for a "
            f"leak or a heap size above the limit. Its last output: {logs}"
        )
    return trouble.fix


def _foreign_fault(
    analyzer: str,
    examination: Examination,
    workload: Resource,
    entries: list[tuple[Resource, Trouble]],
    *,
    available: int,
) -> Finding:
    blamed: dict[Cause, int] = defaultdict(int)
    for _, trouble in entries:
        if trouble.blame:
            blamed[trouble.blame] += 1
    cause = min(blamed, key=lambda entry: (-blamed[entry], entry))
    count, total = len(entries), len(pods_of(examination, workload))
    because = "are down with node" if cause.kind == "Node" else f"wait for {cause.kind}"
    ready = sum(1 for pod in pods_of(examination, workload) if is_ready(pod))
    return Finding(
        analyzer=analyzer,
        severity=Severity.HIGH if available <= 0 and not ready else Severity.MEDIUM,
        kind=workload.kind,
        namespace=workload.namespace,
        name=workload.name,
        title=f"{workload}: pods {because} {cause.name}",
        detail=f"{count} of its {total} pods suffer from {cause.kind} {cause.name}; the workload itself is not at "
        "fault.",
        evidence=tuple(
            entry for pod, trouble in entries[:_QUOTED] for entry in moved(list(trouble.evidence), pod)
        ),
        fix=f"Put {cause.kind} {cause.name} right; see its finding.",
        cause=cause,
    )
