"""The base world, in which all is well."""

from clusters.simulator.cluster import Cluster
from clusters.simulator.scenarios.registry import scenario


@scenario("healthy-shop", always=True)
class HealthyShop:
    """Twenty services in three namespaces on five nodes, all ready."""

    def start(self, cluster: Cluster) -> None:
        """It is there from the beginning."""

    def heal(self, cluster: Cluster) -> None:
        """There is nothing to undo."""
