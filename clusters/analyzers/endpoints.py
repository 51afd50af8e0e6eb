"""Counts a Service's ready endpoints, by whichever the cluster gave: EndpointSlices, Endpoints, or the pods.

Source: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""

from collections import defaultdict

from clusters.analyzers.examination import Examination, fact
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource

SERVICE = "kubernetes.io/service-name"


@fact
def _slices(examination: Examination) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for entry in examination.inventory.of("EndpointSlice"):
        found[entry.namespace, entry.labels.get(SERVICE, "")].append(entry)
    return found


def ready_count(examination: Examination, service: Resource) -> int | None:
    """Return how many addresses may get traffic, or None where neither slices nor Endpoints of it were given."""
    slices = _slices(examination).get((service.namespace, service.name))
    if slices:
        return sum(
            len(fields.sequence(endpoint, "addresses")) or 1
            for entry in slices
            for _, endpoint in fields.indexed(entry.body, "endpoints")
            if fields.dig(endpoint, "conditions", "ready") is not False  # absent means ready
        )
    endpoints = examination.inventory.get("Endpoints", service.namespace, service.name)
    if endpoints is None:
        return None
    return sum(
        len(fields.sequence(subset, "addresses")) for _, subset in fields.indexed(endpoints.body, "subsets")
    )
