"""What must be done once for each version of the code: migrations and static files, with a stamp for 'done'."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from srexpert.embedded import endpoints, state
from srexpert.embedded.files import last_line, write_private
from srexpert.embedded.locks import Lock

MIGRATE_SECONDS = 600.0

# Runs `manage.py ARGUMENTS` under a name and raises EmbeddedError when it fails.
Step = Callable[[str, Sequence[str]], None]


def run_quietly(name: str, arguments: Sequence[str]) -> None:
    """Run a command of manage.py with its output in the log only. Raises EmbeddedError."""
    log = state.subdirectory("log") / f"{name}.log"
    with log.open("ab") as output:
        done = subprocess.run(
            manage(*arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
            timeout=MIGRATE_SECONDS, cwd=state.PROJECT,
        )  # fmt: skip
    if done.returncode:
        raise state.EmbeddedError(f"`manage.py {' '.join(arguments)}` failed: {last_line(log)}")


def manage(*arguments: str) -> list[str]:
    """How a command of manage.py is started."""
    return [sys.executable, str(state.PROJECT / "manage.py"), *arguments]


def migrate(run: Step = run_quietly) -> None:
    """Apply the migrations to the embedded database unless this version did. Raises EmbeddedError."""
    wanted = fingerprint(path for app in _apps() for path in app.glob("**/migrations/*.py"))
    stamp = state.place() / "migrated"
    lock = Lock("migrating")
    try:
        if not lock.wait(shared=False, deadline=time.monotonic() + MIGRATE_SECONDS):
            raise state.EmbeddedError("another process has been migrating the database for ten minutes")
        if _read(stamp) != wanted:
            run("migrate", ["migrate", "--database=owner", "--no-input"])
            write_private(stamp, wanted, None)
    finally:
        lock.close()


def migrate_external(run: Step) -> None:
    """Migrate the database of DATABASE_OWNER_URL; without one, only check that there is nothing to do."""
    if endpoints.configured("DATABASE_OWNER_URL"):
        run("migrate", ["migrate", "--database=owner", "--no-input"])
        return
    try:
        run("migrate", ["migrate", "--check", "--database=default"])
    except state.EmbeddedError:
        raise state.EmbeddedError(
            "the database is not migrated: set DATABASE_OWNER_URL to the owner's address, "
            "or run `manage.py migrate` with it once"
        ) from None


def seed_demo(run: Step, *, embedded_database: bool) -> None:
    """Make the demo's organization unless this version did, in these data. Raises EmbeddedError."""
    wanted = fingerprint(path for app in _apps() for path in app.glob("demo.py"))
    stamp = state.place() / "demo"
    complete = all((state.state_dir() / "demo" / name).exists() for name in ("login", "agent.token"))
    if not embedded_database or not complete or _read(stamp) != wanted:
        run("demo", ["demo"])
        if embedded_database:
            write_private(stamp, wanted, None)


def _apps() -> list[Path]:
    return [marker.parent for marker in state.PROJECT.glob("[a-z]*/__init__.py")]


def collect_static(run: Step) -> None:
    """Collect the static files with their hashed names unless this version did. Raises EmbeddedError."""
    root = Path(os.environ["SREXPERT_STATIC_ROOT"])
    wanted = fingerprint([*state.PROJECT.glob("static/**/*"), *state.PROJECT.glob("[a-z]*/static/**/*")])
    stamp = root / ".collected"
    if _read(stamp) != wanted:
        run("static", ["collectstatic", "--no-input", "--verbosity=0"])
        root.mkdir(parents=True, exist_ok=True)
        write_private(stamp, wanted, None)


def fingerprint(files: Iterable[Path]) -> str:
    """A digest of the files' names and contents, and of the locked dependencies, which have their own."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted({*files, state.PROJECT / "uv.lock"}):
        if path.is_file():
            digest.update(os.fsencode(path.relative_to(state.PROJECT)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return None
