"""Which resources the agent looks for, and at which versions their projection's type fits."""

from __future__ import annotations

from functools import cache
from typing import Final

from clusters.wire.projection import resources
from clusters.wire.registry import KINDS

# Older or other versions with the shape of the one that the projection is written for. What isn't here is left
# alone: autoscaling/v1, for one, tells its metrics in annotations.
ALIKE: Final[dict[str, tuple[str, ...]]] = {
    "cronjobs.batch": ("v1beta1",),
    "endpointslices.discovery.k8s.io": ("v1beta1",),
    "events.events.k8s.io": ("v1beta1",),
    "gatewayclasses.gateway.networking.k8s.io": ("v1", "v1beta1"),
    "gateways.gateway.networking.k8s.io": ("v1", "v1beta1"),
    "horizontalpodautoscalers.autoscaling": ("v2beta2",),
    "httproutes.gateway.networking.k8s.io": ("v1", "v1beta1"),
    "poddisruptionbudgets.policy": ("v1beta1",),
    "referencegrants.gateway.networking.k8s.io": ("v1", "v1beta1"),
}
# The same objects, with the same uids, served twice: where the right one is served, the left one isn't watched.
SERVED_TWICE: Final[dict[str, str]] = {"events": "events.events.k8s.io"}


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """Every resource that can be projected, with the versions that can."""
    return {
        resource: tuple(dict.fromkeys((KINDS[resource].version, *ALIKE.get(resource, ()))))
        for resource in resources()
    }
