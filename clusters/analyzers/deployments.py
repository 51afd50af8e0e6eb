"""Analyzers of Deployments and of ReplicaSets: bad rollouts, missed deadlines, pods that fail or can't be created."""

from collections.abc import Iterable
from dataclasses import replace

from clusters.analyzers import creation, grace
from clusters.analyzers.base import Cause, Finding, Severity, analyzer
from clusters.analyzers.evidence import cause_of, seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.trouble import Topic, Trouble, finding_of, kubectl, not_assessed
from clusters.analyzers.workloads import judge
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


@analyzer(
    "deployments",
    kinds=("Deployment",),
    reads=("ReplicaSet", "Pod", "Node", "PersistentVolumeClaim"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status",),
)
def deployments(examination: Examination) -> Iterable[Finding]:
    """Deployments whose rollout fails or is stuck, whose pods fail, or which have fewer pods than they must."""
    for deployment in examination.inventory.of("Deployment"):
        if not fields.mapping(deployment.body, "status") or wanted(deployment) == 0:
            continue
        finding = (
            create_failure("deployments", deployment, cause=None)
            or judge("deployments", examination, deployment, available=available(deployment))
            or _by_conditions(examination, deployment)
        )
        if finding is not None:
            yield finding


def wanted(workload: Resource) -> int:
    """Return how many pods a workload is to have; 1 where nothing is written."""
    return fields.integer(workload.body, "spec", "replicas", default=1)


def available(workload: Resource) -> int:
    """Return how many pods count as available."""
    return fields.integer(workload.body, "status", "availableReplicas")


def create_failure(name: str, workload: Resource, *, cause: Cause | None) -> Finding | None:
    """Return the finding of a workload whose pods the API server refuses."""
    found = fields.condition(workload.body, "ReplicaFailure")
    if found is None or found[1].get("status") != "True":
        return None
    why, fix = creation.explain(fields.text(found[1], "message"))
    trouble = Trouble(
        topic=Topic.CREATE,
        subject="",
        predicate=f"can't create pods, {why}",
        detail=f"The API server refuses the pods that this {workload.kind} asks for: {why}.",
        fix=fix,
        severity=Severity.HIGH if available(workload) > 0 else Severity.CRITICAL,
        evidence=(
            *seen(workload, "status", "conditions", found[0], "type"),
            *seen(workload, "status", "conditions", found[0], "reason"),
            *seen(workload, "status", "conditions", found[0], "message"),
        ),
    )
    severity = Severity.MEDIUM if cause else None
    return finding_of(name, workload, trouble, cause=cause, severity=severity)


def _by_conditions(examination: Examination, deployment: Resource) -> Finding | None:
    """Judge a Deployment whose pods tell nothing, by what its controller says."""
    if _unseen_change(deployment):
        return None
    progress = fields.condition(deployment.body, "Progressing")
    reason = progress[1].get("reason") if progress else "NewReplicaSetAvailable"
    if progress is not None and reason == "ProgressDeadlineExceeded":
        return finding_of("deployments", deployment, _deadline(deployment, progress[0]), cause=None)
    if available(deployment) >= wanted(deployment) or reason != "NewReplicaSetAvailable":
        return None  # all there, or a rollout under way within its deadline, or paused
    return _short_of_replicas(examination, deployment)


def _unseen_change(deployment: Resource) -> bool:
    """Say whether the controller has yet to look at the latest change, so that its status is of the past."""
    observed = fields.dig(deployment.body, "status", "observedGeneration")
    generation = fields.integer(deployment.body, "metadata", "generation")
    return isinstance(observed, int) and observed < generation


def _short_of_replicas(examination: Examination, deployment: Resource) -> Finding | None:
    found = fields.condition(deployment.body, "Available")
    if found is not None and found[1].get("status") == "False":
        since = fields.moment(found[1], "lastTransitionTime")
        if not examination.passed(grace.UNAVAILABLE, since):
            return None
        return finding_of("deployments", deployment, _unavailable(deployment, found[0]), cause=None)
    if not examination.inventory.given("Pod"):
        why = "some replicas are unavailable and no Pods were given"
        return not_assessed("deployments", deployment, why=why, needed="Pods")
    return None


def _deadline(deployment: Resource, index: int) -> Trouble:
    target = f"deployment/{deployment.name}"
    return Trouble(
        topic=Topic.UNREADY,
        subject="",
        predicate="rollout has exceeded its progress deadline",
        detail="No new pod has become available within progressDeadlineSeconds "
        f"({fields.integer(deployment.body, 'spec', 'progressDeadlineSeconds', default=600)}); the controller keeps "
        "trying, and doesn't roll back by itself.",
        fix=f"See what the new pods wait for: {kubectl('rollout status', target, deployment.namespace)}; roll back: "
        f"{kubectl('rollout undo', target, deployment.namespace)}.",
        severity=Severity.HIGH if available(deployment) > 0 else Severity.CRITICAL,
        evidence=(
            *seen(deployment, "status", "conditions", index, "status"),
            *seen(deployment, "status", "conditions", index, "reason"),
            *seen(deployment, "status", "conditions", index, "message"),
        ),
    )


def _unavailable(deployment: Resource, index: int) -> Trouble:
    count = available(deployment)
    return Trouble(
        topic=Topic.UNREADY,
        subject="",
        predicate="fewer replicas are available than it must keep",
        detail=f"{count} of {wanted(deployment)} replicas are available, and no rollout is under way.",
        fix=f"See what its pods say: {kubectl('describe deployment', deployment.name, deployment.namespace)}",
        severity=Severity.HIGH if count > 0 else Severity.CRITICAL,
        evidence=(
            *seen(deployment, "status", "conditions", index, "status"),
            *seen(deployment, "status", "conditions", index, "reason"),
            *seen(deployment, "spec", "replicas"),
            *seen(deployment, "status", "availableReplicas"),
        ),
    )


@analyzer(
    "replicasets",
    kinds=("ReplicaSet", "ReplicationController"),
    reads=("Deployment", "Pod", "Node", "PersistentVolumeClaim"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/",),
)
def replicasets(examination: Examination) -> Iterable[Finding]:
    """ReplicaSets whose pods fail or can't be created; they follow from their Deployment where they have one."""
    for kind in ("ReplicaSet", "ReplicationController"):
        for owned in examination.inventory.of(kind):
            if fields.mapping(owned.body, "status") and wanted(owned) > 0:
                finding = _of_set(examination, owned)
                if finding is not None:
                    yield finding


def _of_set(examination: Examination, owned: Resource) -> Finding | None:
    above = examination.inventory.owner_of(owned)
    cause = cause_of(above) if above else None
    finding = create_failure("replicasets", owned, cause=cause)
    if finding is not None:
        return finding
    finding = judge("replicasets", examination, owned, available=available(owned))
    if finding is None or cause is None:
        return finding
    return replace(finding, cause=finding.cause or cause, severity=Severity.MEDIUM)
