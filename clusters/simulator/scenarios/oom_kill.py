"""A version that needs more memory than its limit: search 3.12.0 is OOM-killed."""

from clusters.simulator.cluster import Cluster
from clusters.simulator.images import Behaviour
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import named
from clusters.simulator.world.shop import release

_BAD = "3.12.0"
_NEEDED = 2900 * 2**20


@scenario("oom-kill")
class OomKill:
    """search 3.11.0 → 3.12.0: the new index needs 2.8 GiB of memory and is OOM-killed at its limit of 2 GiB."""

    def start(self, cluster: Cluster) -> None:
        """Roll the hungry version out."""
        service = named("search")
        cluster.images.describe(service.image_of(_BAD), Behaviour(memory=_NEEDED))
        release(cluster, service, _BAD)

    def heal(self, cluster: Cluster) -> None:
        """Roll back."""
        service = named("search")
        release(cluster, service, service.version)
