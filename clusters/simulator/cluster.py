"""The parts of one simulated cluster that controllers, worlds and scenarios work with."""

import random
from dataclasses import dataclass, field
from typing import Any

from clusters.simulator.apiserver.resources import Registry
from clusters.simulator.apiserver.store import Object, Store
from clusters.simulator.apiserver.writer import Actor, DeleteOptions, Writer
from clusters.simulator.clock import Clock
from clusters.simulator.engine import Engine
from clusters.simulator.events import Recorder
from clusters.simulator.images import Images

ARGOCD = Actor("argocd-controller")
KUBECTL = Actor("kubectl")


@dataclass(slots=True)
class Machine:
    """A node's physical state, which its objects only report."""

    kubelet_runs: bool = True
    memory_used: float | None = None  # share of the node's memory, where a scenario sets it
    memory_pressure: bool = False


@dataclass(slots=True)
class Cluster:
    """Storage, write side, time, controllers, and the physical world behind them."""

    seed: int
    name: str
    version: str
    store: Store
    registry: Registry
    writer: Writer
    clock: Clock
    engine: Engine
    events: Recorder
    images: Images = field(default_factory=Images)
    machines: dict[str, Machine] = field(default_factory=dict)
    # Where the pods of a workload go while the world is built: namespace/name to nodes. Empty afterwards.
    placements: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def empty(cls, *, seed: int = 1, name: str = "simulated", version: str = "1.35.4", speed: float = 1.0,
              window: int = 20_000) -> "Cluster":  # fmt: skip
        """A cluster without any object. `speed` divides all delays, `window` is the history kept of each kind."""
        store, registry, clock = Store(window), Registry(), Clock(speed)
        writer = Writer(store, registry, clock, random.Random(seed))  # noqa: S311 -- repeatable on purpose
        recorder = Recorder(store, writer, clock)
        return cls(seed, name, version, store, registry, writer, clock, Engine(store, clock), recorder)

    def create(self, obj: Object, actor: Actor = KUBECTL) -> Object:
        """Create an object of whatever kind it says.

        Raises LookupError for a kind that isn't served; ApiError for an object that the API refuses.
        """
        resource = self.registry.by_kind(obj["apiVersion"], obj["kind"])
        if resource is None:
            raise LookupError(f"{obj['apiVersion']} {obj['kind']} isn't served")
        return self.writer.create(resource, obj, actor)

    def change(
        self, resource: str, namespace: str, name: str, change: Any, actor: Actor = KUBECTL
    ) -> Object | None:
        """Change an object in place by a function; None if it isn't there."""
        return self.writer.edit(resource, {"metadata": {"namespace": namespace, "name": name}}, change, actor)

    def delete(self, resource: str, namespace: str, name: str, options: DeleteOptions | None = None) -> None:
        """Delete an object; nothing happens if it isn't there."""
        if self.store.get(resource, namespace, name) is not None:
            self.writer.delete(self.registry.by_name(resource), namespace, name, options or DeleteOptions())

    def machine(self, node: str) -> Machine:
        """The physical state of a node."""
        return self.machines.setdefault(node, Machine())
