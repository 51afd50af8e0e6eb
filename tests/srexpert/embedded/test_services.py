import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection

from srexpert.embedded import endpoints, process, services, state
from tests.srexpert.embedded.conftest import processes_of

USER = """
import sys, time
from srexpert.embedded.services import ensure
with ensure(valkey=False):
    print("ready", flush=True)
    time.sleep(120)
"""


def start_user() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER], cwd=state.PROJECT, stdout=subprocess.PIPE, text=True
    )


def ready_user() -> subprocess.Popen[str]:
    user = start_user()
    assert user.stdout is not None
    assert user.stdout.readline() == "ready\n"
    user.stdout.close()
    return user


def write(text: str) -> None:
    with psycopg.connect(endpoints.endpoints().database_owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def rows() -> list[str]:
    with psycopg.connect(endpoints.endpoints().database_owner_url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text")]


def test_ensure_starts_and_stops_both_and_keeps_the_data(state_directory: Path) -> None:
    with services.ensure() as uses:
        assert [use.name for use in uses] == ["postgres", "valkey"]
        write("first")
    assert processes_of(state_directory) == []
    with services.ensure():
        assert rows() == ["first"]
    assert processes_of(state_directory) == []


def test_ensure_takes_a_relative_state_directory(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(state_directory.parent)
    monkeypatch.setenv("SREXPERT_STATE_DIR", state_directory.name)
    with services.ensure(postgres=False):
        assert (state_directory / "run" / "valkey.ready").exists()
        assert os.environ["SREXPERT_STATE_DIR"] == str(state_directory)


def test_ensure_starts_nothing_that_the_environment_names(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere.example/srexpert")
    monkeypatch.setenv("BROKER_URL", "redis://elsewhere.example")
    with services.ensure() as uses:
        assert uses == []
        assert processes_of(state_directory) == []


def test_ensure_gives_a_broker_that_wants_the_password(state_directory: Path) -> None:
    with services.ensure(postgres=False):
        client = redis.Redis.from_url(endpoints.endpoints().broker_url)
        assert client.ping() is True
        client.close()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=endpoints.port("valkey")).ping()


def test_ensure_gives_a_broker_that_celery_talks_to(state_directory: Path) -> None:
    with services.ensure(postgres=False), Connection(endpoints.endpoints().broker_url) as connection:
        queue = connection.SimpleQueue("tests")
        queue.put({"text": "hello"})
        message = queue.get(timeout=5)
        assert message.payload == {"text": "hello"}
        message.ack()
        queue.close()


def test_two_users_share_the_service_and_the_last_one_stops_it(state_directory: Path) -> None:
    with services.ensure(valkey=False):
        first = process.recorded("postgres")
        with services.ensure(valkey=False):
            write("shared")
        assert process.recorded("postgres") == first
        assert rows() == ["shared"]
    assert processes_of(state_directory) == []


@pytest.mark.faults
def test_a_killed_user_leaves_no_process(state_directory: Path, wait_for: Callable[..., None]) -> None:
    user = ready_user()
    write("before")
    user.kill()
    user.wait()
    wait_for(lambda: processes_of(state_directory) == [], 10, "the end of the services")
    with services.ensure(valkey=False):
        assert rows() == ["before"]


@pytest.mark.faults
def test_a_killed_holder_takes_the_server_along_and_is_replaced(
    state_directory: Path, wait_for: Callable[..., None]
) -> None:
    with services.ensure(valkey=False) as uses:
        write("before")
        server = process.recorded("postgres")
        assert server is not None
        os.kill(holder_of(server), signal.SIGKILL)
        wait_for(lambda: process.start_time(server.pid) is None, 10, "the server's end")
        wait_for(lambda: not uses[0].is_held(), what="the free lock")
        uses[0].keep()
        uses[0].wait_until_ready()
        assert rows() == ["before"]


def holder_of(server: process.Record) -> int:
    stat = Path(f"/proc/{server.pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT], ids=["killed", "immediate"])
def test_a_server_that_ended_by_itself_starts_again(
    state_directory: Path, wait_for: Callable[..., None], number: signal.Signals
) -> None:
    with services.ensure(valkey=False):
        write("before")
        server = process.recorded("postgres")
        assert server is not None
        os.kill(server.pid, number)
        wait_for(
            lambda: process.recorded("postgres") not in (None, server) and is_up(), what="the new server"
        )
        assert rows() == ["before"]


def is_up() -> bool:
    try:
        rows()
    except psycopg.Error:
        return False
    return True


@pytest.mark.faults
@pytest.mark.parametrize("seconds", [0.15, 0.4, 0.7])
def test_a_user_killed_during_initdb_leaves_nothing_half(
    state_directory: Path, wait_for: Callable[..., None], seconds: float
) -> None:
    user = start_user()
    time.sleep(seconds)
    user.kill()
    user.wait()
    assert user.stdout is not None
    user.stdout.close()
    wait_for(lambda: processes_of(state_directory) == [], 10, "the end of the services")
    with services.ensure(valkey=False):
        write("after")
        assert rows() == ["after"]
    assert list(state.place().glob(".postgres-*")) == []


def test_a_stale_pid_file_does_not_keep_the_server_from_starting(state_directory: Path) -> None:
    with services.ensure(valkey=False):
        write("before")
    data = state.place() / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n1\n5432\n{data}\n\n  1 1\nready   \n")
    with services.ensure(valkey=False):
        assert rows() == ["before"]


def test_data_of_another_version_are_refused_in_one_line(state_directory: Path) -> None:
    with services.ensure(valkey=False):
        pass
    (state.place() / "postgres" / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(state.EmbeddedError, match="are of PostgreSQL 14 and the programs of") as caught,
        services.ensure(valkey=False),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert processes_of(state_directory) == []
