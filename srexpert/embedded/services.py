"""Use the embedded services for a while: start what does not run, and stop what nobody uses any more."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from srexpert.embedded import endpoints, process, state
from srexpert.embedded.locks import Lock

START_SECONDS = 90.0
STOP_SECONDS = 25.0


def needed() -> list[str]:
    """The services that this deployment has embedded: those without an address in the environment."""
    variables = {"postgres": "DATABASE_URL", "valkey": "BROKER_URL"}
    return [name for name, variable in variables.items() if not endpoints.configured(variable)]


@contextmanager
def ensure(*, postgres: bool | None = None, valkey: bool | None = None) -> Iterator[list["Use"]]:
    """Have the embedded services running inside the block; gives the uses of them.

    Without arguments those that the environment gives no address for. Several processes share
    them; after the block of the last one they stop. Raises EmbeddedError in one clear line.
    """
    state.pin_state_dir()
    wanted = {"postgres": postgres, "valkey": valkey}
    names = [name for name, want in wanted.items() if (name in needed() if want is None else want)]
    with ExitStack() as stack:
        uses = [stack.enter_context(_closing(Use(name))) for name in names]
        for use in uses:
            use.begin()
        for use in uses:
            use.wait_until_ready()
        yield uses


@contextmanager
def _closing(use: "Use") -> Iterator["Use"]:
    try:
        yield use
    finally:
        use.end()


class Use:
    """One process's use of one service."""

    def __init__(self, name: str) -> None:
        """Prepare the use of `postgres` or `valkey`; nothing starts yet. Raises EmbeddedError."""
        self.name = name
        self._users, self._holder = Lock(f"{name}.users"), Lock(f"{name}.holder")
        self._started: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def begin(self) -> None:
        """Become a user and start a holder if none runs. Raises EmbeddedError."""
        self._deadline = time.monotonic() + START_SECONDS
        if not self._users.wait(shared=True, deadline=self._deadline):
            raise state.EmbeddedError(f"an earlier {self.name} does not stop: see var/log/{self.name}.log")
        if not self.is_held():
            self._start_holder()

    def is_held(self) -> bool:
        """Whether a holder runs now."""
        if self._holder.take(shared=True):
            self._holder.free()
            return False
        return True

    def is_ready(self) -> bool:
        """Whether the service accepts connections: by the note of a holder that lives."""
        try:
            noted = (state.state_dir() / "run" / f"{self.name}.ready").read_text(encoding="ascii")
        except OSError:
            return False
        pid, _, started = noted.partition(" ")
        return started == str(process.start_time(int(pid)))

    def wait_until_ready(self) -> None:
        """Wait for the service, and start the holder again if it went away. Raises EmbeddedError."""
        while not self.is_ready():
            if self._started is not None and self._started.poll():  # 0 means that another one holds it
                raise state.EmbeddedError(self._problem())
            if time.monotonic() > self._deadline:
                raise state.EmbeddedError(
                    f"{self.name} is not ready after {START_SECONDS:.0f} s: {self._problem()}"
                )
            if not self.is_held() and (self._started is None or self._started.poll() is not None):
                self._start_holder()
            time.sleep(0.03)

    def keep(self) -> None:
        """Start the holder again if it was killed; a long-lived user calls this now and then. Raises EmbeddedError."""
        if self._started is not None:
            self._started.poll()  # so that it is no zombie
        if not self.is_held():
            self._start_holder()

    def _start_holder(self) -> None:
        environment = {key: value for key, value in os.environ.items() if key != process.TAG}
        try:
            with (state.subdirectory("log") / "services.log").open("ab") as log:
                self._started = subprocess.Popen(
                    [sys.executable, "-m", "srexpert.embedded.holder", self.name],
                    cwd=state.PROJECT, env=environment, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
        except OSError as error:
            raise state.explain(error, doing=f"starting {self.name}") from error

    def _problem(self) -> str:
        path: Path = state.state_dir() / "run" / f"{self.name}.error"
        with suppress(OSError):
            return path.read_text(encoding="utf-8")
        return f"{self.name} did not start: see {state.state_dir() / 'log' / 'services.log'}"

    def end(self) -> None:
        """Stop being a user, and wait for the holder to stop unless others use the service."""
        self._users.free()
        deadline = time.monotonic() + STOP_SECONDS
        while self.is_held() and time.monotonic() < deadline:
            # When we get the lock alone nobody else uses it and the holder will notice; when not even
            # sharing is possible the holder is stopping. When only sharing is, others use it.
            if self._users.take():
                self._users.free()
            elif self._users.take(shared=True):
                self._users.free()
                break
            time.sleep(0.05)
        if self._started is not None:
            self._started.poll()
        self._users.close()
        self._holder.close()
