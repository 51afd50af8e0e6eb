"""Judges one pod: its end, its place, its node, its containers; and says what outside is to blame."""

from collections.abc import Iterator
from dataclasses import replace

from clusters.analyzers import containers, grace, pod_endings, pod_placement
from clusters.analyzers.base import Cause, Severity, Status
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.nodes import node_troubles
from clusters.analyzers.pod_phases import is_ready, terminating
from clusters.analyzers.trouble import TOPIC_RANK, Topic, Trouble, kubectl
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


@fact
def pod_troubles(examination: Examination) -> dict[tuple[str, str], Trouble]:
    """Return the trouble of each pod that has one, by namespace and name."""
    found = {}
    for pod in examination.inventory.of("Pod"):
        trouble = _trouble(examination, pod)
        if trouble is not None:
            found[pod.namespace, pod.name] = trouble
    return found


def trouble_of(examination: Examination, pod: Resource) -> Trouble | None:
    """Return what is wrong with a pod, or None."""
    return pod_troubles(examination).get((pod.namespace, pod.name))


def _trouble(examination: Examination, pod: Resource) -> Trouble | None:
    phase = fields.text(pod.body, "status", "phase")
    if phase in ("", "Succeeded"):
        return None  # a manifest that no cluster has run, or work that is done
    if phase == "Failed":
        return pod_endings.failed(examination, pod)
    if terminating(pod):
        lost = pod_placement.on_lost_node(examination, pod)
        return lost or pod_endings.stuck_terminating(examination, pod)
    if is_ready(pod):
        return next(_container_troubles(examination, pod), None) if _restarted(pod) else None
    if not fields.text(pod.body, "spec", "nodeName"):
        return pod_placement.unscheduled(examination, pod)
    worst = min(
        _container_troubles(examination, pod), key=lambda trouble: TOPIC_RANK[trouble.topic], default=None
    )
    return (
        worst
        or pod_placement.on_lost_node(examination, pod)
        or pod_placement.creating(examination, pod)
        or _not_ready(examination, pod)
    )


def _restarted(pod: Resource) -> bool:
    return any(
        fields.integer(status, "restartCount") > 0
        for group in ("containerStatuses", "initContainerStatuses")
        for _, status in fields.indexed(pod.body, "status", group)
    )


def _container_troubles(examination: Examination, pod: Resource) -> Iterator[Trouble]:
    for state in containers.states(pod):
        trouble = containers.trouble_of(examination, state)
        if trouble is not None:
            yield _with_node(examination, pod, state, trouble)


def _with_node(examination: Examination, pod: Resource, state: containers.State, trouble: Trouble) -> Trouble:
    """Blame the node where a container without a limit was killed on a node that is short of memory."""
    if trouble.topic != Topic.MEMORY or fields.dig(state.container.body, "resources", "limits", "memory"):
        return trouble
    name = fields.text(pod.body, "spec", "nodeName")
    short = node_troubles(examination).get(name)
    if short is None or "memory" not in short.predicate:
        return trouble
    return replace(trouble, blame=Cause("Node", "", name))


def _not_ready(examination: Examination, pod: Resource) -> Trouble | None:
    found = next(
        (
            trouble
            for trouble in (containers.unready(examination, state) for state in containers.states(pod))
            if trouble is not None
        ),
        None,
    )
    return found or _cut_off(examination, pod)


def _cut_off(examination: Examination, pod: Resource) -> Trouble | None:
    """Judge a pod whose containers are ready though it isn't: a readiness gate, or a node nobody showed us."""
    ready = fields.condition(pod.body, "Ready")
    if ready is None or ready[1].get("status") != "False":
        return None
    statuses = [status for _, status in fields.indexed(pod.body, "status", "containerStatuses")]
    if not statuses or not all(status.get("ready") is True for status in statuses):
        return None
    if not examination.passed(grace.UNREADY, fields.moment(ready[1], "lastTransitionTime")):
        return None
    gated = ready[1].get("reason") == "ReadinessGatesNotReady"
    if not gated and not examination.inventory.given("Node"):
        return Trouble(
            topic=Topic.NODE,
            subject="",
            predicate="not assessed, no Nodes were given",
            detail="Its containers are ready and it isn't: so it looks when its node is lost, which only the Node "
            "can tell.",
            fix="Give the cluster's Nodes as well; the agent may read them with its default role.",
            severity=Severity.LOW,
            evidence=tuple(seen(pod, "status", "conditions", ready[0], "status")),
            status=Status.NOT_ASSESSED,
        )
    return Trouble(
        topic=Topic.UNREADY,
        subject="",
        predicate="not ready, a readiness gate isn't met" if gated else "not ready though its containers are",
        detail="A condition beside its containers keeps it out of its Services."
        if gated
        else "The control plane counts it as not ready; its node may just have come back.",
        fix=f"See the conditions: {kubectl('get pod', pod.name, pod.namespace, '-o', 'yaml')}",
        severity=Severity.MEDIUM,
        evidence=(
            *seen(pod, "status", "conditions", ready[0], "status"),
            *seen(pod, "status", "conditions", ready[0], "reason"),
        ),
    )
