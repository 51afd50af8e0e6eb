"""Files and directories of the services: private, whole or not at all, and never on a full disk."""

import os
import pwd
import tempfile
from pathlib import Path

from srexpert.embedded import state


def make_private(directory: Path, account: pwd.struct_passwd | None) -> None:
    """A directory that only the service user may enter, and that is no other user's trap. Raises EmbeddedError."""
    try:
        if state.is_root():
            open_root_place()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        own(directory, account)
        found = directory.lstat()
    except OSError as error:
        raise state.explain(error, doing=f"the directory {directory}") from error
    if directory.is_symlink() or found.st_uid != (account.pw_uid if account else os.geteuid()):
        raise state.EmbeddedError(f"{directory} belongs to another user")
    directory.chmod(0o700)


def open_root_place() -> None:
    """Make the directory above root's places, passable for the service user whatever our umask. Raises OSError."""
    state.ROOT_PLACE.mkdir(exist_ok=True)
    state.ROOT_PLACE.chmod(0o755)


def own(path: Path, account: pwd.struct_passwd | None) -> None:
    """Give the path to the service user when we run as root."""
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def write_private(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    own(Path(temporary), account)
    Path(temporary).replace(path)


def require_space(directory: Path, needed: int) -> None:
    """Refuse to begin what a full disk would break in the middle. Raises EmbeddedError."""
    free = os.statvfs(directory)
    if free.f_bavail * free.f_frsize < needed:
        raise state.EmbeddedError(
            f"the disk is full: {directory} has {free.f_bavail * free.f_frsize // 2**20} MB left, "
            f"{needed // 2**20} MB are needed"
        )


def last_line(log: Path) -> str:
    """The last line of a log that says something, for an error's one line."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace")[-4000:].splitlines()
    except OSError:
        return f"see {log}"
    telling = [line.strip() for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return f"{telling[-1].strip() if telling else 'no message'} (see {log})"
