"""The command `manage.py up`: the embedded services, then migrations, then every process, until it is told to stop."""

import argparse
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from srexpert.embedded import endpoints, preparation, process, programs, state
from srexpert.embedded.files import require_space, write_private
from srexpert.embedded.locks import Lock
from srexpert.embedded.postgres import SPACE_FOR_START
from srexpert.embedded.programs import Options
from srexpert.embedded.services import Use, ensure
from srexpert.embedded.supervisor import Program, Supervisor

READY_SECONDS = 90.0
PORT_SECONDS = 3.0
ATTEMPTS = 3
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Stopped(BaseException):
    """We were told to stop; a BaseException, so that no handler of errors takes it for one."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line; the usage is for --help."""
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line of `up`."""
    made = _Parser(
        prog="manage.py up",
        description="Start and supervise the embedded services and all processes of a deployment on one machine.",
        epilog="Exit codes: 0 stopped by a signal, 2 it could not start, with one line that says why.",
    )
    made.add_argument(
        "--demo", action="store_true", help="with a demo organization, a simulated cluster and an agent"
    )
    made.add_argument(
        "--port",
        type=port_number,
        default=os.environ.get("PORT") or "8000",
        metavar="N",
        help="8000, or PORT",
    )
    made.add_argument(
        "--host", default="127.0.0.1", metavar="IP", help="address to listen on; needs TLS beyond loopback"
    )
    return made


def port_number(text: str) -> int:
    """The port that an argument names. Raises ArgumentTypeError and ValueError, for argparse."""
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"{number} is not a port from 1 to 65535")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; gives the exit code."""
    given = parser().parse_args(argv)
    state.pin_state_dir()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if os.environ.pop("SREXPERT_WITH_PARENT", ""):  # `make run` killed by force takes us with it
        process.bind_to_parent(signal.SIGTERM)
    try:
        _up(_options(given))
    except Stopped:
        return 0
    except state.EmbeddedError as error:
        sys.stderr.write(f"up: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"up: {state.explain(error, doing='the start')}\n")
        return 2
    return 0


def _stop(_number: int, _frame: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            number, signal.SIG_IGN
        )  # we are stopping; a second Ctrl-C must not leave something behind
    raise Stopped


def _options(given: argparse.Namespace) -> Options:
    paths = {name: endpoints.configured_path(f"SREXPERT_TLS_{name}") for name in ("CERTIFICATE", "KEY")}
    if bool(paths["CERTIFICATE"]) != bool(paths["KEY"]):
        raise state.EmbeddedError(
            "SREXPERT_TLS_CERTIFICATE and SREXPERT_TLS_KEY go together: one of them is not set"
        )
    if given.host not in LOOPBACK and not paths["CERTIFICATE"]:
        raise state.EmbeddedError(
            f"plain HTTP is served on loopback only: give SREXPERT_TLS_CERTIFICATE and _KEY to listen on {given.host}"
        )
    return Options(
        host=given.host, port=given.port, demo=given.demo, certificate=paths["CERTIFICATE"], key=paths["KEY"]
    )


def _up(options: Options) -> None:
    lock = _only_one()
    try:
        _check_surroundings(options)
        programs.deployment_environment(options)
        with ensure() as uses, Supervisor() as supervisor:
            _prepare(options, supervisor, embedded_database=any(use.name == "postgres" for use in uses))
            _start(options, supervisor)
            _announce(options)
            _watch(supervisor, uses)
    finally:
        lock.close()


def _only_one() -> Lock:
    lock = Lock("up")
    note = state.state_dir() / "run" / "up.pid"
    if not lock.take():
        other = note.read_text(encoding="ascii") if note.exists() else "?"
        raise state.EmbeddedError(f"another `up` runs on {state.state_dir()} already (process {other})")
    write_private(note, str(os.getpid()), None)
    return lock


def _check_surroundings(options: Options) -> None:
    """What would fail later and less clearly. Raises EmbeddedError."""
    require_space(state.state_dir(), SPACE_FOR_START)
    process.end(process.tagged(), ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)))
    if not _port_becomes_free(options):
        raise state.EmbeddedError(
            f"port {options.port} is in use by another program: choose another one (make run PORT=…, up --port …)"
        )
    for path in (options.certificate, options.key):
        if path is not None and not os.access(path, os.R_OK):
            raise state.EmbeddedError(f"{path} cannot be read")
    url = endpoints.configured("DATABASE_URL")
    if url:
        from srexpert.embedded import roles  # noqa: PLC0415 -- slow import: psycopg, only for another database

        roles.refuse_privileged(url)
        owner_url = endpoints.configured("DATABASE_OWNER_URL")
        if owner_url:
            roles.require_reachable(owner_url, variable="DATABASE_OWNER_URL")


def _port_becomes_free(options: Options) -> bool:
    """Whether the port is free, or was only still held by a process of ours that was just dying."""
    deadline = time.monotonic() + PORT_SECONDS
    while not state.port_is_free(options.port, options.host):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _prepare(options: Options, supervisor: Supervisor, *, embedded_database: bool) -> None:
    def run(name: str, arguments: Sequence[str]) -> None:
        supervisor.run_step(name, preparation.manage(*arguments))

    if embedded_database:
        preparation.migrate(run)
    else:
        preparation.migrate_external(run)
    preparation.collect_static(run)
    if options.demo:
        preparation.seed_demo(run, embedded_database=embedded_database)


def _start(options: Options, supervisor: Supervisor) -> None:
    """First what a person waits for, then the rest, so that few processes share the first seconds."""
    if not endpoints.configured("EMAIL_URL"):
        supervisor.start(programs.mailbox())
    if options.demo:
        supervisor.start(programs.simulator())
    web = programs.web(options)
    supervisor.start(web)
    _wait_for_web(options, supervisor, web)
    for program in (programs.worker(), programs.scheduler()):
        supervisor.start(program)
    if options.demo:
        supervisor.start(programs.agent(options))


def _wait_for_web(options: Options, supervisor: Supervisor, web: Program) -> None:
    deadline = time.monotonic() + READY_SECONDS
    next_look = 0.0

    def reached() -> bool:
        nonlocal next_look
        now = time.monotonic()
        if web.ended >= ATTEMPTS or now > deadline:
            raise state.EmbeddedError(
                f"the web process does not answer: see {state.state_dir() / 'log' / 'web.log'}"
            )
        if now < next_look or web.child is None:
            return False
        next_look = now + 0.2
        return is_healthy(options)

    supervisor.run_until(reached)


def is_healthy(options: Options) -> bool:
    """Whether /healthz answers with 200, asked without an HTTP client since this is only our own liveness."""
    name = urlsplit(os.environ.get("SREXPERT_PUBLIC_URL", options.origin)).hostname or "localhost"
    request = f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()
    host = options.host if options.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 -- compared, not bound
    try:
        with (
            socket.create_connection((host, options.port), timeout=5) as plain,
            _wrapped(plain, options) as connection,
        ):
            connection.sendall(request)
            return connection.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    except OSError:
        return False


def _wrapped(connection: socket.socket, options: Options) -> socket.socket:
    if options.certificate is None:
        return connection
    # It is our own process on this machine; the certificate may name another host or nobody that we know.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


def _announce(options: Options) -> None:
    lines = ["", f"SRExpert is ready: {options.origin}"]
    login = state.state_dir() / "demo" / "login"
    if options.demo and login.exists():
        lines += [f"  {line}" for line in login.read_text(encoding="utf-8").splitlines()]
    if not endpoints.configured("EMAIL_URL"):
        lines.append(f"  mail is kept in {state.state_dir() / 'mail'}")
    sys.stdout.write("\n".join([*lines, "  Ctrl-C stops everything", "", ""]))
    sys.stdout.flush()


def _watch(supervisor: Supervisor, uses: Sequence[Use]) -> NoReturn:
    tails = [Tail(state.state_dir() / "log" / f"{use.name}.log", use.name) for use in uses]
    while True:
        supervisor.turn()
        for use in uses:
            use.keep()
        for tail in tails:
            tail.pass_on(lambda name, line: sys.stdout.write(f"{name:>9} | {line}\n"))


class Tail:
    """Follows a log that another process writes."""

    def __init__(self, path: Path, name: str) -> None:
        """From the end as it is now."""
        self._path, self._name = path, name
        self._position = path.stat().st_size if path.exists() else 0

    def pass_on(self, say: Callable[[str, str], object]) -> None:
        """Give each new whole line to `say`."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._position:
                self._position = 0
            file.seek(self._position)
            data = file.read(65536)
        whole, newline, _rest = data.rpartition(b"\n")
        self._position += len(whole) + len(newline)
        for line in whole.decode("utf-8", "replace").splitlines():
            say(self._name, line)


if __name__ == "__main__":
    sys.exit(main())
