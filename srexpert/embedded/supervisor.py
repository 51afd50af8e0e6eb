"""A small supervisor: starts programs in order, prefixes their lines, starts again what ends, stops all."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from srexpert.embedded import process, state

LARGEST_LOG = 10 * 2**20
FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS = 0.5, 20.0, 30.0
TICK = 0.2
STOP_SECONDS = 8.0


@dataclass(kw_only=True)
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    errors_only: bool = False
    child: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE
    started_at: float = 0.0
    due_at: float | None = None
    ended: int = 0


class Lines:
    """Reads the programs' output without waiting and gives it line by line to standard output and the logs."""

    def __init__(self) -> None:
        """Nothing is read until `follow`."""
        self._selector = selectors.DefaultSelector()
        self._rest: dict[str, bytes] = {}

    def follow(self, name: str, stream: IO[bytes]) -> None:
        """Read this stream from now on, under the program's name."""
        os.set_blocking(stream.fileno(), False)
        self._rest[name] = b""
        self._selector.register(stream, selectors.EVENT_READ, name)

    def read(self, seconds: float) -> None:
        """Pass on what there is, waiting at most so long for the first of it."""
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _events in self._selector.select(seconds):
            self._read_stream(key.fileobj, str(key.data))  # type: ignore[arg-type]  # we registered streams

    def _read_stream(self, stream: IO[bytes], name: str) -> None:
        try:
            data = os.read(stream.fileno(), 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        lines = (self._rest[name] + data).split(b"\n")
        self._rest[name] = lines.pop() if data else b""
        if not data:
            self._selector.unregister(stream)
            stream.close()
        self.say(name, [line for line in lines if data or line])

    def say(self, name: str, lines: Sequence[bytes | str]) -> None:
        """Print lines under a name. A full disk or a closed terminal must not end the supervisor."""
        texts = [line.decode("utf-8", "replace") if isinstance(line, bytes) else line for line in lines]
        with contextlib.suppress(OSError):
            for text in texts:
                sys.stdout.write(f"{name:>9} | {text}\n")
            sys.stdout.flush()
        with contextlib.suppress(OSError, state.EmbeddedError):
            append_to_log(state.subdirectory("log") / f"{name}.log", texts)


def append_to_log(path: Path, texts: Sequence[str]) -> None:
    """Append lines to a log; the one before is kept when it has grown large. Raises OSError."""
    if not texts:
        return
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{text}\n" for text in texts)
        large = file.tell() > LARGEST_LOG
    if large:
        path.replace(path.with_suffix(".log.1"))


class Supervisor:
    """Keeps programs running until it is left; use it as a context."""

    def __init__(self) -> None:
        """Without programs yet."""
        self.programs: list[Program] = []
        self.lines = Lines()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on. Raises EmbeddedError."""
        self.programs.append(program)
        self._start(program)

    def _start(self, program: Program) -> None:
        try:
            program.child = process.spawn(
                program.command, name=program.name, output=subprocess.PIPE, errors_only=program.errors_only,
                environment={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment}, directory=state.PROJECT, supervised=True,
            )  # fmt: skip
        except OSError as error:
            raise state.explain(error, doing=f"starting {program.name}") from error
        program.started_at, program.due_at = time.monotonic(), None
        stream = program.child.stderr or program.child.stdout
        if stream is not None:
            self.lines.follow(program.name, stream)

    def run_step(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end, its lines under its name. Raises EmbeddedError when it fails."""
        step = Program(name=name, command=command)
        self._start(step)
        child = step.child
        try:
            while child is not None and child.poll() is None:
                self.turn()
        finally:
            if child is not None:
                process.stop(child, ((step.stop_signal, 8.0), (signal.SIGKILL, 2.0)))
                process.forget(name)
                self.lines.read(0)
        if child is not None and child.returncode:
            raise state.EmbeddedError(
                f"{name} failed with exit code {child.returncode}: see {state.state_dir() / 'log' / f'{name}.log'}"
            )

    def turn(self) -> None:
        """Pass lines on for a moment, and look after every program."""
        self.lines.read(TICK)
        for program in self.programs:
            self._look_after(program)

    def run_until(self, reached: Callable[[], bool]) -> None:
        """Turn until the condition holds."""
        while not reached():
            self.turn()

    def _look_after(self, program: Program) -> None:
        now = time.monotonic()
        if program.child is not None and program.child.poll() is not None:
            process.sweep_group(program.child)
            if now - program.started_at > STEADY_SECONDS:
                program.pause = FIRST_PAUSE
            self.lines.say(program.name, [_ending(program)])
            program.child, program.due_at = None, now + program.pause
            program.pause = min(program.pause * 2, LONGEST_PAUSE)
            program.ended += 1
        elif program.child is None and program.due_at is not None and now >= program.due_at:
            with contextlib.suppress(state.EmbeddedError):  # a full disk may be emptied
                program.due_at = now + program.pause
                self._start(program)

    def stop(self) -> None:
        """Stop all programs, told in reverse order, and pass on what they say while they end."""
        running = [program for program in reversed(self.programs) if program.child is not None]
        self.programs.clear()
        for program in running:
            _tell(program, program.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(_is_running(program) for program in running):
            self.lines.read(0.05)
        for program in running:
            if program.child is not None:
                process.stop(program.child, ((signal.SIGKILL, 2.0),))
                process.forget(program.name)
        self.lines.read(0)


def _is_running(program: Program) -> bool:
    return program.child is not None and program.child.poll() is None


def _tell(program: Program, number: signal.Signals) -> None:
    if program.child is not None and program.child.poll() is None:
        program.child.send_signal(number)


def _ending(program: Program) -> str:
    code = program.child.returncode if program.child is not None else 0
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return f"ended {how}; it starts again in {program.pause:.1f} s"
