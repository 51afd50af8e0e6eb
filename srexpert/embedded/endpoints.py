"""The addresses of the embedded services, the same in every process and known before anything runs."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from srexpert.embedded import state
from srexpert.embedded.files import write_private

DATABASE = "srexpert"
OWNER = "srexpert_owner"
APP = "srexpert_app"
SYSTEM = "srexpert_system"
SUPERUSER = "postgres"


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where the embedded services are; the addresses carry passwords, so they are not shown."""

    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    email_url: str
    mail_directory: Path


def password(role: str) -> str:
    """The password of a database role, made up once for this deployment."""
    return state.secret(f"postgres-{role}")


def database_url(role: str, database: str = DATABASE, sockets: Path | None = None) -> str:
    """The address of a database of the embedded PostgreSQL for one role, over its socket.

    The socket's directory is a parameter and not the host, since URL parsers lower a host's case.
    """
    directory = quote(str(sockets or state.socket_directory()), safe="/")
    return f"postgresql://{role}:{quote(password(role), safe='')}@/{database}?host={directory}"


def configured(name: str) -> str | None:
    """The value of a variable of the environment, or the content of the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if os.environ.get(name) or not path:
        return os.environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise state.EmbeddedError(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}"
        ) from error


def configured_path(name: str) -> Path | None:
    """The file that a variable of the environment names."""
    value = os.environ.get(name)
    return Path(value) if value else None


def port(service: str) -> int:
    """The loopback port of `valkey` or `mailbox`, chosen once; the start moves it if another program took it."""
    return int(state.once(f"run/{service}.port", lambda: str(state.free_port())))


def keep_or_move_port(service: str) -> int:
    """The port of a service that starts now: a new one, noted for all, if another program took the old one."""
    found = port(service)
    if not state.port_is_free(found):
        found = state.free_port()
        write_private(state.state_dir() / "run" / f"{service}.port", str(found), None)
    return found


def endpoints() -> Endpoints:
    """The addresses of the embedded services. Starts nothing. Raises EmbeddedError for an unusable state."""
    return Endpoints(
        database_url=database_url(APP),
        database_owner_url=database_url(OWNER),
        broker_url=f"redis://:{state.secret('valkey')}@127.0.0.1:{port('valkey')}/0",
        email_url=f"smtp://127.0.0.1:{port('mailbox')}",
        mail_directory=state.state_dir() / "mail",
    )
