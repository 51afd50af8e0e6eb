"""The analyzer of HorizontalPodAutoscalers: no target, no metrics, at the maximum.

A target scaled to zero switches an autoscaler off; that is a decision, not a fault.
"""

from collections.abc import Iterable

from clusters.analyzers import grace
from clusters.analyzers.base import Cause, Finding, Severity, analyzer
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.trouble import Topic, Trouble, finding_of, kubectl
from clusters.analyzers.workloads import troubled
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource

_TARGETS = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")


@analyzer(
    "autoscalers",
    kinds=("HorizontalPodAutoscaler",),
    reads=_TARGETS,
    sources=("https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",),
)
def autoscalers(examination: Examination) -> Iterable[Finding]:
    """Autoscalers whose target is missing, that get no metrics, or that have reached their maximum."""
    for scaler in examination.inventory.of("HorizontalPodAutoscaler"):
        finding = (
            _no_target(examination, scaler)
            or _inactive(examination, scaler)
            or _at_maximum(examination, scaler)
        )
        if finding is not None:
            yield finding


def _target(scaler: Resource) -> tuple[str, str]:
    reference = fields.mapping(scaler.body, "spec", "scaleTargetRef")
    return fields.text(reference, "kind"), fields.text(reference, "name")


def _no_target(examination: Examination, scaler: Resource) -> Finding | None:
    kind, name = _target(scaler)
    if kind not in _TARGETS or not name or not examination.inventory.given(kind):
        return None
    if examination.inventory.get(kind, scaler.namespace, name) is not None:
        return None
    trouble = Trouble(
        topic=Topic.CONFIG,
        subject="",
        predicate=f"its target {kind} {name} doesn't exist",
        detail=f"It scales {kind} {name}, which namespace {scaler.namespace} doesn't have.",
        fix="Correct spec.scaleTargetRef, or delete the autoscaler.",
        severity=Severity.MEDIUM,
        evidence=(
            *seen(scaler, "spec", "scaleTargetRef", "kind"),
            *seen(scaler, "spec", "scaleTargetRef", "name"),
        ),
    )
    return finding_of("autoscalers", scaler, trouble, cause=None)


def _inactive(examination: Examination, scaler: Resource) -> Finding | None:
    for kind, predicate in (("AbleToScale", "can't scale its target"), ("ScalingActive", "gets no metrics")):
        found = fields.condition(scaler.body, kind)
        if found is None or found[1].get("status") != "False":
            continue
        if found[1].get("reason") in ("ScalingDisabled", "BackoffBoth", "BackoffDownscale", "BackoffUpscale"):
            continue
        if not examination.passed(grace.METRICS, fields.moment(found[1], "lastTransitionTime")):
            continue
        trouble = Trouble(
            topic=Topic.UNREADY,
            subject="",
            predicate=predicate,
            detail=f"Its condition {kind} is False ({fields.text(found[1], 'reason') or 'no reason given'}), so it "
            "leaves the number of replicas as it is.",
            fix=f"{kubectl('describe hpa', scaler.name, scaler.namespace)}; CPU and memory need metrics-server and "
            "requests on every container of the target.",
            severity=Severity.MEDIUM,
            evidence=(
                *seen(scaler, "status", "conditions", found[0], "type"),
                *seen(scaler, "status", "conditions", found[0], "reason"),
                *seen(scaler, "status", "conditions", found[0], "message"),
            ),
        )
        return finding_of("autoscalers", scaler, trouble, cause=_target_at_fault(examination, scaler))
    return None


def _target_at_fault(examination: Examination, scaler: Resource) -> Cause | None:
    """Return the target as cause where its pods fail: pods that don't run give no metrics."""
    kind, name = _target(scaler)
    target = examination.inventory.get(kind, scaler.namespace, name) if kind in _TARGETS else None
    if target is None:
        return None
    found = troubled(examination, target)
    return Cause(*target.identity) if found.own or found.foreign else None


def _at_maximum(examination: Examination, scaler: Resource) -> Finding | None:
    found = fields.condition(scaler.body, "ScalingLimited")
    if found is None or found[1].get("status") != "True" or found[1].get("reason") != "TooManyReplicas":
        return None
    trouble = Trouble(
        topic=Topic.UNREADY,
        subject="",
        predicate="at its maximum, it would scale further",
        detail="Its metrics ask for more replicas than maxReplicas allows.",
        fix="Raise spec.maxReplicas if the cluster and what lies behind can bear it, or look at why load is high.",
        severity=Severity.LOW,
        evidence=(
            *seen(scaler, "spec", "maxReplicas"),
            *seen(scaler, "status", "conditions", found[0], "reason"),
        ),
    )
    return finding_of("autoscalers", scaler, trouble, cause=_target_at_fault(examination, scaler))
