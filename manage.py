#!/usr/bin/env python
"""The command line of the project; starts the embedded services for the commands that need them."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec

# Handed to their mains before Django is set up, which takes a second and is not needed.
PURE = {
    "diagnose": "clusters.analyzers.main",
    "redact": "privacy.redaction.main",
    "scan": "compliance.controls.main",
    "up": "srexpert.embedded.up",
}
# Read code and files only, so that no database is started for them.
WITHOUT_SERVICES = {
    "check", "collectstatic", "compilemessages", "create_max_migration_files", "diffsettings", "findstatic", "help",
    "makemessages", "makemigrations", "rebase_migration", "screenshots", "startapp", "vendor", "version", "--help", "-h", "--version",
}  # fmt: skip
# Look after the migrations themselves.
WITHOUT_MIGRATIONS = {"migrate", "showmigrations", "sqlmigrate"}


def main(argv: Sequence[str]) -> int:
    """Run the command that `argv` (the program's name first) asks for; gives the exit code."""
    command, rest = (argv[1], list(argv[2:])) if len(argv) > 1 else ("help", [])
    if command in PURE and _exists(PURE[command]):
        return int(import_module(PURE[command]).main(rest) or 0)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "srexpert.settings")
    from srexpert.embedded.state import EmbeddedError  # noqa: PLC0415 -- the pure commands don't need it

    try:
        with ExitStack() as stack:
            if needs_services(command, rest):
                _use_services(stack, command)
            _run_django([argv[0], command, *_with_owner(command, rest)])
    except EmbeddedError as error:
        sys.stderr.write(f"{command}: {error}\n")
        return 2
    return 0


def needs_services(command: str, rest: Sequence[str]) -> bool:
    """Whether the command may ask the database or the broker."""
    if {"--help", "-h"} & set(rest):
        return False
    return command not in WITHOUT_SERVICES or (
        command == "check" and any(a.startswith("--database") for a in rest)
    )


def _use_services(stack: ExitStack, command: str) -> None:
    from srexpert.embedded import preparation, services  # noqa: PLC0415 -- the pure commands don't need it

    uses = stack.enter_context(services.ensure())
    if command not in WITHOUT_MIGRATIONS and any(use.name == "postgres" for use in uses):
        preparation.migrate()


def _with_owner(command: str, rest: list[str]) -> list[str]:
    """`migrate` works as the owner when no other alias is named: the application's role owns nothing."""
    if command != "migrate" or any(argument.startswith("--database") for argument in rest):
        return rest
    from srexpert.embedded.endpoints import configured  # noqa: PLC0415 -- the pure commands don't need it

    has_owner = not configured("DATABASE_URL") or configured("DATABASE_OWNER_URL")
    return [*rest, "--database=owner"] if has_owner else rest


def _run_django(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- slow import

    execute_from_command_line(argv)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv))
