"""Where a deployment on one machine keeps its state, and the secrets that it makes up for itself."""

import errno
import hashlib
import os
import pwd
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SERVICE_USER = "srexpert"  # PostgreSQL refuses to run as root; as root we drop to this user
ROOT_PLACE = Path("/var/lib/srexpert")
# sockaddr_un holds 107 bytes and a zero; PostgreSQL appends "/.s.PGSQL.5432.lock" for its lock file.
LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")


class EmbeddedError(RuntimeError):
    """Something that keeps the deployment from starting, told in one line that names what to do."""


def explain(error: OSError, *, doing: str) -> EmbeddedError:
    """One clear line for a failure of the operating system while `doing` something."""
    if error.errno == errno.ENOSPC:
        return EmbeddedError(f"the disk is full: no space left for {doing} ({error.filename or state_dir()})")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return EmbeddedError(
            f"{error.filename or state_dir()} is not writable for {doing}: "
            "run as its owner, or name another directory in SREXPERT_STATE_DIR"
        )
    return EmbeddedError(f"{doing} failed: {error}")


def state_dir() -> Path:
    """The directory of everything that this deployment keeps: SREXPERT_STATE_DIR, or `var/` in the project."""
    named = os.environ.get("SREXPERT_STATE_DIR")
    return Path(named).resolve() if named else PROJECT / "var"


def pin_state_dir() -> None:
    """Make a relative SREXPERT_STATE_DIR absolute: the processes that we start work in other directories."""
    if os.environ.get("SREXPERT_STATE_DIR"):
        os.environ["SREXPERT_STATE_DIR"] = str(state_dir())


def subdirectory(name: str, mode: int = 0o700) -> Path:
    """A directory of the state by its name, made when it is missing. Raises EmbeddedError."""
    path = state_dir() / name
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error, doing=f"the {name} directory") from error
    return path


def secret(name: str, nbytes: int = 32) -> str:
    """The secret of this name (URL-safe text of `nbytes` random bytes), made up at its first use.

    Concurrent first callers get the same value: whoever links the file first wins.
    Raises EmbeddedError when the state cannot be read or written.
    """
    return once(f"secrets/{name}", lambda: secrets.token_urlsafe(nbytes))


def once(name: str, make: Callable[[], str]) -> str:
    """The content of a file of the state, which `make` gives at the first use and which never changes after."""
    path = state_dir() / name
    try:
        if not path.exists():
            _link_once(subdirectory(path.parent.name) / path.name, make())
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise explain(error, doing=f"the file {name}") from error


def _link_once(path: Path, content: str) -> None:
    """Write a whole, synced file under a temporary name and link it, unless another was faster."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 by mkstemp
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def is_root() -> bool:
    """Whether we run as root, so that services must drop to a user of their own."""
    return os.geteuid() == 0


def place() -> Path:
    """The directory of the services' data: the state itself, or for root one that the service user can reach.

    Root's is named by an identifier kept in the state, so that a new checkout at an old path starts
    with new data that fit its new secrets.
    """
    if not is_root():
        return state_dir() / "services"
    return ROOT_PLACE / once("secrets/place", lambda: secrets.token_hex(4))


def socket_directory() -> Path:
    """The directory of PostgreSQL's socket: in the place, or a short private one when that path is too long."""
    path = place() / "run"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_DIRECTORY:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(f"/tmp/srexpert-{os.geteuid()}-{digest}")  # noqa: S108 -- its owner and mode are checked at the start


def service_account() -> pwd.struct_passwd | None:
    """The account that services drop to, or None when we are not root. Raises KeyError when it is missing."""
    return pwd.getpwnam(SERVICE_USER) if is_root() else None


def free_port() -> int:
    """A loopback TCP port that is free now, below the range that the kernel gives to outgoing connections."""
    for _ in range(200):
        port = 20_000 + secrets.randbelow(12_000)
        if port_is_free(port):
            return port
    raise EmbeddedError("no free loopback port between 20000 and 31999")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could bind the port now (connections that are dying after a close don't count).

    Raises EmbeddedError when nobody could: a port below 1024 without the right, an address of another machine.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise EmbeddedError(f"port {port} of {host} cannot be listened on: {error.strerror}") from error
    return True
