"""Waits for what another thread or process does, with a bound instead of a sleep."""

import time
from collections.abc import Callable

BOUND_SECONDS = 40.0


def until(condition: Callable[[], object], *, seconds: float = BOUND_SECONDS) -> None:
    """Return when the condition holds; fail when it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
