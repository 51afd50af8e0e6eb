"""A request that no node can hold: image-resizer asks for 16 cores."""

from typing import Any

from clusters.simulator.cluster import Cluster
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import named
from clusters.simulator.world.shop import release

_TOO_MUCH = "16"


@scenario("unschedulable")
class Unschedulable:
    """image-resizer asks for 16 cores a pod, more than any node has: new pods stay Pending."""

    def start(self, cluster: Cluster) -> None:
        """Raise the request, and the limit with it."""
        service = named("image-resizer")
        release(cluster, service, service.version, lambda container: _ask(container, _TOO_MUCH, _TOO_MUCH))

    def heal(self, cluster: Cluster) -> None:
        """Ask for what it needs."""
        service = named("image-resizer")
        release(cluster, service, service.version,
                lambda container: _ask(container, service.cpu, service.cpu_limit))  # fmt: skip


def _ask(container: dict[str, Any], request: str, limit: str) -> None:
    container["resources"]["requests"]["cpu"] = request
    container["resources"]["limits"]["cpu"] = limit
