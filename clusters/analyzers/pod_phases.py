"""Reads a pod's phase: ended, asked to go, or ready for traffic."""

from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource


def over(pod: Resource) -> bool:
    """Say whether all containers of a pod have ended for good."""
    return fields.text(pod.body, "status", "phase") in ("Succeeded", "Failed")


def ended(pod: Resource) -> bool:
    """Say whether a pod has ended or is being taken away, and so serves nobody any more."""
    return over(pod) or terminating(pod)


def terminating(pod: Resource) -> bool:
    """Say whether a pod has been asked to go."""
    return fields.dig(pod.body, "metadata", "deletionTimestamp") is not None


def is_ready(pod: Resource) -> bool:
    """Say whether a pod may get traffic."""
    condition = fields.condition(pod.body, "Ready")
    return condition is not None and condition[1].get("status") == "True" and not ended(pod)
