"""The process that runs one embedded service for as long as any process uses it, and then stops it.

Users share the lock `NAME.users`, which the kernel frees when they die; the holder alone has
`NAME.holder`. So the service outlives no user, stops cleanly even when its user is killed, and
two commands share it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from srexpert.embedded import binaries, process, state
from srexpert.embedded.files import last_line, write_private
from srexpert.embedded.locks import Lock
from srexpert.embedded.postgres import LEFTOVER_SIGNALS, Postgres, Run
from srexpert.embedded.valkey import Valkey

START_SECONDS = 60.0
TICK = 0.1
LONGEST_PAUSE = 10.0


class Service(Protocol):
    """What a holder drives."""

    name: str
    log: Path
    place: Path
    stop_signals: process.Signals
    death_signal: signal.Signals

    def leftovers(self) -> list[int]: ...
    def prepare(self, run: Run) -> None: ...
    def command(self) -> list[str]: ...
    def is_ready(self, pid: int) -> bool: ...
    def after_start(self) -> None: ...


class Unused(Exception):
    """The last user went away, or we were told to stop."""


def embedded_service(name: str) -> Service:
    """The service of this deployment by its name. Raises EmbeddedError."""
    binaries.ensure_account()
    place, log = state.place(), state.subdirectory("log") / f"{name}.log"
    if name == Valkey.name:
        return Valkey(program=binaries.valkey_server(), place=place, log=log)
    programs = binaries.postgres_binaries()
    return Postgres(binaries=programs, place=place, sockets=state.socket_directory(), log=log)


class Holder:
    """Runs one service: prepare, start, wait, watch, start again after a crash, stop when unused."""

    def __init__(self, service: Service, users: Lock) -> None:
        """`users` is the lock that each user shares."""
        self.service, self._users = service, users
        self._child: subprocess.Popen[bytes] | None = None
        self._told_to_stop = False

    def tell_to_stop(self, *_signal: object) -> None:
        """Stop at the next look, even with users left: the machine goes down."""
        self._told_to_stop = True

    def run(self) -> None:
        """Hold the service until nobody uses it. Raises EmbeddedError when it cannot be started at all."""
        try:
            process.end(self.service.leftovers(), LEFTOVER_SIGNALS)
            self.service.prepare(self._run_to_end)
            self._start()
            self._watch()
        except Unused:
            pass
        finally:
            self._ready_file.unlink(missing_ok=True)
            if self._child is not None:
                process.stop(self._child, self.service.stop_signals)
                process.forget(self.service.name)

    @property
    def _ready_file(self) -> Path:
        return state.state_dir() / "run" / f"{self.service.name}.ready"

    def _watch(self) -> None:
        pause = 0.2
        while True:
            self._look()
            if self._child is not None and self._child.poll() is None:
                time.sleep(TICK)
                continue
            self._ready_file.unlink(missing_ok=True)
            note(f"{self.service.name} ended by itself; it starts again in {pause:.1f} s")
            self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                process.end(self.service.leftovers(), LEFTOVER_SIGNALS)
                self.service.prepare(self._run_to_end)
                self._start()
            except state.EmbeddedError as error:
                note(str(error))
            else:
                pause = 0.2

    def _start(self) -> None:
        with self._output() as output:
            self._child = process.spawn(
                self.service.command(),
                name=self.service.name,
                output=output,
                account=state.service_account(),
                directory=self.service.place,
                death_signal=self.service.death_signal,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.service.is_ready(self._child.pid):
            self._look()
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise state.EmbeddedError(
                    f"{self.service.name} does not start: {last_line(self.service.log)}"
                )
            time.sleep(0.02)
        self.service.after_start()
        write_private(self._ready_file, f"{os.getpid()} {process.start_time(os.getpid())}", None)

    @contextlib.contextmanager
    def _output(self) -> Iterator[int]:
        with self.service.log.open("ab") as file:
            yield file.fileno()

    def _run_to_end(self, command: Sequence[str]) -> int:
        """Run a program of the preparation, but give up when the last user goes. Raises Unused."""
        with self._output() as output:
            child = process.spawn(
                command,
                name=f"{self.service.name}-preparation",
                output=output,
                account=state.service_account(),
                directory=self.service.place,
            )
        try:
            while child.poll() is None:
                self._look()
                time.sleep(0.02)
        finally:
            process.stop(child, ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)))
            process.forget(f"{self.service.name}-preparation")
        return child.returncode

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look()
            time.sleep(TICK)

    def _look(self) -> None:
        """Notice that we are unused; the lock is then ours alone, so that new users wait for our end."""
        if self._told_to_stop or self._users.take():
            raise Unused


def note(line: str) -> None:
    """Say something on our standard output, which is the log; a full disk must not end the service."""
    with contextlib.suppress(OSError):
        print(time.strftime("%Y-%m-%d %H:%M:%S"), line, flush=True)  # noqa: T201 -- this is the log


def main(name: str) -> int:
    """Hold the service of this name. Gives 0, also when another holds it already, and 2 if it can't start."""
    alone, users = Lock(f"{name}.holder"), Lock(f"{name}.users")
    if not alone.take():
        return 0
    problem = state.state_dir() / "run" / f"{name}.error"
    problem.unlink(missing_ok=True)
    try:
        holder = Holder(embedded_service(name), users)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, holder.tell_to_stop)
        _hold(holder)
    except state.EmbeddedError as error:
        note(str(error))
        with contextlib.suppress(OSError):
            write_private(problem, str(error), None)
        return 2
    return 0


def _hold(holder: Holder) -> None:
    try:
        holder.run()
    except OSError as error:
        raise state.explain(error, doing=holder.service.name) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
