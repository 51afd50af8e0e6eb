"""Judges PersistentVolumeClaims: lost, or pending by a fault of their own. Waiting for a first consumer is none."""

from collections import defaultdict

from clusters.analyzers import events, grace
from clusters.analyzers.base import Evidence, Severity, Status
from clusters.analyzers.evidence import seen, seen_on
from clusters.analyzers.examination import Examination, fact
from clusters.analyzers.trouble import Topic, Trouble, kubectl
from clusters.kubernetes import fields, references
from clusters.kubernetes.inventory import Resource

WAITS = "WaitForFirstConsumer"
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_SELECTED = ("volume.kubernetes.io/selected-node", "volume.beta.kubernetes.io/selected-node")
_FAILURES = ("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ProvisioningCleanupFailed")
_REFUSALS = ("unbound immediate PersistentVolumeClaim", "didn't find available persistent volumes to bind")


@fact
def claim_troubles(examination: Examination) -> dict[tuple[str, str], Trouble]:
    """Return the trouble of each claim that is at fault itself, by namespace and name."""
    found = {}
    for claim in examination.inventory.of("PersistentVolumeClaim"):
        trouble = _trouble(examination, claim)
        if trouble is not None:
            found[claim.namespace, claim.name] = trouble
    return found


@fact
def consumers(examination: Examination) -> dict[tuple[str, str], list[Resource]]:
    """Return the pods that mount each claim, but for those that have ended or are going."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for pod in examination.inventory.of("Pod"):
        if not fields.sequence(pod.body, "spec", "volumes"):
            continue
        if fields.text(pod.body, "status", "phase") in ("Succeeded", "Failed"):
            continue
        if fields.dig(pod.body, "metadata", "deletionTimestamp") is not None:
            continue
        for name in references.claims(pod.body):
            found[pod.namespace, name].append(pod)
    return found


def class_name(claim: Resource) -> str | None:
    """Return the storage class that a claim asks for; None where it leaves it to the default."""
    name = fields.dig(claim.body, "spec", "storageClassName")
    if isinstance(name, str):
        return name
    legacy = fields.dig(claim.body, "metadata", "annotations", "volume.beta.kubernetes.io/storage-class")
    return legacy if isinstance(legacy, str) else None


def _trouble(examination: Examination, claim: Resource) -> Trouble | None:
    phase = fields.text(claim.body, "status", "phase")
    if phase == "Lost":
        return _lost(claim)
    if phase != "Pending" or fields.dig(claim.body, "metadata", "deletionTimestamp") is not None:
        return None
    failures = events.about(examination, claim, *_FAILURES)
    reported = events.quoted(failures[0]) if failures else []
    if not reported and not examination.age_passed(grace.CLAIM, claim):
        return None
    name = class_name(claim)
    if name == "":
        return _pending(claim, "no PersistentVolume fits it", "It names the empty storage class, so only a "
                        "PersistentVolume made by hand can satisfy it, and none does.",
                        "Create a PersistentVolume of that size and access mode, or name a StorageClass.",
                        reported)  # fmt: skip
    if not examination.inventory.given("StorageClass"):
        return _without_classes(examination, claim, reported)
    return _by_class(examination, claim, name, reported)


def _by_class(
    examination: Examination, claim: Resource, name: str | None, reported: list[Evidence]
) -> Trouble | None:
    classes = examination.inventory.of("StorageClass")
    if name is None:
        chosen = [entry for entry in classes if is_default(entry)]
        if not chosen:
            return _pending(claim, "it names no storage class and no class is the default",
                            "Without a class nothing provisions a volume for it.",
                            "Name a StorageClass in the claim, or mark one as default.", reported)  # fmt: skip
        storage_class = chosen[0]
    else:
        found = examination.inventory.get("StorageClass", "", name)
        if found is None:
            existing = ", ".join(entry.name for entry in classes[:8]) or "none"
            return _pending(claim, f"storage class {name} doesn't exist",
                            f"It asks for storage class {name}; the cluster has: {existing}.",
                            f"Create StorageClass {name}, or recreate the claim with one of those (the class of a "
                            "claim can't be changed).", reported)  # fmt: skip
        storage_class = found
    provisioner = fields.text(storage_class.body, "provisioner")
    waiting = fields.text(storage_class.body, "volumeBindingMode") == WAITS
    if not reported and waiting and not _selected(claim) and not _demanded(examination, claim):
        return None  # as meant: bound when a pod that uses it is scheduled
    return _pending(claim, f"storage class {storage_class.name} has provisioned no volume",
                    f"Its provisioner {provisioner or '(none named)'} has made no volume for it.",
                    f"See that the provisioner runs: kubectl get pods -A, then its logs; "
                    f"{kubectl('describe pvc', claim.name, claim.namespace)} shows its answer.",
                    [*seen_on(storage_class, "provisioner"), *reported])  # fmt: skip


def _without_classes(examination: Examination, claim: Resource, reported: list[Evidence]) -> Trouble | None:
    """Judge a claim though no StorageClass was given: only what somebody else reports can convict it."""
    if not reported and not _demanded(examination, claim):
        if events.about(examination, claim, WAITS):
            return None
        trouble = _pending(claim, "", "", "", [])
        return Trouble(
            topic=Topic.CLAIM_PENDING,
            subject="",
            predicate="not assessed, no StorageClasses were given",
            detail="It is pending; whether it waits for its first pod, as some storage classes do, or for a volume "
            "that nobody makes can't be told without the StorageClasses.",
            fix="Give the cluster's StorageClasses as well; the agent may read them with its default role.",
            severity=Severity.LOW,
            evidence=trouble.evidence,
            status=Status.NOT_ASSESSED,
        )
    name = class_name(claim)
    return _pending(claim, "no volume has been provisioned for it",
                    f"Storage class {name or '(the default)'} has made no volume for it.",
                    f"{kubectl('describe pvc', claim.name, claim.namespace)} shows the provisioner's answer; "
                    "kubectl get storageclass shows the classes.", reported)  # fmt: skip


def _pending(
    claim: Resource,
    why: str,
    detail: str,
    fix: str,
    evidence: list[Evidence],
) -> Trouble:
    return Trouble(
        topic=Topic.CLAIM_PENDING,
        subject="",
        predicate=f"pending, {why}",
        detail=f"The claim is not bound to a volume. {detail}",
        fix=fix,
        severity=Severity.HIGH,
        evidence=(*seen(claim, "status", "phase"), *seen(claim, "spec", "storageClassName"), *evidence),
    )


def _lost(claim: Resource) -> Trouble:
    volume = fields.text(claim.body, "spec", "volumeName")
    return Trouble(
        topic=Topic.CLAIM_LOST,
        subject="",
        predicate=f"lost, its volume {volume or '(unknown)'} no longer exists",
        detail="The PersistentVolume that it was bound to is gone; the data went with it unless the storage kept it.",
        fix="Find the disk at the storage, make a PersistentVolume for it with this claim in claimRef, or restore "
        "from a backup into a new claim.",
        severity=Severity.CRITICAL,
        evidence=(*seen(claim, "status", "phase"), *seen(claim, "spec", "volumeName")),
    )


def is_default(storage_class: Resource) -> bool:
    """Say whether claims without a class get this one."""
    annotations = fields.mapping(storage_class.body, "metadata", "annotations")
    # A projection may keep the key and drop the value; the key alone is set by hand only to mean 'true'.
    return any(key in annotations and annotations[key] != "false" for key in _DEFAULT)


def _selected(claim: Resource) -> bool:
    """Say whether the scheduler has chosen a node, so that the provisioner's turn has come."""
    annotations = fields.mapping(claim.body, "metadata", "annotations")
    return any(key in annotations for key in _SELECTED)  # the value doesn't leave the cluster


def _demanded(examination: Examination, claim: Resource) -> bool:
    """Say whether the scheduler refuses a pod of this claim for want of a volume."""
    return any(
        phrase in _scheduler_message(pod)
        for pod in consumers(examination).get((claim.namespace, claim.name), [])
        for phrase in _REFUSALS
    )


def _scheduler_message(pod: Resource) -> str:
    condition = fields.condition(pod.body, "PodScheduled")
    return fields.text(condition[1], "message") if condition else ""
