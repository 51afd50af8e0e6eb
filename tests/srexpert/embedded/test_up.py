import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from srexpert.embedded import binaries, endpoints, process, state, up
from srexpert.embedded.services import ensure
from srexpert.embedded.temporary import temporary_postgres
from tests.srexpert.embedded.conftest import processes_of

READY = re.compile(r"SRExpert is ready: (http://localhost:\d+)")


class Run:
    """One run of `up` in a process of its own, with its output in a file."""

    def __init__(self, directory: Path, port: int, *arguments: str) -> None:
        self.output = directory / "output"
        self.port = port
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(port), *arguments],
                cwd=state.PROJECT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def says(self, pattern: str | re.Pattern[str]) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        return re.search(pattern, self.output.read_text()) is not None

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def refused(*arguments: str) -> str:
    """The one line of an `up` that could not start."""
    done = subprocess.run(
        [sys.executable, "manage.py", "up", *arguments], cwd=state.PROJECT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    return lines[0]


@pytest.fixture
def port() -> int:
    return state.free_port()


def test_up_refuses_a_port_in_use(state_directory: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        line = refused("--port", str(port))
    assert line.startswith(f"up: port {port} is in use by another program")
    assert processes_of(state_directory) == []


def test_up_refuses_a_second_run_on_the_same_state(state_directory: Path, port: int) -> None:
    lock = up._only_one()
    line = refused("--port", str(port))
    lock.close()
    assert line == f"up: another `up` runs on {state_directory} already (process {os.getpid()})"


def test_up_refuses_a_full_disk(state_directory: Path, port: int) -> None:
    full = state_directory / "full"
    full.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(full)], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(port)], cwd=state.PROJECT, capture_output=True,
            text=True, timeout=60, check=False, env={**os.environ, "SREXPERT_STATE_DIR": str(full)},
        )  # fmt: skip
    finally:
        subprocess.run(["umount", "--lazy", str(full)], check=True)
    assert done.returncode == 2
    assert done.stderr.startswith("up: the disk is full")
    assert len(done.stderr.splitlines()) == 1


def test_up_refuses_a_state_that_it_cannot_write(
    state_directory: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state_directory / "file").write_text("")
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory / "file" / "below"))
    assert "directory" in refused("--port", str(port))


def test_up_refuses_plain_http_beyond_loopback(state_directory: Path, port: int) -> None:
    assert "plain HTTP is served on loopback only" in refused("--host", "0.0.0.0", "--port", str(port))  # noqa: S104 -- refused


def test_up_refuses_what_is_no_port_or_no_address_of_ours(state_directory: Path, port: int) -> None:
    assert "99999 is not a port" in refused("--port", "99999")
    assert "invalid port_number value: 'http'" in refused("--port", "http")


def test_port_is_free_raises_for_an_address_of_another_machine(port: int) -> None:
    with pytest.raises(state.EmbeddedError, match=r"of 192\.0\.2\.1 cannot be listened on"):
        state.port_is_free(port, "192.0.2.1")


def test_up_refuses_half_of_a_certificate(
    state_directory: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SREXPERT_TLS_CERTIFICATE", "/nowhere/certificate.pem")
    assert "go together" in refused("--port", str(port))
    monkeypatch.setenv("SREXPERT_TLS_KEY", "/nowhere/key.pem")
    assert "/nowhere/certificate.pem cannot be read" in refused("--port", str(port))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://app:hidden@127.0.0.1:1/srexpert", "Connection refused"),
        ("mysql://app:hidden@127.0.0.1/srexpert", "is not a PostgreSQL address"),
    ],
)
def test_up_refuses_a_wrong_database(
    state_directory: Path, port: int, monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    line = refused("--port", str(port))
    assert reason in line
    assert "hidden" not in line


def test_up_refuses_a_superuser(state_directory: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_postgres(binaries.postgres_binaries()) as cluster:
        monkeypatch.setenv("DATABASE_URL", cluster.superuser_url)
        line = refused("--port", str(port))
    assert "DATABASE_URL connects as 'postgres', which is a superuser" in line


def write_row(text: str) -> None:
    with psycopg.connect(endpoints.endpoints().database_owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def rows() -> list[str]:
    with psycopg.connect(endpoints.endpoints().database_owner_url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text")]


def test_up_runs_until_it_is_interrupted_and_keeps_the_data(
    state_directory: Path, port: int, wait_for: Callable[..., None]
) -> None:
    run = Run(state_directory, port)
    wait_for(lambda: run.says(READY), 180, "the first start")
    assert run.says(f"http://localhost:{port}")
    write_row("kept")
    assert run.end(signal.SIGINT) == 0
    assert processes_of(state_directory) == []
    assert state.port_is_free(port)
    again = Run(state_directory, port)
    wait_for(lambda: again.says(READY), 120, "the second start")
    assert "Applying" not in again.output.read_text()
    assert rows() == ["kept"]
    web = process.recorded("web")
    assert web is not None
    os.kill(web.pid, signal.SIGKILL)
    wait_for(lambda: process.recorded("web") not in (None, web), 30, "the next web process")
    wait_for(lambda: up.is_healthy(options(port)), 60, "the web's answer")
    assert again.end(signal.SIGTERM) == 0
    assert processes_of(state_directory) == []


def options(port: int) -> up.Options:
    return up.Options(host="127.0.0.1", port=port, demo=False, certificate=None, key=None)


def test_up_uses_the_services_that_it_is_given_and_starts_neither(
    state_directory: Path, port: int, wait_for: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = state_directory / "mine"
    with temporary_postgres(binaries.postgres_binaries()) as cluster, ensure(postgres=False):
        monkeypatch.setenv("DATABASE_URL", cluster.database_url)
        monkeypatch.setenv("BROKER_URL", endpoints.endpoints().broker_url)
        monkeypatch.setenv("SREXPERT_STATE_DIR", str(mine))
        line = refused("--port", str(port))
        assert "the database is not migrated: set DATABASE_OWNER_URL" in line
        monkeypatch.setenv("DATABASE_OWNER_URL", cluster.database_owner_url)
        run = Run(state_directory, port)
        wait_for(lambda: run.says(READY), 180, "the start")
        assert not list((mine / "run").glob("*.holder.lock"))
        with psycopg.connect(cluster.database_url) as connection:
            users = connection.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'srexpert'"
            )
            assert ("srexpert_app",) in users.fetchall()
        assert run.end(signal.SIGTERM) == 0
        assert processes_of(mine) == []


MOMENTS = ["initdb"] * 3 + ["migrating"] * 3 + ["running"] * 4


@pytest.mark.faults
def test_up_killed_at_any_moment_loses_nothing(
    state_directory: Path, port: int, wait_for: Callable[..., None]
) -> None:
    """Ten seeded moments over the life of one deployment; at every other one its holders are killed as well."""
    chance = random.Random(2026)
    expected: list[str] = []
    for number, moment in enumerate(MOMENTS):
        run = Run(state_directory, port)
        if moment == "initdb":
            wait_for((state_directory / "run" / "postgres.holder.lock").exists, 30, "the first step")
        elif moment == "migrating":
            wait_for(lambda run=run: run.says(r"migrate \|"), 60, "the migrations")
        else:
            wait_for(lambda run=run: run.says(READY), 180, "the start")
            write_row(f"row {number}")
            expected.append(f"row {number}")
            assert rows() == expected
        time.sleep(chance.uniform(0, {"initdb": 0.8, "migrating": 2.0, "running": 1.0}[moment]))
        run.process.kill()
        if number % 2:
            for name in ("postgres", "valkey"):
                kill_holder(name)
        run.process.wait()
        wait_for(
            lambda: processes_of(state_directory) == [], 10, f"the end of all after the kill while {moment}"
        )
        wait_for(lambda: state.port_is_free(port), 10, "the free port")
    with ensure(valkey=False):
        assert rows() == expected


def kill_holder(name: str) -> None:
    server = process.recorded(name)
    if server is not None:
        stat = Path(f"/proc/{server.pid}/stat").read_text()
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)


PACKAGES = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))


def interpreter_for_all() -> str | None:
    """A Python that runs our packages and that an ordinary user may run; ours may lie in root's home."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(f"python{version}", path="/usr/bin:/usr/local/bin")):
        if candidate and binaries.readable_by_all(Path(candidate)) and runs_our_packages(candidate):
            return candidate
    return None


def runs_our_packages(python: str) -> bool:
    """An older patch version may need packages that ours does not."""
    program = [python, "-c", "import celery, granian, psycopg, redis"]
    environment = {**os.environ, "PYTHONPATH": PACKAGES}
    return (
        subprocess.run(program, env=environment, capture_output=True, timeout=60, check=False).returncode == 0
    )


@pytest.mark.skipif(not state.is_root(), reason="we are an ordinary user already: all other tests show it")
def test_up_runs_as_an_ordinary_user(state_directory: Path, port: int, wait_for: Callable[..., None]) -> None:
    python = interpreter_for_all()
    if python is None or not binaries.readable_by_all(state.PROJECT / "manage.py"):
        pytest.skip("an ordinary user can reach neither an interpreter nor the project here")
    nobody = pwd.getpwnam("nobody")
    os.chown(state_directory, nobody.pw_uid, nobody.pw_gid)
    output = state_directory.with_suffix(".output")
    environment = {
        **os.environ, "PYTHONPATH": PACKAGES, "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(state_directory),
    }  # fmt: skip
    with output.open("w") as file:
        run = subprocess.Popen(
            [python, "manage.py", "up", "--port", str(port)], cwd=state.PROJECT, stdin=subprocess.DEVNULL,
            stdout=file, stderr=subprocess.STDOUT, env=environment, user=nobody.pw_uid, group=nobody.pw_gid,
            extra_groups=[],
        )  # fmt: skip
    try:
        wait_for(lambda: run.poll() is not None or READY.search(output.read_text()), 180, "the start")
        assert run.poll() is None, output.read_text()
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(state_directory)}
        assert owners == {nobody.pw_uid}
        assert (state_directory / "services" / "postgres" / "PG_VERSION").exists()
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=30) == 0
        assert processes_of(state_directory) == []
    finally:
        process.end([run.pid], ((signal.SIGTERM, 10.0), (signal.SIGKILL, 3.0)))
        run.wait()
        output.unlink()
