"""Times as people read them: how long ago, how long still, and the absolute time with its zone."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

# Below this many seconds a unit is named; its symbols are those of the SI, the same in every language.
_UNITS = ((60, 1, "s"), (3600, 60, "min"), (48 * 3600, 3600, "h"), (float("inf"), 86400, "d"))


def duration(length: timedelta | float, *, long: bool = False) -> str:
    """`3 min`, `2 d`; long: with the next smaller unit, `3 min 22 s`. A negative length reads as nothing: `0 s`."""
    seconds = max(int(length.total_seconds() if isinstance(length, timedelta) else length), 0)
    for position, (limit, size, symbol) in enumerate(_UNITS):
        if seconds < limit:
            text = f"{seconds // size} {symbol}"
            if long and position and (rest := seconds % size // _UNITS[position - 1][1]):
                text += f" {rest} {_UNITS[position - 1][2]}"
            return text
    raise AssertionError  # the last limit is infinite


def absolute(moment: datetime) -> str:
    """`Tue 24 Nov 2026, 10:21:08 WET`, in the person's zone."""
    return date_format(timezone.localtime(moment), "D j M Y, H:i:s T")


def nearby(moment: datetime, now: datetime) -> str:
    """As short as the distance allows: `10:21:08` today, `19 Nov, 15:42` this year, else `18 Mar 2025`."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return date_format(local, "H:i:s")
    if abs(today - local) < timedelta(days=300):
        return date_format(local, "j M, H:i")
    return date_format(local, "j M Y")
