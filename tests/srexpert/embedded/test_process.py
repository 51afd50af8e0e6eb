import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from srexpert.embedded import process, state

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_spawn_records_the_process_with_its_start(state_directory: Path) -> None:
    child = process.spawn(SLEEP, name="sleeper", output=None)
    record = process.recorded("sleeper")
    assert record is not None
    assert (record.pid, record.command) == (child.pid, SLEEP)
    process.stop(child, ((signal.SIGTERM, 5.0),))
    assert process.recorded("sleeper") is None


def test_recorded_refuses_a_pid_that_another_process_has(state_directory: Path) -> None:
    process.record("sleeper", os.getpid(), ["something"])
    assert process.recorded("sleeper") is not None
    path = state_directory / "run" / "sleeper.json"
    path.write_text(path.read_text().replace(f'"started": {process.start_time(os.getpid())}', '"started": 1'))
    assert process.recorded("sleeper") is None


def test_spawn_binds_the_child_to_its_parent(state_directory: Path, wait_for: Callable[..., None]) -> None:
    program = (
        "import sys, time; from srexpert.embedded import process;"
        f"print(process.spawn({SLEEP!r}, name='orphan', output=None).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=state.PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert process.start_time(child) is not None
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: process.start_time(child) is None, what="the child's end")


@pytest.mark.skipif(not state.is_root(), reason="only root gives a child another user")
def test_spawn_binds_a_child_of_another_user_too(
    state_directory: Path, wait_for: Callable[..., None]
) -> None:
    program = (
        "import pwd, time; from pathlib import Path; from srexpert.embedded import process;"
        "print(process.spawn(['/bin/sleep', '60'], name='orphan', output=None, account=pwd.getpwnam('nobody'),"
        " directory=Path('/')).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=state.PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert Path(f"/proc/{child}").stat().st_uid != 0
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: process.start_time(child) is None, what="the child's end")


def test_tagged_finds_the_children_of_this_state_only(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch, wait_for: Callable[..., None]
) -> None:
    ours = process.spawn(SLEEP, name="ours", output=None, supervised=True)
    plain = process.spawn(SLEEP, name="plain", output=None)
    monkeypatch.setenv("SREXPERT_STATE_DIR", f"{state_directory}/other")
    theirs = process.spawn(SLEEP, name="theirs", output=None, supervised=True)
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory))
    wait_for(lambda: process.tagged() == [ours.pid], what="the tag")
    for child in (ours, plain, theirs):
        process.stop(child, ((signal.SIGKILL, 5.0),))


def test_end_raises_the_force_until_all_ended(state_directory: Path) -> None:
    stubborn = [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
    ]
    child = process.spawn(stubborn, name="stubborn", output=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    assert not process.end([child.pid], ((signal.SIGTERM, 0.3),))
    assert process.end([child.pid], ((signal.SIGTERM, 0.1), (signal.SIGKILL, 5.0)))
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL


def test_stop_takes_grandchildren_along(state_directory: Path, wait_for: Callable[..., None]) -> None:
    program = f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    child = process.spawn([sys.executable, "-c", program], name="parent", output=subprocess.PIPE)
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    child.stdout.close()
    process.stop(child, ((signal.SIGKILL, 5.0),))
    wait_for(lambda: process.start_time(grandchild) is None, what="the grandchild's end")


def test_start_time_is_none_for_a_zombie() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + 10
    while process.start_time(child.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.start_time(child.pid) is None
    child.wait()
