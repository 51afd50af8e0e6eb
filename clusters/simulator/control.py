"""The simulator's own doors under /_sim: which scenarios there are, start one, heal it, forget history."""

from typing import Any

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.requests import Answer, Request, answer
from clusters.simulator.cluster import Cluster
from clusters.simulator.scenarios import SCENARIOS, Scenario


class Control:
    """Starts and heals scenarios of one cluster. Open on loopback: who can reach it, started the simulator."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._running: dict[str, Scenario] = {}

    def start(self, name: str) -> None:
        """Begin a scenario; nothing happens if it runs already.

        Raises KeyError for a name that isn't registered.
        """
        scenario = SCENARIOS[name]
        with self._cluster.engine.paused():
            if name not in self._running:
                self._running[name] = scenario
                scenario.start(self._cluster)

    def heal(self, name: str) -> None:
        """Undo a scenario; nothing happens if it doesn't run.

        Raises KeyError for a name that isn't registered.
        """
        scenario = SCENARIOS[name]
        with self._cluster.engine.paused():
            if self._running.pop(name, None) is not None:
                scenario.heal(self._cluster)

    def told(self) -> dict[str, Any]:
        """What GET /_sim/scenarios answers."""
        listed = [
            {"name": name, "told": scenario.told, "running": name in self._running or scenario.always}
            for name, scenario in sorted(SCENARIOS.items())
        ]
        return {"scenarios": listed, "speed": self._cluster.clock.speed}

    def handle(self, request: Request) -> Answer:
        """Answer a request under /_sim.

        Raises ApiError (404, 405) for what isn't there.
        """
        parts = request.path.strip("/").split("/")[1:]
        match request.method, parts:
            case "GET", ["scenarios"]:
                return answer(self.told())
            case "POST", ["scenarios", name, "start"] if name in SCENARIOS:
                self.start(name)
                return answer(self.told())
            case "POST", ["scenarios", name, "heal"] if name in SCENARIOS:
                self.heal(name)
                return answer(self.told())
            case "POST", ["compact"]:
                self._cluster.store.compact()
                return answer({"resourceVersion": str(self._cluster.store.rv)})
        if request.method in ("GET", "POST"):
            raise statuses.ApiError(404, "NotFound", f"nothing at {request.path}", details={})
        raise statuses.method_not_allowed()
