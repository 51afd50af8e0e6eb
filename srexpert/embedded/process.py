"""Child processes that die with their parent, and what an earlier run left behind, found by proof and never by name."""

import contextlib
import ctypes
import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from srexpert.embedded import state

PR_SET_PDEATHSIG = 1
# Every process that a supervisor starts carries this in its environment, and so do its own children.
TAG = "SREXPERT_SUPERVISED"
# Signals to send in turn, each with the seconds that it gets.
Signals = Sequence[tuple[signal.Signals, float]]
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What proves that a process is the one we started: a pid alone may be given to another one later."""

    pid: int
    started: int  # clock ticks after boot, from /proc
    boot: str
    command: list[str]


def boot_id() -> str:
    """The kernel's identifier of this boot; start times of processes count from it."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def start_time(pid: int) -> int | None:
    """When the process started, in clock ticks after boot; None when there is none or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold spaces and brackets
    return None if fields[0] in "ZX" else int(fields[19])


def spawn(
    command: Sequence[str],
    *,
    name: str,
    output: IO[bytes] | int | None,
    account: pwd.struct_passwd | None = None,
    environment: dict[str, str] | None = None,
    directory: Path | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    supervised: bool = False,
    errors_only: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that gets `death_signal` when we die, and record it in `run/`.

    With an `account` it runs as that user; one that is `supervised` carries the tag; of
    one with `errors_only` the standard output is dropped. Call it from the
    main thread of a process without other threads: the kernel ties the signal to the thread, and
    code runs between fork and exec.
    Raises OSError.
    """
    child: subprocess.Popen[bytes] = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if errors_only else output,
        stderr=output if errors_only else subprocess.STDOUT,
        cwd=directory,
        env={
            **(os.environ if environment is None else environment),
            **({TAG: tag(name)} if supervised else {}),
        },
        start_new_session=True,
        preexec_fn=_bind_to_parent(death_signal),  # noqa: PLW1509 -- we have no other threads, see above
        **({} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}),  # type: ignore[call-overload]  # keywords by account
    )
    record(name, child.pid, list(command))
    return child


def _bind_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """What the child does before exec, after it changed its user (which would clear the setting)."""
    parent = os.getpid()

    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between our fork and this line
            os._exit(1)

    return bind


def bind_to_parent(death_signal: signal.Signals = signal.SIGKILL, *, parent: int | None = None) -> None:
    """Have this process get a signal when its parent dies, for children that others fork.

    When the `parent` is known and dead already, this process ends at once.
    """
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def tag(name: str) -> str:
    """The value of the tag for a process of this deployment."""
    return f"{state.state_dir()} {name}"


def record(name: str, pid: int, command: list[str]) -> None:
    """Note a process in `run/NAME.json`, whole or not at all."""
    started = start_time(pid)
    if started is None:
        return
    path = state.subdirectory("run") / f"{name}.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(
        json.dumps(asdict(Record(pid=pid, started=started, boot=boot_id(), command=command))),
        encoding="utf-8",
    )
    temporary.replace(path)


def recorded(name: str) -> Record | None:
    """The record of this name if its process still runs: same pid, same start, same boot."""
    try:
        found = Record(**json.loads((state.state_dir() / "run" / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.boot == boot_id() and start_time(found.pid) == found.started else None


def forget(name: str) -> None:
    """Remove the record of a process that has ended."""
    (state.state_dir() / "run" / f"{name}.json").unlink(missing_ok=True)


def tagged() -> list[int]:
    """The processes of this deployment's supervisor and their children, whoever their parent is now."""
    prefix = f"{TAG}={state.state_dir()} ".encode()
    return [pid for pid in _pids() if any(v.startswith(prefix) for v in _environment(pid))]


def working_in(directory: Path, programs: Sequence[str]) -> list[int]:
    """The processes of these programs whose working directory is the given one: a server and its children.

    Servers overwrite their environment by their title, so the tag cannot be read from them.
    """
    return [pid for pid in _pids() if _link(pid, "cwd") == str(directory) and _program(pid) in programs]


def _pids() -> Iterator[int]:
    own = {os.getpid(), os.getppid()}
    return (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and int(p.name) not in own)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended, or it is another user's
        return []


def _link(pid: int, name: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except OSError:
        return ""


def _program(pid: int) -> str:
    return Path(_link(pid, "exe").removesuffix(" (deleted)")).name


def end(pids: Sequence[int], signals: Signals) -> bool:
    """Send each signal in turn, waiting its seconds for the processes to end. Gives whether all ended."""
    waiting = {pid: started for pid in pids if (started := start_time(pid)) is not None}
    for number, seconds in signals:
        for pid, started in waiting.items():
            if start_time(pid) == started:
                _kill(pid, number)
        deadline = time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            waiting = {pid: started for pid, started in waiting.items() if start_time(pid) == started}
            time.sleep(0.02)
        if not waiting:
            return True
    return not waiting


def _kill(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def stop(child: subprocess.Popen[bytes], signals: Signals) -> None:
    """End our own child by the signals in turn, then whatever it left in its session's process group."""
    for number, seconds in signals:
        if child.poll() is not None:
            break
        child.send_signal(number)
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    sweep_group(child)


def sweep_group(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process group of a child of ours that ended: it would hold its port."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
