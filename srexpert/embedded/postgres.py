"""The embedded PostgreSQL: its first initialisation, its start and its stop, with any version's programs."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from srexpert.embedded import endpoints, process, state
from srexpert.embedded.files import last_line, make_private, own, require_space, write_private

# Fast shutdown, then immediate (recovers at the next start), then by force.
STOP_SIGNALS = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0))
LEFTOVER_SIGNALS = ((signal.SIGQUIT, 6.0), (signal.SIGKILL, 4.0))
PROGRAMS = ("postgres", "initdb")
ROLES_VERSION = "1"  # raise it when `roles.create_roles` changes, and every deployment runs it again
SPACE_FOR_NEW = 256 * 2**20
SPACE_FOR_START = 48 * 2**20

Run = Callable[[Sequence[str]], int]


class Postgres:
    """One PostgreSQL of a deployment. `Holder` drives it; tests drive it with other programs and places."""

    name = "postgres"
    stop_signals: process.Signals = STOP_SIGNALS
    # The postmaster tells its children to end at once; by SIGKILL it could not.
    death_signal = signal.SIGQUIT

    def __init__(self, *, binaries: Path, place: Path, sockets: Path, log: Path) -> None:
        """`binaries` holds `postgres` and `initdb`; `place` and `sockets` are reachable by the service user."""
        self.binaries, self.place, self.sockets, self.log = binaries, place, sockets, log
        self.data = place / "postgres"
        self.account = state.service_account()

    def leftovers(self) -> list[int]:
        """The processes that an earlier holder left over this data, or over an unfinished one."""
        directories = [self.data, *self.place.glob(".postgres-*")]
        return [pid for directory in directories for pid in process.working_in(directory.resolve(), PROGRAMS)]

    def prepare(self, run: Run) -> None:
        """Make directories, initialise the data if there are none, clear what a killed server left.

        The data appear by a rename: killed at any moment, there are whole data or none.
        Raises EmbeddedError.
        """
        for directory in (self.place, self.sockets):
            make_private(directory, self.account)
        for unfinished in self.place.glob(".postgres-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        if not (self.data / "PG_VERSION").exists():
            require_space(self.place, SPACE_FOR_NEW)
            self._initialise(run)
        require_space(self.place, SPACE_FOR_START)
        self._require_version()
        # Nothing runs over these data: the caller holds the lock and has ended the leftovers. A pid file
        # left behind may name a process that is another's by now, and would keep the server from starting.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for socket in self.sockets.glob(".s.PGSQL.*"):
            socket.unlink()

    def _initialise(self, run: Run) -> None:
        for stamp in ("roles", "migrated", "demo"):
            (self.place / stamp).unlink(missing_ok=True)
        new = Path(tempfile.mkdtemp(dir=self.place, prefix=".postgres-"))
        password = self.place / ".postgres-password"
        try:
            own(new, self.account)
            write_private(password, endpoints.password(endpoints.SUPERUSER), self.account)
            if run(self._initdb(new, password)):
                raise state.EmbeddedError(f"PostgreSQL's data cannot be initialised: {last_line(self.log)}")
            new.rename(self.data)
        except OSError as error:
            raise state.explain(error, doing="PostgreSQL's data") from error
        finally:
            password.unlink(missing_ok=True)

    def _initdb(self, new: Path, password: Path) -> list[str]:
        return [
            str(self.binaries / "initdb"),
            f"--pgdata={new}",
            f"--username={endpoints.SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *self._locale(),
            *([] if durable() else ["--no-sync"]),
        ]

    def _locale(self) -> list[str]:
        """The same sort order and case rules on every machine."""
        if self._version() >= 17:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def _version(self) -> int:
        text = subprocess.run(
            [str(self.binaries / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout
        return int(text.split()[2].split(".")[0])

    def _require_version(self) -> None:
        found, wanted = int((self.data / "PG_VERSION").read_text(encoding="ascii")), self._version()
        if found != wanted:
            raise state.EmbeddedError(
                f"the data in {self.data} are of PostgreSQL {found} and the programs of {wanted}: "
                f"restore a backup into new data, or use the programs of {found}"
            )

    def command(self) -> list[str]:
        """How the server is started: every setting is here, so that an upgrade brings its own."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "max_connections": "200",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # Statements and details of errors carry people's data, and are in no log.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
            **({} if durable() else {"fsync": "off", "full_page_writes": "off"}),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]

    def is_ready(self, pid: int) -> bool:
        """Whether the server of this pid accepts connections, by the state line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def after_start(self) -> None:
        """Create the roles and the database, once for these data and again when they change."""
        done = self.place / "roles"
        if done.exists() and done.read_text(encoding="ascii") == ROLES_VERSION:
            return
        from psycopg import Error  # noqa: PLC0415 -- slow import, only at the first start

        from srexpert.embedded import roles  # noqa: PLC0415 -- slow import: psycopg, only at the first start

        try:
            roles.create_roles(
                self.superuser_url(),
                owner_password=endpoints.password(endpoints.OWNER),
                app_password=endpoints.password(endpoints.APP),
            )
        except Error as error:
            raise state.EmbeddedError(f"the database's roles cannot be created: {error}") from error
        write_private(done, ROLES_VERSION, None)

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for the superuser: only for creating roles, and for tests of the cluster itself."""
        return endpoints.database_url(endpoints.SUPERUSER, database, self.sockets)


def durable() -> bool:
    """Whether writes are forced to the disk: SREXPERT_EMBEDDED_DURABLE=no is for tests, whose data nobody misses."""
    return os.environ.get("SREXPERT_EMBEDDED_DURABLE", "yes") != "no"
