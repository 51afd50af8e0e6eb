"""A temporary PostgreSQL of any version's programs, gone when its user is done: for tests on the system's own."""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from srexpert.embedded import binaries, endpoints, process, state
from srexpert.embedded.files import last_line
from srexpert.embedded.postgres import Postgres

START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The addresses of a temporary cluster with our roles and database."""

    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    superuser_url: str = field(repr=False)


@contextmanager
def temporary_postgres(programs: Path) -> Iterator[Cluster]:
    """Run a new cluster of the programs in this directory inside the block, and remove it after.

    Raises EmbeddedError.
    """
    binaries.ensure_account()
    name = f"t{secrets.token_hex(4)}"
    place = state.ROOT_PLACE / name if state.is_root() else Path(f"/tmp/srexpert-{name}")  # noqa: S108 -- random, private
    log = state.subdirectory("log") / "temporary-postgres.log"
    server = Postgres(binaries=programs, place=place, sockets=place / "run", log=log)
    try:
        with log.open("ab") as output:
            server.prepare(lambda command: _run(command, output.fileno(), place))
            child = process.spawn(
                server.command(), name=name, output=output.fileno(), account=server.account, directory=place,
                death_signal=server.death_signal,
            )  # fmt: skip
        try:
            _wait(server, child)
            server.after_start()
            yield Cluster(
                database_url=endpoints.database_url(endpoints.APP, sockets=server.sockets),
                database_owner_url=endpoints.database_url(endpoints.OWNER, sockets=server.sockets),
                superuser_url=server.superuser_url(),
            )
        finally:
            process.stop(child, server.stop_signals)
            process.forget(name)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(command: Sequence[str], output: int, place: Path) -> int:
    account = state.service_account()
    child = process.spawn(command, name="temporary-initdb", output=output, account=account, directory=place)
    try:
        return child.wait(timeout=START_SECONDS)
    finally:
        process.stop(child, ((signal.SIGKILL, 2.0),))
        process.forget("temporary-initdb")


def _wait(server: Postgres, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.is_ready(child.pid):
        if child.poll() is not None or time.monotonic() > deadline:
            raise state.EmbeddedError(f"the temporary PostgreSQL does not start: {last_line(server.log)}")
        time.sleep(0.02)


def main(argv: Sequence[str]) -> int:
    """Run a command with DATABASE_URL and DATABASE_OWNER_URL of a temporary cluster; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m srexpert.embedded.temporary", description=__doc__)
    parser.add_argument("--binaries", type=Path, required=True, help="the directory of postgres and initdb")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND …")
    options = parser.parse_args(argv)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    try:
        with temporary_postgres(options.binaries) as cluster:
            environment = {
                **os.environ,
                "DATABASE_URL": cluster.database_url,
                "DATABASE_OWNER_URL": cluster.database_owner_url,
            }
            return subprocess.run(command, env=environment, check=False).returncode
    except state.EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
