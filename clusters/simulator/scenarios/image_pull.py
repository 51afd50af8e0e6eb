"""A tag that was never pushed: recommendations 2.3.0."""

from clusters.simulator.cluster import Cluster
from clusters.simulator.images import Behaviour
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import named
from clusters.simulator.world.shop import release

_MISSING = "2.3.0"


@scenario("image-pull")
class ImagePull:
    """recommendations 2.2.2 → 2.3.0: the image isn't in the registry, new pods wait in ImagePullBackOff."""

    def start(self, cluster: Cluster) -> None:
        """Roll the missing version out."""
        service = named("recommendations")
        cluster.images.describe(service.image_of(_MISSING), Behaviour(exists=False))
        release(cluster, service, _MISSING)

    def heal(self, cluster: Cluster) -> None:
        """Roll back."""
        service = named("recommendations")
        release(cluster, service, service.version)
