"""Kubernetes quantities as numbers: cores and bytes."""

from dataclasses import dataclass
from functools import lru_cache

from clusters.simulator.apiserver.store import Object

_SUFFIXES = {
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9,
    "T": 1e12,
}  # fmt: skip


@lru_cache(maxsize=4096)
def quantity(text: str) -> float:
    """`250m` as 0.25, `1Gi` as 1073741824."""
    for suffix, factor in _SUFFIXES.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)


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
