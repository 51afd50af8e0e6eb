"""The analyzer of PersistentVolumeClaims: pending or lost ones, and those that wait for a pod which can't start."""

from collections.abc import Iterable

from clusters.analyzers.base import Finding, Severity, analyzer
from clusters.analyzers.claims import claim_troubles, consumers
from clusters.analyzers.evidence import cause_of, seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.pod_troubles import trouble_of
from clusters.analyzers.trouble import Topic, Trouble, finding_of
from clusters.analyzers.workloads import workload_of
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


@analyzer(
    "volume-claims",
    kinds=("PersistentVolumeClaim",),
    reads=("StorageClass", "Pod", "Event"),
    sources=(
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
        "https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode",
    ),
)
def volume_claims(examination: Examination) -> Iterable[Finding]:
    """Claims that are not bound by a fault of their own, have lost their volume, or wait for a stuck pod."""
    troubles = claim_troubles(examination)
    for claim in examination.inventory.of("PersistentVolumeClaim"):
        trouble = troubles.get((claim.namespace, claim.name))
        if trouble is not None:
            yield finding_of("volume-claims", claim, trouble, cause=None)
        elif fields.text(claim.body, "status", "phase") == "Pending":
            yield from _waiting(examination, claim)


def _waiting(examination: Examination, claim: Resource) -> Iterable[Finding]:
    """Judge a claim that waits for its first pod: it follows from whatever keeps that pod from a node."""
    for pod in consumers(examination).get((claim.namespace, claim.name), []):
        trouble = trouble_of(examination, pod)
        if trouble is None or trouble.topic is not Topic.SCHEDULING:
            continue
        waits = Trouble(
            topic=Topic.CLAIM_PENDING,
            subject="",
            predicate="pending until its pod can be scheduled",
            detail=f"Its storage class binds it when Pod {pod.name} gets a node, and the scheduler finds none.",
            fix=f"See the finding of Pod {pod.name}; the claim needs nothing.",
            severity=Severity.LOW,
            evidence=tuple(seen(claim, "status", "phase")),
        )
        yield finding_of("volume-claims", claim, waits, cause=cause_of(workload_of(examination, pod) or pod))
        return
