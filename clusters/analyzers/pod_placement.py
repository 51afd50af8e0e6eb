"""Judges where a pod is: refused by the scheduler, on a node that is lost, or stuck before its containers exist."""

from datetime import datetime

from clusters.analyzers import containers, events, grace, scheduling
from clusters.analyzers.base import Cause, Evidence, Severity, Status
from clusters.analyzers.claims import claim_troubles, consumers
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.nodes import lost_nodes
from clusters.analyzers.pod_phases import terminating
from clusters.analyzers.trouble import Topic, Trouble, kubectl
from clusters.kubernetes import fields, references
from clusters.kubernetes.inventory import Resource

_STUCK = (
    "FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox",
    "FailedCreatePodContainer", "NetworkNotReady",
)  # fmt: skip


def unscheduled(examination: Examination, pod: Resource) -> Trouble | None:
    """Judge a pod without a node: what the scheduler refuses it for, and whether a claim or a lost node is why."""
    found = fields.condition(pod.body, "PodScheduled")
    if found is not None and (
        found[1].get("status") != "False" or found[1].get("reason") == "SchedulingGated"
    ):
        return None
    message, since, evidence = _refusal(examination, pod)
    if not evidence or not examination.passed(grace.UNSCHEDULED, since):
        return None
    refusals = scheduling.decode(message)
    claim = _claim_to_blame(examination, pod)
    storage = any(refusal.predicate in scheduling.STORAGE for refusal in refusals)
    blame = claim if claim and (storage or not refusals) else _node_to_blame(examination, pod, refusals)
    return Trouble(
        topic=Topic.CLAIM if blame is claim and claim else Topic.SCHEDULING,
        subject="",
        predicate=f"can't be scheduled: {scheduling.summary(refusals)}",
        detail="The scheduler finds no node for it: "
        f"{scheduling.explanation(refusals) or 'it gives no reason'}.",
        fix=_sentence(scheduling.advice(refusals)) or kubectl("describe pod", pod.name, pod.namespace),
        evidence=tuple(evidence),
        blame=blame,
    )


def _refusal(examination: Examination, pod: Resource) -> tuple[str, datetime | None, list[Evidence]]:
    """Return the scheduler's message, since when it stands, and where: the condition, or else its event."""
    found = fields.condition(pod.body, "PodScheduled")
    if found is not None:
        index, condition = found
        evidence = seen(pod, "status", "conditions", index, "reason") + seen(
            pod, "status", "conditions", index, "message"
        )
        since = fields.moment(condition, "lastTransitionTime")
        return fields.text(condition, "message"), since, evidence or seen(pod, "status", "phase")
    reported = events.about(examination, pod, "FailedScheduling")
    created = fields.moment(pod.body, "metadata", "creationTimestamp")
    return (
        (events.message_of(reported[0]), created, events.quoted(reported[0])) if reported else ("", None, [])
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _claim_to_blame(examination: Examination, pod: Resource) -> Cause | None:
    troubles = claim_troubles(examination)
    for name in sorted(references.claims(pod.body)):
        trouble = troubles.get((pod.namespace, name))
        if trouble is not None and trouble.status is Status.FAILING:
            return Cause("PersistentVolumeClaim", pod.namespace, name)
    return None


def _node_to_blame(
    examination: Examination, pod: Resource, refusals: list[scheduling.Refusal]
) -> Cause | None:
    """Return the lost node without which this pod would have room: it was pending only after that node went."""
    if not any(refusal.predicate in scheduling.NODES for refusal in refusals):
        return None
    created = fields.moment(pod.body, "metadata", "creationTimestamp")
    for name in sorted(lost_nodes(examination)):
        node = examination.inventory.get("Node", "", name)
        ready = fields.condition(node.body, "Ready") if node else None
        gone = fields.moment(ready[1], "lastTransitionTime") if ready else None
        if created is None or gone is None or created >= gone:
            return Cause("Node", "", name)
    return None


def on_lost_node(examination: Examination, pod: Resource) -> Trouble | None:
    """Judge a pod that isn't ready and whose node is lost."""
    node = fields.text(pod.body, "spec", "nodeName")
    if node not in lost_nodes(examination):
        return None
    index = (fields.condition(pod.body, "Ready") or (0, {}))[0]
    owner = references.controller(pod.body)
    return Trouble(
        topic=Topic.NODE,
        subject="",
        predicate=f"down with node {node}",
        detail=f"Its node {node} is not ready, so the control plane counts the pod as not ready and takes it out "
        "of its Services. What its containers do is unknown.",
        fix=f"Bring node {node} back; the pod itself needs nothing.",
        severity=Severity.MEDIUM,
        evidence=(
            *seen(pod, "spec", "nodeName"),
            *seen(pod, "status", "conditions", index, "type"),
            *seen(pod, "status", "conditions", index, "status"),
        ),
        blame=Cause("Node", "", node),
        # Asked to go, it is replaced elsewhere; but for the controllers that first wait for its end.
        leftover=terminating(pod) and (owner is None or owner.kind not in ("StatefulSet", "DaemonSet")),
    )


def creating(examination: Examination, pod: Resource) -> Trouble | None:
    """Judge a pod that has a node but whose containers are not there yet."""
    waiting = [
        state
        for state in containers.states(pod)
        if fields.text(state.status, "state", "waiting", "reason") in ("ContainerCreating", "PodInitializing")
    ]
    if fields.text(pod.body, "status", "phase") != "Pending" or _init_at_work(pod):
        return None
    reported = events.about(examination, pod, *_STUCK)
    patience = grace.CREATING_WITH_EVENT if reported else grace.CREATING
    started = fields.moment(pod.body, "status", "startTime")
    created = fields.moment(pod.body, "metadata", "creationTimestamp")
    if not examination.passed(patience, started or created):
        return None
    blame = _claim_to_blame(examination, pod) or _held_volume(examination, pod)
    reason = fields.text(reported[0].body, "reason") if reported else ""
    return Trouble(
        topic=Topic.CREATING,
        subject="",
        predicate=f"stuck in ContainerCreating{f': {reason}' if reason else ''}",
        detail="It has a node, but its containers are not created: a volume, the network or the runtime is not "
        "ready for it.",
        fix=f"{kubectl('describe pod', pod.name, pod.namespace)} shows what is waited for; usual grounds are a "
        "missing Secret or ConfigMap volume, a disk still attached elsewhere, or the network plug-in.",
        evidence=(
            *(waiting[0].seen("state", "waiting", "reason") if waiting else seen(pod, "status", "phase")),
            *(events.quoted(reported[0]) if reported else []),
        ),
        blame=blame,
    )


def _init_at_work(pod: Resource) -> bool:
    return any(
        fields.dig(status, "state", "running") is not None
        for _, status in fields.indexed(pod.body, "status", "initContainerStatuses")
    )


def _held_volume(examination: Examination, pod: Resource) -> Cause | None:
    """Return the lost node that still holds this pod's volume: the pod there can't be told to let go."""
    for name in sorted(references.claims(pod.body)):
        for other in _all_consumers(examination, pod.namespace, name):
            node = fields.text(other.body, "spec", "nodeName")
            if other is not pod and node in lost_nodes(examination):
                return Cause("Node", "", node)
    return None


def _all_consumers(examination: Examination, namespace: str, claim: str) -> list[Resource]:
    going = [
        pod
        for pod in examination.inventory.within("Pod", namespace)
        if terminating(pod) and claim in references.claims(pod.body)
    ]
    return [*consumers(examination).get((namespace, claim), []), *going]
