import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from srexpert.embedded import state
from srexpert.embedded.files import require_space


def test_secret_is_made_once_and_private(state_directory: Path) -> None:
    first = state.secret("key")
    assert state.secret("key") == first
    assert len(first) == 43
    assert state.secret("other") != first
    assert stat.S_IMODE((state_directory / "secrets" / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((state_directory / "secrets").stat().st_mode) == 0o700


def test_secret_is_the_same_for_concurrent_processes(state_directory: Path) -> None:
    program = "from srexpert.embedded.state import secret; print(secret('shared'))"

    def ask(_number: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=state.PROJECT,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout

    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(ask, range(8)))
    assert len(values) == 1
    assert [path.name for path in (state_directory / "secrets").iterdir()] == ["shared"]


def test_state_dir_is_var_of_the_project_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SREXPERT_STATE_DIR", raising=False)
    assert state.state_dir() == state.PROJECT / "var"


def test_explain_says_that_the_disk_is_full(state_directory: Path) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/somewhere")
    assert (
        str(state.explain(error, doing="the log"))
        == "the disk is full: no space left for the log (/somewhere)"
    )


def test_explain_names_what_is_not_writable(state_directory: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/somewhere")
    assert "/somewhere is not writable for the log" in str(state.explain(error, doing="the log"))


def test_secret_fails_clearly_when_the_state_cannot_be_made(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state_directory / "file").write_text("")
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory / "file" / "below"))
    with pytest.raises(state.EmbeddedError, match="directory failed"):
        state.secret("key")


def test_require_space_refuses_before_the_disk_is_full(state_directory: Path) -> None:
    require_space(state_directory, 1)
    with pytest.raises(state.EmbeddedError, match="the disk is full"):
        require_space(state_directory, 2**62)


def test_socket_directory_is_short_however_long_the_state_is(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "is_root", lambda: False)
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory / ("deep" * 40)))
    assert len(os.fsencode(state.socket_directory() / ".s.PGSQL.5432.lock")) <= 107
    assert state.socket_directory() == state.socket_directory()
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory))
    assert state.socket_directory() == state_directory / "services" / "run"
