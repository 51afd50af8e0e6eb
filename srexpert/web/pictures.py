"""Small pictures as SVG: meters and sparklines, with geometry in attributes and ink in classes (no style attribute)."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils.html import format_html
from django.utils.safestring import SafeString

METER_WIDTH = 56
SPARK_WIDTH, SPARK_HEIGHT = 64, 18
TONES = {"plain": "ink-3", "accent": "accent", "warning": "warn", "act": "act", "stale": "strong"}


def meter(share: float, *, tone: str = "plain") -> SafeString:
    """A bar filled to `share` (0 to 1; more is drawn as full)."""
    # What is not nothing is seen as not nothing.
    filled = max(METER_WIDTH * min(share, 1.0), 2.0) if share > 0 else 0.0
    return format_html(
        '<svg width="{}" height="20" aria-hidden="true"><rect class="fill-line" y="7" width="{}" height="6" rx="3"/>'
        '<rect class="fill-{}" y="7" width="{}" height="6" rx="3"/></svg>',
        METER_WIDTH, METER_WIDTH, TONES[tone], f"{filled:.3g}",
    )  # fmt: skip


def sparkline(values: Sequence[float | None], *, tone: str = "plain") -> SafeString:
    """A line through the values, oldest first; a None is a gap. It spans its own lowest to its own highest value."""
    known = [value for value in values if value is not None]
    if not known:
        return format_html('<svg width="{}" height="20" aria-hidden="true"></svg>', SPARK_WIDTH)
    low, spread = min(known), max(known) - min(known)
    step = (SPARK_WIDTH - 4) / max(len(values) - 1, 1)

    def point(index: int, value: float) -> tuple[float, float]:
        height = (value - low) / spread if spread else 0.5
        return round(1 + index * step, 1), round(3 + (SPARK_HEIGHT - 4) * (1 - height), 1)

    points = [None if value is None else point(index, value) for index, value in enumerate(values)]
    path = "".join(
        f"{'L' if before else 'M'}{here[0]:g} {here[1]:g}"
        for before, here in pairwise([None, *points])
        if here
    )
    end = next(place for place in reversed(points) if place is not None)
    return format_html(
        '<svg width="{}" height="20" aria-hidden="true"><path class="stroke-{}" d="{}"/>'
        '<circle class="fill-{}" cx="{}" cy="{}" r="2"/></svg>',
        SPARK_WIDTH, TONES[tone], path, TONES[tone], f"{end[0]:g}", f"{end[1]:g}",
    )  # fmt: skip
