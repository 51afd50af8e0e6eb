"""A state directory of its own for each test, gone afterwards with all that was started on it."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from srexpert.embedded import process, state


def processes_of(directory: Path) -> list[int]:
    """All processes that work for a state directory: by their environment, or by the data they work in."""
    named = os.fsencode(f"SREXPERT_STATE_DIR={directory}")
    places = [directory / "services"]
    if (directory / "secrets" / "place").exists():
        places.append(state.ROOT_PLACE / (directory / "secrets" / "place").read_text(encoding="ascii"))
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
            cwd = (entry / "cwd").readlink()
        except OSError:
            continue
        if process.start_time(int(entry.name)) is None:
            continue
        if named in environment or any(cwd.is_relative_to(place) for place in places):
            found.append(int(entry.name))
    return found


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Wait until a condition holds, or fail."""

    def wait(condition: Callable[[], object], seconds: float = 20.0, what: str = "the condition") -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
            time.sleep(0.05)

    return wait


@pytest.fixture
def state_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty state directory that SREXPERT_STATE_DIR names."""
    directory = Path(tempfile.mkdtemp(prefix="srexpert-state-"))
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(directory))
    monkeypatch.setenv("SREXPERT_EMBEDDED_DURABLE", "no")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "EMAIL_URL", process.TAG):
        monkeypatch.delenv(name, raising=False)
    yield directory
    process.end(processes_of(directory), ((signal.SIGTERM, 8.0), (signal.SIGKILL, 3.0)))
    if (directory / "secrets" / "place").exists():
        shutil.rmtree(state.ROOT_PLACE / (directory / "secrets" / "place").read_text(encoding="ascii"), True)
    shutil.rmtree(directory, ignore_errors=True)
