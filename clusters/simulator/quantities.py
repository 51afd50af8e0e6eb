"""What containers ask for, as numbers that the scheduler and the metrics add up: cores and bytes."""

from dataclasses import dataclass
from functools import lru_cache

from clusters.kubernetes import quantities
from clusters.simulator.apiserver.store import Object


@lru_cache(maxsize=4096)
def quantity(written: str) -> float:
    """`250m` as 0.25, `1Gi` as 1073741824. Raises QuantityError."""
    return float(quantities.parse(written))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pod requests: cores and bytes."""

    cpu: float
    memory: float


def of_pod(spec: Object) -> Asked:
    """The requests of all containers of a pod."""
    requests = [c.get("resources", {}).get("requests") or {} for c in spec.get("containers", ())]
    return Asked(
        sum(quantity(str(r.get("cpu", "0"))) for r in requests),
        sum(quantity(str(r.get("memory", "0"))) for r in requests),
    )
