"""What a bench gives: figures beside a reference that was measured in the same run.

An app's `bench.py` lists its benches by name in `BENCHES`; each is a function of Options that gives figures.
"""

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from srexpert import clock, discovery


@dataclass(frozen=True, slots=True)
class Options:
    """How large a run is wanted; 0 leaves the size to the bench."""

    size: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `ratio` is value / reference_value, both in `unit`."""

    figure: str
    size: int
    value: float
    unit: str
    reference: str
    reference_value: float

    @property
    def ratio(self) -> float:
        """How the value compares; 0 where the reference gave nothing."""
        return self.value / self.reference_value if self.reference_value else 0.0

    def as_json(self) -> dict[str, Any]:
        """The figure in the form of the interface, rounded to what means something."""
        rounded = {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(self).items()}
        return {**rounded, "ratio": round(self.ratio, 3)}


Bench = Callable[[Options], list[Figure]]


def benches() -> dict[str, Bench]:
    """All benches of the installed apps, by name."""
    found: dict[str, Bench] = {}
    for module in discovery.modules("bench"):
        found |= module.BENCHES
    return found


def run(name: str, options: Options) -> dict[str, Any]:
    """Runs a bench and gives its report. Raises KeyError for an unknown name."""
    figures = benches()[name](options)
    return {
        "bench": name,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "at": clock.now().isoformat(timespec="seconds"),
        "figures": [figure.as_json() for figure in figures],
    }
