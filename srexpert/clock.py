"""The one clock: every due time compares with now() here, so that a whole deployment can be tested at another date."""

import os
from datetime import UTC, datetime, timedelta

_offset = timedelta(seconds=float(os.environ.get("SREXPERT_CLOCK_OFFSET", "0")))


def now() -> datetime:
    """The current instant in UTC, moved by SREXPERT_CLOCK_OFFSET (seconds)."""
    return datetime.now(tz=UTC) + _offset
