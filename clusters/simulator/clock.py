"""The simulated cluster's time: wall-clock stamps as they are, delays divided by the chosen speed.

Stamps in objects stay near the real time at any speed, so that an observer never reads a time from the future;
only the waiting gets shorter. While the base world is built the clock stands in the past and is moved by hand.
"""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Gives ``now()`` for stamps and ``elapsed()``, simulated seconds since the start, for timers."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started: float | None = None
        self._offset = 0.0  # simulated seconds that passed before the clock ran
        self._past = datetime.now(UTC)

    @property
    def running(self) -> bool:
        """Whether time passes by itself; before that it's moved by `travel` and `advance`."""
        return self._started is not None

    def run(self) -> None:
        """Let time pass; stamps are the real time from here on."""
        self._started = time.monotonic()

    def travel(self, moment: datetime) -> None:
        """Stand at a moment in the past (only before `run`)."""
        self._past = moment

    def advance(self, seconds: float) -> None:
        """Move on by simulated seconds (only before `run`)."""
        self._offset += seconds
        self._past += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The moment to stamp, in UTC."""
        return datetime.now(UTC) if self.running else self._past

    def elapsed(self) -> float:
        """Simulated seconds since the start, for comparing due times."""
        if self._started is None:
            return self._offset
        return self._offset + (time.monotonic() - self._started) * self.speed

    def real_seconds(self, simulated: float) -> float:
        """How long to wait really for so many simulated seconds."""
        return simulated / self.speed


def stamp(moment: datetime) -> str:
    """A time as Kubernetes writes it: RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def micro_stamp(moment: datetime) -> str:
    """A MicroTime as leases and event times carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_stamp(text: str) -> datetime:
    """The moment that `stamp` or `micro_stamp` wrote."""
    return datetime.fromisoformat(text)
