"""The analyzer of Services: a selector that matches nothing, no ready endpoint, a named port that nobody serves."""

from collections import defaultdict
from collections.abc import Iterable

from clusters.analyzers import grace
from clusters.analyzers.base import Cause, Evidence, Finding, Severity, Status, analyzer
from clusters.analyzers.endpoints import ready_count
from clusters.analyzers.evidence import cause_of, seen, seen_on
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.near_misses import NearMiss, nearest
from clusters.analyzers.pod_phases import ended, is_ready, over
from clusters.analyzers.pod_troubles import trouble_of
from clusters.analyzers.trouble import Topic, Trouble, finding_of, kubectl, not_assessed
from clusters.analyzers.workloads import troubled, workload_of
from clusters.kubernetes import fields, pod_templates, references, selectors
from clusters.kubernetes.inventory import Resource
from clusters.kubernetes.selectors import Selector

_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")
_TEMPLATES = (*_CONTROLLERS, "Job", "CronJob")


@analyzer(
    "services",
    kinds=("Service",),
    reads=("Pod", "EndpointSlice", "Endpoints", *_TEMPLATES),
    sources=(
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
        "https://kubernetes.io/docs/concepts/services-networking/service/",
    ),
)
def services(examination: Examination) -> Iterable[Finding]:
    """Services that lead nowhere: nothing selected, nothing ready, or a named port that no container has."""
    for service in examination.inventory.of("Service"):
        selector = selectors.from_labels(fields.dig(service.body, "spec", "selector"))
        if selector is None or fields.dig(service.body, "spec", "type") == "ExternalName":
            continue
        finding = _judge(examination, service, selector)
        if finding is not None:
            yield finding


def _judge(examination: Examination, service: Resource, selector: Selector) -> Finding | None:
    if not _pods_seen(examination):
        return _without_pods(examination, service)
    pods = [pod for pod in _selected(examination, service, selector) if not over(pod)]
    if not pods:
        if ready_count(examination, service):
            return None  # somebody else keeps its endpoints, or the pods of this namespace weren't given
        return _nothing_selected(examination, service, selector)
    unserved = _unserved_port(service, pods)
    if unserved is not None:
        return unserved
    ready = any(is_ready(pod) for pod in pods)
    if ready or fields.dig(service.body, "spec", "publishNotReadyAddresses") is True:
        return None
    return _nothing_ready(examination, service, pods)


@fact
def _pods_seen(examination: Examination) -> bool:
    """Say whether pods of a cluster were given; manifests of pods tell nothing about what else runs."""
    pods = examination.inventory.of("Pod")
    return any(fields.text(pod.body, "status", "phase") for pod in pods) or (
        not pods and examination.inventory.given("Pod")
    )


def _selected(examination: Examination, service: Resource, selector: Selector) -> list[Resource]:
    return examination.inventory.select("Pod", service.namespace, selector)


def _without_pods(examination: Examination, service: Resource) -> Finding | None:
    if ready_count(examination, service):
        return None
    return not_assessed("services", service, why="no Pods were given", needed="Pods")


def _nothing_selected(examination: Examination, service: Resource, selector: Selector) -> Finding | None:
    """Judge a Service that selects no pod: its own fault, or that of a workload whose pods are missing."""
    matching = _matching_workloads(examination, service, selector)
    if matching:
        return _pods_missing(service, matching)
    if not examination.age_passed(grace.NEW_SERVICE, service):
        return None
    miss = nearest(selector, _labelled(examination).get(service.namespace, []))
    absent = sorted(examination.inventory.absent_owner_kinds & set(_TEMPLATES))
    if absent and not (miss and miss.typo):
        needed = " and ".join(f"{kind}s" for kind in absent)
        why = f"it selects no pod, and {needed} that may be scaled to zero were not given"
        return not_assessed("services", service, why=why, needed=needed)
    return finding_of("services", service, _wrong_selector(service, selector, miss), cause=None)


def _matching_workloads(examination: Examination, service: Resource, selector: Selector) -> list[Resource]:
    return [
        workload
        for kind in _TEMPLATES
        for workload in examination.inventory.within(kind, service.namespace)
        if selector.matches(pod_templates.template_labels(workload.body))
    ]


def _pods_missing(service: Resource, matching: list[Resource]) -> Finding | None:
    """Judge a Service whose workload has no pod: scaled to zero is a decision; pods that can't be made aren't."""
    running = [
        workload
        for workload in matching
        if workload.kind in _CONTROLLERS and fields.integer(workload.body, "spec", "replicas", default=1) > 0
    ]
    refused = [workload for workload in running if fields.condition(workload.body, "ReplicaFailure")]
    if refused:
        return _follows(service, cause_of(refused[0]), f"{refused[0]} has no pods", ())
    if any(fields.integer(workload.body, "status", "replicas") > 0 for workload in running):
        return not_assessed("services", service, why="its workload's pods were not given", needed="Pods")
    return None


@fact
def _labelled(examination: Examination) -> dict[str, list[Resource]]:
    """Return the pods with labels by namespace, one of each owner: its others carry the same."""
    found: dict[str, dict[str, Resource]] = defaultdict(dict)
    for pod in examination.inventory.of("Pod"):
        if pod.labels and not ended(pod):
            owner = references.controller(pod.body)
            found[pod.namespace].setdefault(f"{owner.kind}/{owner.name}" if owner else pod.name, pod)
    return {namespace: list(pods.values()) for namespace, pods in found.items()}


def _wrong_selector(service: Resource, selector: Selector, miss: NearMiss | None) -> Trouble:
    evidence: list[Evidence] = [*seen(service, "spec", "selector")]
    detail = (
        f"No pod in namespace {service.namespace} matches its selector {selector}, so it has no endpoints."
    )
    fix = "Compare the selector with the pods' labels: " + kubectl(
        "get pods", "", service.namespace, "--show-labels"
    )
    if miss is not None:
        key = miss.other_key or miss.key
        evidence += seen_on(miss.resource, "metadata", "labels", key)
        detail += f" The nearest miss: {miss.words}."
        fix = f"Correct the selector's {miss.key} (or the label of the pod template). {fix}"
    headless_system = (
        service.namespace == "kube-system" and fields.dig(service.body, "spec", "clusterIP") == "None"
    )
    return Trouble(
        topic=Topic.CONFIG,
        subject="",
        predicate=f"no endpoints, its selector {selector} matches no pod",
        detail=detail,
        fix=f"{fix}.",
        # Monitoring stacks make such Services for control-plane parts that a managed cluster hides.
        severity=Severity.LOW if headless_system else Severity.HIGH,
        evidence=tuple(evidence),
    )


def _unserved_port(service: Resource, pods: list[Resource]) -> Finding | None:
    """Return the finding of a named target port that no selected pod has, whichever protocol aside."""
    names = {
        fields.text(port, "name")
        for pod in pods
        for container in pod_templates.containers(pod.body)
        for _, port in fields.indexed(container.body, "ports")
    }
    for index, port in fields.indexed(service.body, "spec", "ports"):
        target = port.get("targetPort")
        if not isinstance(target, str) or not target or target.isdigit() or target in names:
            continue
        offered = ", ".join(sorted(names - {""})) or "none"
        trouble = Trouble(
            topic=Topic.CONFIG,
            subject="",
            predicate=f"no pod serves its target port {target}",
            detail=f"Port {port.get('port')} leads to the container port named {target}, and no selected pod has one; "
            f"named ports there: {offered}.",
            fix="Name the containerPort so, or set targetPort to the name or number that the pods serve.",
            severity=Severity.HIGH,
            evidence=(
                *seen(service, "spec", "ports", index, "targetPort"),
                *_first_port(pods[0]),
            ),
        )
        return finding_of("services", service, trouble, cause=None)
    return None


def _first_port(pod: Resource) -> list[Evidence]:
    for index, container in fields.indexed(pod.body, "spec", "containers"):
        if fields.sequence(container, "ports"):
            return seen_on(pod, "spec", "containers", index, "ports", 0, "name") or seen_on(
                pod, "spec", "containers", index, "ports", 0, "containerPort"
            )
    return []


def _nothing_ready(examination: Examination, service: Resource, pods: list[Resource]) -> Finding | None:
    """Judge a Service whose pods are there but none is ready; pods that are only starting are no fault."""
    failing = [
        (pod, trouble)
        for pod in pods
        if (trouble := trouble_of(examination, pod)) is not None and trouble.status is Status.FAILING
    ]
    if not failing:
        return None
    pod, trouble = failing[0]
    workload = workload_of(examination, pod)
    if workload is not None:
        found = troubled(examination, workload)
        entries = found.own or found.foreign
        pod, trouble = entries[0] if entries else (pod, trouble)
        cause = cause_of(workload) if entries else trouble.blame or cause_of(workload)
    else:
        cause = trouble.blame or cause_of(pod)
    return _follows(service, cause, f"none of its pods is ready: {trouble.phrase}", _ready_evidence(pod))


def _ready_evidence(pod: Resource) -> tuple[Evidence, ...]:
    ready = fields.condition(pod.body, "Ready")
    return tuple(seen_on(pod, "status", "conditions", ready[0], "status")) if ready else ()


def _follows(service: Resource, cause: Cause, why: str, evidence: tuple[Evidence, ...]) -> Finding:
    trouble = Trouble(
        topic=Topic.UNREADY,
        subject="",
        predicate="no ready endpoints",
        detail=f"It selects pods, but {why}.",
        fix=f"See the finding of {cause.kind} {cause.name}; the Service itself needs nothing.",
        severity=Severity.HIGH,
        evidence=(*seen(service, "spec", "selector"), *evidence),
    )
    return finding_of("services", service, trouble, cause=cause)
