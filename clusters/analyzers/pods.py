"""The analyzer of pods: each pod in trouble, pointing to its workload, node or claim."""

from collections.abc import Iterable

from clusters.analyzers.base import Cause, Finding, Severity, Status, analyzer
from clusters.analyzers.evidence import cause_of
from clusters.analyzers.examination import Examination
from clusters.analyzers.pod_troubles import trouble_of
from clusters.analyzers.trouble import Topic, Trouble, finding_of, not_assessed
from clusters.analyzers.workloads import workload_of
from clusters.kubernetes import fields, references
from clusters.kubernetes.inventory import Resource


@analyzer(
    "pods",
    kinds=("Pod",),
    reads=("Node", "PersistentVolumeClaim", "ReplicaSet", "Deployment", "Job", "Event"),
    sources=(
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/",
    ),
)
def pods(examination: Examination) -> Iterable[Finding]:
    """Pods that crash, can't start, can't be scheduled, aren't ready, were evicted, or don't go away."""
    for pod in examination.inventory.of("Pod"):
        trouble = trouble_of(examination, pod)
        if trouble is None:
            continue
        finding = (
            _leftover(examination, pod, trouble) if trouble.leftover else _present(examination, pod, trouble)
        )
        if finding is not None:
            yield finding


def _present(examination: Examination, pod: Resource, trouble: Trouble) -> Finding:
    if trouble.status is Status.NOT_ASSESSED:
        return finding_of("pods", pod, trouble, cause=None)
    workload = workload_of(examination, pod)
    cause: Cause | None = trouble.blame or (cause_of(workload) if workload else None)
    severity = trouble.severity
    if cause is not None and severity.rank < Severity.MEDIUM.rank:
        severity = Severity.MEDIUM  # one pod of several, and not the place to mend it
    return finding_of("pods", pod, trouble, cause=cause, severity=severity)


def _leftover(examination: Examination, pod: Resource, trouble: Trouble) -> Finding | None:
    """Judge a pod that has ended: whether it matters is for its controller to say."""
    owner = references.controller(pod.body)
    if owner is not None and owner.kind == "Job":
        return _of_job(examination, pod, trouble)
    replaced = owner is not None and owner.kind != "Node" and trouble.topic is not Topic.NODE
    severity = Severity.LOW if replaced and trouble.blame is None else trouble.severity
    return finding_of("pods", pod, trouble, cause=trouble.blame, severity=severity)


def _of_job(examination: Examination, pod: Resource, trouble: Trouble) -> Finding | None:
    job = examination.inventory.owner_of(pod)
    if job is None:
        if examination.inventory.given("Job"):
            return finding_of("pods", pod, trouble, cause=trouble.blame, severity=Severity.LOW)
        return not_assessed("pods", pod, why="its Job was not given", needed="Jobs")
    failed = fields.condition(job.body, "Failed")
    if failed is None or failed[1].get("status") != "True":
        return None  # the Job retries, or got through without it
    return finding_of("pods", pod, trouble, cause=trouble.blame or cause_of(job), severity=Severity.MEDIUM)
