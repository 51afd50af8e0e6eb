import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from srexpert.embedded import process, state, supervisor
from srexpert.embedded.supervisor import Program, Supervisor


def program(name: str, source: str) -> Program:
    return Program(name=name, command=[sys.executable, "-u", "-c", source])


def turn_until(running: Supervisor, condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        running.turn()


def test_lines_are_prefixed_and_logged(state_directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = state_directory / "log" / "talker.log"
    with Supervisor() as running:
        running.start(program("talker", "print('first\\nsecond'); import time; time.sleep(60)"))
        turn_until(running, lambda: log.exists() and "second" in log.read_text())
    assert "   talker | first\n   talker | second\n" in capsys.readouterr().out
    assert log.read_text() == "first\nsecond\n"


def test_an_ended_program_starts_again_with_growing_pauses(state_directory: Path) -> None:
    with Supervisor() as running:
        one = program("short", "raise SystemExit(3)")
        running.start(one)
        turn_until(running, lambda: one.ended == 2)
        assert one.pause == supervisor.FIRST_PAUSE * 4
    assert (
        "ended with exit code 3; it starts again in 0.5 s"
        in (state_directory / "log" / "short.log").read_text()
    )


def test_a_killed_program_frees_what_its_children_held(state_directory: Path) -> None:
    source = (
        "import os, socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1]);"
        "os.fork(); time.sleep(60)"
    )
    log = state_directory / "log" / "forker.log"
    with Supervisor() as running:
        forker = program("forker", source)
        running.start(forker)
        turn_until(running, lambda: log.exists() and log.read_text().strip())
        port = int(log.read_text().split()[0])
        assert not state.port_is_free(port)
        assert forker.child is not None
        os.kill(forker.child.pid, signal.SIGKILL)
        turn_until(running, lambda: forker.ended == 1 and state.port_is_free(port))


def test_stop_ends_all_even_the_stubborn(state_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    log = state_directory / "log" / "stubborn.log"
    with Supervisor() as running:
        running.start(
            program(
                "stubborn", "import signal, time; signal.signal(15, signal.SIG_IGN); print(1); time.sleep(60)"
            )
        )
        running.start(program("meek", "import time; time.sleep(60)"))
        turn_until(running, lambda: log.exists() and log.read_text())
        pids = [one.child.pid for one in running.programs if one.child]
    assert len(pids) == 2
    assert [pid for pid in pids if process.start_time(pid)] == []
    assert list((state_directory / "run").glob("*.json")) == []


def test_run_step_raises_with_the_log_when_it_fails(state_directory: Path) -> None:
    with Supervisor() as running:
        running.run_step("fine", [sys.executable, "-c", "print('done')"])
        with pytest.raises(state.EmbeddedError, match=r"broken failed with exit code 4: see .*broken\.log"):
            running.run_step("broken", [sys.executable, "-c", "print('why'); raise SystemExit(4)"])
    assert (state_directory / "log" / "fine.log").read_text() == "done\n"
    assert (state_directory / "log" / "broken.log").read_text() == "why\n"


def test_a_log_that_cannot_be_written_does_not_end_the_supervisor(state_directory: Path) -> None:
    (state_directory / "log").mkdir()
    (state_directory / "log" / "full.log").symlink_to("/dev/full")
    with Supervisor() as running:
        talker = program("full", "print('lost'); import time; time.sleep(60)")
        running.start(talker)
        for _ in range(5):
            running.turn()
        assert talker.child is not None
        assert talker.child.poll() is None


def test_a_large_log_is_put_aside(state_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LARGEST_LOG", 100)
    log = state.subdirectory("log") / "web.log"
    supervisor.append_to_log(log, ["x" * 120])
    supervisor.append_to_log(log, ["new"])
    assert log.read_text() == "new\n"
    assert log.with_suffix(".log.1").read_text() == "x" * 120 + "\n"
