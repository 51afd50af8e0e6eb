"""A bad rollout: checkout 1.42.1 with a changed payment address exits with code 1."""

from typing import Any

from clusters.simulator.cluster import Cluster
from clusters.simulator.images import Behaviour
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import named
from clusters.simulator.world.shop import release

_BAD = "1.42.1"
_MOVED = "http://payment-api.payments.svc:9443/v3"


@scenario("crash-loop")
class CrashLoop:
    """checkout 1.42.0 → 1.42.1: new pods exit with code 1 and crash-loop, the old ReplicaSet still serves."""

    def start(self, cluster: Cluster) -> None:
        """Roll the bad version out, as Argo CD does."""
        service = named("checkout")
        cluster.images.describe(service.image_of(_BAD), Behaviour(runs_seconds=0.8, exit_code=1))
        release(cluster, service, _BAD, lambda container: _set_payment_url(container, _MOVED))

    def heal(self, cluster: Cluster) -> None:
        """Roll back."""
        service = named("checkout")
        release(cluster, service, service.version,
                lambda container: _set_payment_url(container, service.env["PAYMENT_API_URL"]))  # fmt: skip


def _set_payment_url(container: dict[str, Any], url: str) -> None:
    next(entry for entry in container["env"] if entry["name"] == "PAYMENT_API_URL")["value"] = url
