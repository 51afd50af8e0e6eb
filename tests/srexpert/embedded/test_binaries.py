import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from srexpert.embedded import binaries, state
from srexpert.embedded.temporary import temporary_postgres

pytestmark = pytest.mark.skipif(not state.is_root(), reason="only root has services of another user")


@pytest.fixture
def unreadable_wheels(state_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An environment that the service user cannot read, and an empty place for what it can."""
    place = Path(f"/var/lib/{state_directory.name}")
    monkeypatch.setattr(state, "ROOT_PLACE", place)
    monkeypatch.setattr(binaries, "readable_by_all", lambda _path: False)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_programs_are_copied_to_where_their_user_can_run_them(unreadable_wheels: Path) -> None:
    programs = binaries.postgres_binaries()
    assert programs.is_relative_to(unreadable_wheels)
    assert programs == binaries.postgres_binaries()
    with temporary_postgres(programs) as cluster, psycopg.connect(cluster.database_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("srexpert_app",)
    account = state.service_account()
    assert account is not None
    server = binaries.valkey_server()
    assert server.is_relative_to(unreadable_wheels)
    told = subprocess.run(
        [str(server), "--version"], user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/",
        capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
    assert "v=" in told.stdout
    assert not list((unreadable_wheels / "binaries").glob(".copying-*"))


def test_readable_by_all_looks_at_every_parent(state_directory: Path) -> None:
    program = state_directory / "program"
    program.write_text("")
    program.chmod(0o755)
    state_directory.chmod(0o755)
    assert binaries.readable_by_all(program)
    state_directory.chmod(0o700)
    assert not binaries.readable_by_all(program)
