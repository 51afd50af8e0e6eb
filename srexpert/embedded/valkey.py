"""The embedded Valkey: a doorbell between processes, on loopback and with a password, that keeps nothing."""

import signal
import socket
from pathlib import Path

from srexpert.embedded import endpoints, process, state
from srexpert.embedded.files import make_private, write_private
from srexpert.embedded.postgres import Run

PROGRAMS = ("valkey-server",)


class Valkey:
    """The broker of a deployment on one machine."""

    name = "valkey"
    stop_signals: process.Signals = ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0))
    death_signal = signal.SIGKILL

    def __init__(self, *, program: Path, place: Path, log: Path) -> None:
        """`program` is the server; `place` is reachable by the service user."""
        self.program, self.place, self.log = program, place, log
        self.directory = place / "valkey"
        self.account = state.service_account()
        self.port = endpoints.port(self.name)

    def leftovers(self) -> list[int]:
        """The servers that an earlier holder left in this place."""
        return process.working_in(self.directory.resolve(), PROGRAMS)

    def prepare(self, run: Run) -> None:  # noqa: ARG002 -- the same signature for every service
        """Write the settings, with a new port if another program took ours. Raises EmbeddedError."""
        make_private(self.place, self.account)
        make_private(self.directory, self.account)
        self.port = endpoints.keep_or_move_port(self.name)
        settings = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.directory}",
            f"requirepass {state.secret('valkey')}",
            # Nothing is kept: due times and claims are rows in PostgreSQL.
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            "maxmemory-policy volatile-lru",
            "daemonize no",
        ]
        try:
            write_private(self.directory / "valkey.conf", "\n".join(settings) + "\n", self.account)
        except OSError as error:
            raise state.explain(error, doing="the broker's settings") from error

    def command(self) -> list[str]:
        """How the server is started; the password is in the file, where no list of processes shows it."""
        return [str(self.program), str(self.directory / "valkey.conf")]

    def is_ready(self, pid: int) -> bool:  # noqa: ARG002 -- the same signature for every service
        """Whether the server answers to our password."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {state.secret('valkey')}\r\nPING\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False

    def after_start(self) -> None:
        """A broker needs nothing more."""
