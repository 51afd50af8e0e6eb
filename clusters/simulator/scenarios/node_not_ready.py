"""A new log-shipper eats the memory of n3 until its kubelet falls silent, and the node's pods with it."""

from typing import Any

from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers.nodes import press_memory
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import named
from clusters.simulator.world.shop import release

_NODE, _NEXT = "n3", "n5"
_BAD = "3.3.0"
# Full-length times of the story: pressure, then a silent kubelet; NotReady follows when the lease has run out.
_PRESSURE_SECONDS = 2.5
_SILENT_SECONDS = 4.0
_FULL, _RISING = 0.987, 0.86


@scenario("node-not-ready")
class NodeNotReady:
    """log-shipper 3.2.0 → 3.3.0 raises its memory limit from 256Mi to 2Gi: n3 runs out of memory and goes NotReady."""

    def start(self, cluster: Cluster) -> None:
        """Roll the hungry log-shipper out; pressure and silence follow."""
        release(cluster, named("log-shipper"), _BAD, lambda container: _limit(container, "2Gi"))
        cluster.engine.after(_PRESSURE_SECONDS, lambda: self._press(cluster), "node-not-ready/pressure")
        cluster.engine.after(_SILENT_SECONDS, lambda: self._silence(cluster), "node-not-ready/silence")

    def heal(self, cluster: Cluster) -> None:
        """Roll back, and bring the node back as a restart would."""
        for step in ("pressure", "silence"):
            cluster.engine.cancel(f"node-not-ready/{step}")
        service = named("log-shipper")
        release(cluster, service, service.version, lambda container: _limit(container, service.memory_limit))
        machine = cluster.machine(_NODE)
        machine.kubelet_runs, machine.memory_used = True, None
        cluster.machine(_NEXT).memory_used = None
        press_memory(cluster, _NODE, pressed=False)

    @staticmethod
    def _press(cluster: Cluster) -> None:
        cluster.machine(_NODE).memory_used = _FULL
        cluster.machine(_NEXT).memory_used = _RISING
        press_memory(cluster, _NODE, pressed=True)

    @staticmethod
    def _silence(cluster: Cluster) -> None:
        cluster.machine(_NODE).kubelet_runs = False


def _limit(container: dict[str, Any], memory: str) -> None:
    container["resources"]["limits"]["memory"] = memory
