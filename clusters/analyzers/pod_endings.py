"""Judges pods that have ended badly or don't end: evicted, refused by the kubelet, failed, stuck terminating."""

from dataclasses import replace

from clusters.analyzers import containers, grace
from clusters.analyzers.base import Cause, Evidence, Severity
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.nodes import node_troubles
from clusters.analyzers.trouble import Topic, Trouble, kubectl
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


def stuck_terminating(examination: Examination, pod: Resource) -> Trouble | None:
    """Judge a pod that was asked to go, and whose node is well."""
    if not examination.passed(grace.TERMINATING, fields.moment(pod.body, "metadata", "deletionTimestamp")):
        return None
    held = [entry for entry in fields.sequence(pod.body, "metadata", "finalizers") if isinstance(entry, str)]
    reason = (
        f"its finalizers ({', '.join(held)}) have not been removed"
        if held
        else "the kubelet has not confirmed its end"
    )
    return Trouble(
        topic=Topic.ENDED,
        subject="",
        predicate="stuck terminating",
        detail=f"It was deleted, its grace period is over, and it is still there: {reason}.",
        fix="See that the controller behind the finalizer runs."
        if held
        else f"Once you know that it runs nowhere any more: "
        f"{kubectl('delete pod', pod.name, pod.namespace, '--grace-period=0', '--force')}",
        severity=Severity.MEDIUM,
        evidence=(*seen(pod, "metadata", "deletionTimestamp"), *seen(pod, "spec", "nodeName")),
        leftover=True,
    )


def failed(examination: Examination, pod: Resource) -> Trouble:
    """Judge a pod that has ended badly: evicted, refused or stopped by its kubelet, or failed by itself."""
    reason = fields.text(pod.body, "status", "reason")
    node = fields.text(pod.body, "spec", "nodeName")
    evidence = [
        *seen(pod, "status", "phase"),
        *seen(pod, "status", "reason"),
        *seen(pod, "status", "message"),
    ]
    blame = Cause("Node", "", node) if node in node_troubles(examination) else None
    if reason == "Evicted":
        return Trouble(
            topic=Topic.EVICTED,
            subject="",
            predicate="evicted from its node",
            detail=f"The kubelet of {node or 'its node'} evicted it to win back resources.",
            fix="Set requests that match what it uses, so that it is evicted last; the record can be removed: "
            f"{kubectl('delete pod', pod.name, pod.namespace)}",
            severity=Severity.MEDIUM,
            evidence=tuple(evidence),
            blame=blame,
            leftover=True,
        )
    if reason:
        return Trouble(
            topic=Topic.ENDED,
            subject="",
            predicate=f"failed: {reason}",
            detail=f"The kubelet of {node or 'its node'} ended or refused it ({reason}).",
            fix=kubectl("describe pod", pod.name, pod.namespace),
            severity=Severity.MEDIUM,
            evidence=tuple(evidence),
            blame=blame if reason in ("NodeLost", "NodeShutdown", "Terminated", "Shutdown") else None,
            leftover=True,
        )
    return _ended_in_error(examination, pod, evidence)


def _ended_in_error(examination: Examination, pod: Resource, evidence: list[Evidence]) -> Trouble:
    for state in containers.states(pod):
        trouble = containers.trouble_of(examination, state)
        if trouble is not None:
            return replace(
                trouble,
                fix=trouble.fix.replace(" --previous", ""),
                severity=Severity.MEDIUM,
                evidence=(*evidence, *trouble.evidence),
                leftover=True,
            )
    return Trouble(
        topic=Topic.ENDED,
        subject="",
        predicate="failed",
        detail="It has ended, and not all of its containers ended well.",
        fix=kubectl("describe pod", pod.name, pod.namespace),
        severity=Severity.MEDIUM,
        evidence=tuple(evidence),
        leftover=True,
    )
