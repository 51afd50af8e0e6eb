"""Locks of the state directory that the kernel frees when a process dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path

from srexpert.embedded import state


class Lock:
    """A `flock` on a file of `run/`; several may share it, or one holds it alone."""

    def __init__(self, name: str) -> None:
        """Open `run/NAME.lock`; children that exec don't inherit it. Raises EmbeddedError."""
        path: Path = state.subdirectory("run") / f"{name}.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise state.explain(error, doing=f"the lock {path.name}") from error

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock now, or tell that another process has it."""
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self, *, shared: bool, deadline: float) -> bool:
        """Take the lock before the deadline (of the monotonic clock), or tell that it could not."""
        while not self.take(shared=shared):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.03)
        return True

    def free(self) -> None:
        """Give the lock back and keep the file open."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock back for good."""
        os.close(self._descriptor)
