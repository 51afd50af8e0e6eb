"""What a scenario is, and the decorator that registers one under its name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from clusters.simulator.cluster import Cluster


class Trouble(Protocol):
    """The two things that a scenario can do."""

    def start(self, cluster: Cluster) -> None:
        """Break something; what follows later goes through the engine's timers."""
        ...

    def heal(self, cluster: Cluster) -> None:
        """Undo it, so that the controllers bring everything back to health."""
        ...


@dataclass(frozen=True, slots=True)
class Scenario:
    """A registered scenario. `always` marks the base world, which neither starts nor heals."""

    name: str
    told: str
    trouble: Trouble
    always: bool = False

    def start(self, cluster: Cluster) -> None:
        """See `Trouble.start`."""
        self.trouble.start(cluster)

    def heal(self, cluster: Cluster) -> None:
        """See `Trouble.heal`."""
        self.trouble.heal(cluster)


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *, always: bool = False) -> Callable[[type[Trouble]], type[Trouble]]:
    """Register a class as the scenario of this name; the first line of its docstring describes it."""

    def register(cls: type[Trouble]) -> type[Trouble]:
        told = (cls.__doc__ or "").strip().partition("\n")[0]
        SCENARIOS[name] = Scenario(name, told, cls(), always)
        return cls

    return register
