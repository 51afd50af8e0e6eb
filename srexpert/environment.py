"""Typed reading of the process environment: fails loudly, and reads NAME_FILE where NAME may be a secret."""

from pathlib import Path

from environs import Env

env = Env()


class MissingSetting(RuntimeError):
    """A setting that this deployment needs is absent or cannot be read."""


def secret(name: str, default: str | None = None) -> str | None:
    """The value of NAME, or the content of the file that NAME_FILE names, or the default.

    Raises MissingSetting when NAME_FILE names a file that cannot be read: a deployment that
    mounts its secrets must not start with a built-in one by accident.
    """
    value: str | None = env.str(name, None)
    if value:
        return value
    path: str | None = env.str(f"{name}_FILE", None)
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{name}_FILE names {path}, which cannot be read: {error.strerror}"
            raise MissingSetting(message) from error
    return default
