"""The shapes of states, severities and verdicts, drawn on 14 by 14, and their words.

Severities are amounts and states are outlines, so that the two can't be confused even without colour.
"""

from functools import lru_cache

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

_CALL = '<path class="cut" d="M7 {top}v3.3"/><circle class="cut-dot" cx="7" cy="{dot}" r=".95"/>'
_CROSS = '<path class="{ink}" d="M5 5l4 4M9 5L5 9"/>'
_MINUS = '<path class="line" d="M4.9 7h4.2"/>'
_TICK = '<circle class="body" cx="7" cy="7" r="6"/><path class="cut" d="M4.4 7.2l1.8 1.8 3.4-3.8"/>'
_QUESTION = (
    '<path class="line" d="M7 .9L13.1 7 7 13.1.9 7z"/>'
    '<path class="line" d="M5.8 5.6a1.25 1.25 0 1 1 1.9 1.1c-.5.3-.7.5-.7.9"/><circle class="body" cx="7" cy="9.5" r=".75"/>'
)
_DASHED = '<circle class="line" cx="7" cy="7" r="5.6" stroke-dasharray="2.1 2.3"/>' + _MINUS


def _bars(filled: int) -> str:
    sizes = ((1, 8.5, 4.5), (5.5, 5.5, 7.5), (10, 2, 11))
    return "".join(
        f'<rect class="{"body" if index < filled else "rest"}" x="{x}" y="{y}" width="3" height="{height}" rx=".8"/>'
        for index, (x, y, height) in enumerate(sizes)
    )


_SHAPES: dict[str, str] = {
    # severities
    "critical": '<rect class="body" x="1" y="1" width="12" height="12" rx="2.5"/>'
    + _CALL.format(top=3.7, dot=9.9),
    "high": _bars(3),
    "medium": _bars(2),
    "low": _bars(1),
    # states
    "healthy": _TICK,
    "warning": '<path class="body" d="M5.9 1.5a1.3 1.3 0 0 1 2.2 0l5.1 9a1.3 1.3 0 0 1-1.1 2H1.9a1.3 1.3 0 0 1-1.1-2z"/>'
    + _CALL.format(top=4.4, dot=10.3),
    "failing": '<path class="body" d="M4.5.9h5L13.1 4.5v5L9.5 13.1h-5L.9 9.5v-5z"/>'
    + _CROSS.format(ink="cut"),
    "failing-in-hand": '<path class="line" d="M4.7 1.4h4.6l3.3 3.3v4.6l-3.3 3.3H4.7L1.4 9.3V4.7z"/>'
    + _CROSS.format(ink="line"),
    "unknown": _QUESTION,
    "stale": _QUESTION,
    "not-assessed": _DASHED,
    # verdicts
    "passed": _TICK,
    "failed": '<rect class="line" x="1.5" y="1.5" width="11" height="11" rx="2"/>'
    + _CROSS.format(ink="line"),
    "waived": '<path class="line" d="M7 1.2l4.8 1.6v3.7c0 3-2 5.1-4.8 6.3-2.8-1.2-4.8-3.3-4.8-6.3V2.8z"/>'
    + _MINUS,
    "supported": _TICK,
    "refuted": '<circle class="line" cx="7" cy="7" r="5.6"/><path class="line" d="M3.1 10.9l7.8-7.8"/>',
    "not-checkable": _QUESTION,
}

WORDS: dict[str, str | Promise] = {
    "critical": _("Critical"),
    "high": _("High"),
    "medium": _("Medium"),
    "low": _("Low"),
    "healthy": _("Healthy"),
    "warning": _("Warning"),
    "failing": _("Failing"),
    "failing-in-hand": _("Failing, in hand"),
    "unknown": _("Unknown"),
    "stale": _("Stale"),
    "not-assessed": _("Not assessed"),
    "passed": _("Passed"),
    "failed": _("Failed"),
    "waived": _("Waived"),
    "supported": _("Supported"),
    "refuted": _("Refuted"),
    "not-checkable": _("Not checkable"),
}

SEVERITIES = ("critical", "high", "medium", "low")
STATES = ("healthy", "warning", "failing", "failing-in-hand", "unknown", "stale", "not-assessed")
VERDICTS = ("passed", "failed", "waived", "not-assessed", "supported", "refuted", "not-checkable")


def canonical(name: object) -> str:
    """The key of a state however its enum spells it: `not_assessed`, `Not assessed`; what we don't know is unknown."""
    key = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    return key if key in _SHAPES else "unknown"


@lru_cache(maxsize=64)
def shape(name: str) -> SafeString:
    """The SVG of one glyph; its word stands beside it, so readers by ear skip the picture."""
    return mark_safe(f'<svg class="glyph" viewBox="0 0 14 14" aria-hidden="true">{_SHAPES[name]}</svg>')  # noqa: S308 -- our own constants
