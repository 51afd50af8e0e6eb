"""Small pictures as SVG: meters and sparklines, with geometry in attributes and ink in classes (no style attribute)."""

from collections.abc import Sequence
from itertools import pairwise

METER_WIDTH, METER_HEIGHT = 56, 6
SPARK_WIDTH, SPARK_HEIGHT = 64, 18
TONES = {"plain": "ink-3", "accent": "accent", "warning": "warn", "act": "act", "stale": "strong"}


def meter(share: float, *, tone: str = "plain") -> str:
    """A bar filled to `share` (0 to 1; more is drawn as full)."""
    filled = round(METER_WIDTH * min(max(share, 0.0), 1.0), 1)
    # What is not nothing is seen as not nothing.
    filled = max(filled, 2.0) if share > 0 else 0.0
    return (
        f'<svg width="{METER_WIDTH}" height="20" aria-hidden="true">'
        f'<rect class="fill-line" y="7" width="{METER_WIDTH}" height="{METER_HEIGHT}" rx="3"/>'
        f'<rect class="fill-{TONES[tone]}" y="7" width="{filled:g}" height="{METER_HEIGHT}" rx="3"/></svg>'
    )


def sparkline(values: Sequence[float | None], *, tone: str = "plain") -> str:
    """A line through the values, oldest first; a None is a gap. Its scale is its own lowest to its own highest value."""
    known = [value for value in values if value is not None]
    if not known:
        return f'<svg width="{SPARK_WIDTH}" height="20" aria-hidden="true"></svg>'
    low, spread = min(known), (max(known) - min(known)) or 1.0
    step = (SPARK_WIDTH - 4) / max(len(values) - 1, 1)
    flat = max(known) == min(known)

    def point(index: int, value: float) -> tuple[float, float]:
        height = 0.5 if flat else (value - low) / spread
        return round(1 + index * step, 1), round(3 + (SPARK_HEIGHT - 4) * (1 - height), 1)

    points = [None if value is None else point(index, value) for index, value in enumerate(values)]
    path = "".join(
        f"{'L' if before else 'M'}{here[0]:g} {here[1]:g}"
        for before, here in pairwise([None, *points])
        if here
    )
    ink = TONES[tone]
    end = next(p for p in reversed(points) if p is not None)
    return (
        f'<svg width="{SPARK_WIDTH}" height="20" aria-hidden="true"><path class="stroke-{ink}" d="{path}"/>'
        f'<circle class="fill-{ink}" cx="{end[0]:g}" cy="{end[1]:g}" r="2"/></svg>'
    )
