"""The addresses of the embedded services, the same in every process and known before anything runs."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from srexpert.embedded import state

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


def database_url(role: str, database: str = DATABASE) -> str:
    """The address of a database of the embedded PostgreSQL for one role, over its socket.

    The socket's directory is a parameter and not the host, since URL parsers lower a host's case.
    """
    directory = quote(str(state.socket_directory()), safe="/")
    return f"postgresql://{role}:{quote(password(role), safe='')}@/{database}?host={directory}"


def port(service: str) -> int:
    """The loopback port of `valkey` or `mailbox`, chosen once; the start moves it if another program took it."""
    return int(state.once(f"run/{service}.port", lambda: str(state.free_port())))


def endpoints() -> Endpoints:
    """The addresses of the embedded services. Starts nothing. Raises EmbeddedError for an unusable state."""
    return Endpoints(
        database_url=database_url(APP),
        database_owner_url=database_url(OWNER),
        broker_url=f"redis://:{state.secret('valkey')}@127.0.0.1:{port('valkey')}/0",
        email_url=f"smtp://127.0.0.1:{port('mailbox')}",
        mail_directory=state.state_dir() / "mail",
    )
