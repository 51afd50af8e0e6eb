"""Judges one pod: its end, its place, its node, its containers, its volumes; and says what outside is to blame."""

from collections.abc import Iterator

from clusters.analyzers import containers, events, grace, scheduling
from clusters.analyzers.base import Cause, Evidence, Severity, Status
from clusters.analyzers.claims import claim_troubles, consumers
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.nodes import lost_nodes, node_troubles
from clusters.analyzers.trouble import Trouble, kubectl
from clusters.kubernetes import fields, references
from clusters.kubernetes.inventory import Resource

SCHEDULING, CREATING, NODE, CLAIM, EVICTED, ENDED = (
    "scheduling", "creating", "node", "claim", "evicted", "ended")  # fmt: skip
_STUCK = (
    "FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox",
    "FailedCreatePodContainer", "NetworkNotReady",
)  # fmt: skip
# The worst first: what a pod with several troubles is said to suffer from.
_ORDER = (
    containers.MEMORY, containers.CRASH, containers.IMAGE, containers.CONFIG, containers.CREATE, containers.UNREADY,
)  # fmt: skip


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


def ended(pod: Resource) -> bool:
    """Say whether a pod has ended or is being taken away, and so serves nobody any more."""
    return fields.text(pod.body, "status", "phase") in ("Succeeded", "Failed") or terminating(pod)


def terminating(pod: Resource) -> bool:
    """Say whether a pod has been asked to go."""
    return fields.dig(pod.body, "metadata", "deletionTimestamp") is not None


def is_ready(pod: Resource) -> bool:
    """Say whether a pod may get traffic."""
    condition = fields.condition(pod.body, "Ready")
    return condition is not None and condition[1].get("status") == "True" and not ended(pod)


def _trouble(examination: Examination, pod: Resource) -> Trouble | None:
    phase = fields.text(pod.body, "status", "phase")
    if phase in ("", "Succeeded"):
        return None  # a manifest that no cluster has run, or work that is done
    if terminating(pod):
        return _stuck_terminating(examination, pod)
    if phase == "Failed":
        return _failed(examination, pod)
    if is_ready(pod):
        return next(_container_troubles(examination, pod), None) if _restarted(pod) else None
    if not fields.text(pod.body, "spec", "nodeName"):
        return _unscheduled(examination, pod)
    troubles = sorted(_container_troubles(examination, pod), key=lambda trouble: _ORDER.index(trouble.topic))
    if troubles:
        return troubles[0]
    return _on_lost_node(examination, pod) or _creating(examination, pod) or _not_ready(examination, pod)


def _restarted(pod: Resource) -> bool:
    return any(
        fields.integer(status, "restartCount") > 1
        for group in ("containerStatuses", "initContainerStatuses")
        for _, status in fields.indexed(pod.body, "status", group)
    )


def _container_troubles(examination: Examination, pod: Resource) -> Iterator[Trouble]:
    for state in containers.states(pod):
        trouble = containers.trouble_of(examination, state)
        if trouble is not None:
            yield _with_node(examination, pod, state, trouble)


def _with_node(
    examination: Examination, pod: Resource, state: containers.State, trouble: Trouble
) -> Trouble:
    """Blame the node where a container without a limit was killed on a node that is short of memory."""
    if trouble.topic != containers.MEMORY or fields.dig(
        state.container.body, "resources", "limits", "memory"
    ):
        return trouble
    name = fields.text(pod.body, "spec", "nodeName")
    short = node_troubles(examination).get(name)
    return blamed(trouble, Cause("Node", "", name)) if short and "memory" in short.predicate else trouble


def blamed(trouble: Trouble, cause: Cause) -> Trouble:
    """Return the trouble with the object that is to blame for it."""
    return Trouble(
        topic=trouble.topic,
        subject=trouble.subject,
        predicate=trouble.predicate,
        detail=trouble.detail,
        fix=trouble.fix,
        severity=trouble.severity,
        evidence=trouble.evidence,
        blame=cause,
        container=trouble.container,
        status=trouble.status,
        leftover=trouble.leftover,
    )


def _stuck_terminating(examination: Examination, pod: Resource) -> Trouble | None:
    if not examination.passed(grace.TERMINATING, fields.moment(pod.body, "metadata", "deletionTimestamp")):
        return None
    node = fields.text(pod.body, "spec", "nodeName")
    held = [entry for entry in fields.sequence(pod.body, "metadata", "finalizers") if isinstance(entry, str)]
    if node in lost_nodes(examination):
        reason, blame = f"its node {node} is not ready and can't confirm the end", Cause("Node", "", node)
    elif held:
        reason, blame = f"its finalizers ({', '.join(held)}) have not been removed", None
    else:
        reason, blame = "the kubelet has not confirmed its end", None
    return Trouble(
        topic=NODE if blame else ENDED,
        subject="",
        predicate="stuck terminating",
        detail=f"It was deleted, its grace period is over, and it is still there: {reason}.",
        fix="See that the controller behind the finalizer runs."
        if held and not blame
        else f"Once you know that it runs nowhere any more: "
        f"{kubectl('delete pod', pod.name, pod.namespace, '--grace-period=0', '--force')}",
        severity=Severity.MEDIUM,
        evidence=(*seen(pod, "metadata", "deletionTimestamp"), *seen(pod, "spec", "nodeName")),
        blame=blame,
        leftover=True,
    )


def _failed(examination: Examination, pod: Resource) -> Trouble:
    reason = fields.text(pod.body, "status", "reason")
    node = fields.text(pod.body, "spec", "nodeName")
    evidence = [*seen(pod, "status", "phase"), *seen(pod, "status", "reason"), *seen(pod, "status", "message")]
    blame = Cause("Node", "", node) if node in node_troubles(examination) else None
    if reason == "Evicted":
        return Trouble(
            topic=EVICTED,
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
            topic=ENDED,
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
            return Trouble(
                topic=trouble.topic,
                subject=trouble.subject,
                predicate=trouble.predicate,
                detail=trouble.detail,
                fix=trouble.fix.replace(" --previous", ""),
                severity=Severity.MEDIUM,
                evidence=(*evidence, *trouble.evidence),
                container=trouble.container,
                leftover=True,
            )
    return Trouble(
        topic=ENDED,
        subject="",
        predicate="failed",
        detail="It has ended, and not all of its containers ended well.",
        fix=kubectl("describe pod", pod.name, pod.namespace),
        severity=Severity.MEDIUM,
        evidence=tuple(evidence),
        leftover=True,
    )


def _unscheduled(examination: Examination, pod: Resource) -> Trouble | None:
    found = fields.condition(pod.body, "PodScheduled")
    if found is None or found[1].get("status") != "False" or found[1].get("reason") == "SchedulingGated":
        return None
    index, condition = found
    if not examination.passed(grace.UNSCHEDULED, fields.moment(condition, "lastTransitionTime")):
        return None
    refusals = scheduling.decode(fields.text(condition, "message"))
    claim = _claim_to_blame(examination, pod)
    evidence = (
        *seen(pod, "status", "conditions", index, "reason"),
        *seen(pod, "status", "conditions", index, "message"),
    )
    storage = any(refusal.predicate in scheduling.STORAGE for refusal in refusals)
    blame = claim if claim and (storage or not refusals) else _node_to_blame(examination, pod, refusals)
    return Trouble(
        topic=CLAIM if blame is claim and claim else SCHEDULING,
        subject="",
        predicate=f"can't be scheduled: {scheduling.summary(refusals)}",
        detail="The scheduler finds no node for it: "
        f"{scheduling.explanation(refusals) or 'it gives no reason'}.",
        fix=_sentence(scheduling.advice(refusals)) or kubectl("describe pod", pod.name, pod.namespace),
        evidence=evidence,
        blame=blame,
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


def _on_lost_node(examination: Examination, pod: Resource) -> Trouble | None:
    node = fields.text(pod.body, "spec", "nodeName")
    if node not in lost_nodes(examination):
        return None
    index = (fields.condition(pod.body, "Ready") or (0, {}))[0]
    return Trouble(
        topic=NODE,
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
    )


def _creating(examination: Examination, pod: Resource) -> Trouble | None:
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
        topic=CREATING,
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
            topic=NODE,
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
        topic=containers.UNREADY,
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
