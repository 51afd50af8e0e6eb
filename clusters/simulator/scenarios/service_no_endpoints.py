"""A typo in a selector: the service orders selects nothing."""

from clusters.simulator.cluster import KUBECTL, Cluster
from clusters.simulator.scenarios.registry import scenario

_NAMESPACE, _NAME = "shop", "orders"


def _select(cluster: Cluster, app: str) -> None:
    cluster.change(
        "services", _NAMESPACE, _NAME, lambda obj: obj["spec"].update(selector={"app": app}), KUBECTL
    )


@scenario("service-no-endpoints")
class ServiceNoEndpoints:
    """The selector of service orders becomes app=order: its pods are well, but nothing reaches them."""

    def start(self, cluster: Cluster) -> None:
        """Make the typo."""
        _select(cluster, "order")

    def heal(self, cluster: Cluster) -> None:
        """Put it right."""
        _select(cluster, _NAME)
