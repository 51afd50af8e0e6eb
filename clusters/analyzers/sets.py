"""Analyzers of StatefulSets and DaemonSets: by their pods, and by events where pods can't even be created."""

from collections.abc import Iterable

from clusters.analyzers import creation, events
from clusters.analyzers.base import Finding, Severity, analyzer
from clusters.analyzers.deployments import wanted
from clusters.analyzers.examination import Examination
from clusters.analyzers.trouble import Topic, Trouble, finding_of, not_assessed
from clusters.analyzers.workloads import judge
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


@analyzer(
    "statefulsets",
    kinds=("StatefulSet",),
    reads=("Pod", "Node", "PersistentVolumeClaim", "Event"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/",),
)
def statefulsets(examination: Examination) -> Iterable[Finding]:
    """StatefulSets whose pods fail, wait for a volume or a node, or can't be created."""
    for workload in examination.inventory.of("StatefulSet"):
        if fields.mapping(workload.body, "status") and wanted(workload) > 0:
            status = fields.mapping(workload.body, "status")
            ready = fields.integer(status, "readyReplicas")
            existing = fields.integer(status, "replicas")
            yield from _judged("statefulsets", examination, workload, (ready, existing, wanted(workload)))


@analyzer(
    "daemonsets",
    kinds=("DaemonSet",),
    reads=("Pod", "Node", "PersistentVolumeClaim", "Event"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/",),
)
def daemonsets(examination: Examination) -> Iterable[Finding]:
    """DaemonSets whose pods fail or are down with their node; nodes that they leave out count for nothing."""
    for workload in examination.inventory.of("DaemonSet"):
        status = fields.mapping(workload.body, "status")
        desired = fields.integer(status, "desiredNumberScheduled")
        if desired > 0:
            ready = fields.integer(status, "numberAvailable", default=fields.integer(status, "numberReady"))
            existing = fields.integer(status, "currentNumberScheduled")
            yield from _judged("daemonsets", examination, workload, (ready, existing, desired))


def _judged(
    name: str, examination: Examination, workload: Resource, counts: tuple[int, int, int]
) -> Iterable[Finding]:
    """Judge by (ready, existing, wanted): pods first, then events of a refused creation, else not at all."""
    ready, existing, desired = counts
    finding = judge(name, examination, workload, available=ready)
    if finding is None and existing < desired:
        finding = _refused(name, examination, workload, ready)
    if finding is None and ready < desired and not examination.inventory.given("Pod"):
        why = "some of its pods aren't ready and no Pods were given"
        finding = not_assessed(name, workload, why=why, needed="Pods")
    if finding is not None:
        yield finding


def _refused(name: str, examination: Examination, workload: Resource, ready: int) -> Finding | None:
    reported = events.about(examination, workload, "FailedCreate")
    if not reported:
        return None
    why, fix = creation.explain(events.message_of(reported[0]))
    trouble = Trouble(
        topic=Topic.CREATE,
        subject="",
        predicate=f"can't create pods, {why}",
        detail=f"The API server refuses the pods that this {workload.kind} asks for: {why}.",
        fix=fix,
        severity=Severity.HIGH if ready > 0 else Severity.CRITICAL,
        evidence=tuple(events.quoted(reported[0])),
    )
    return finding_of(name, workload, trouble, cause=None)
