"""Prints docs/roles.md: what each role may do, from the declarations of all apps."""

from typing import Any

from django.core.management.base import BaseCommand

from srexpert import discovery
from srexpert.permissions import Role

_HEAD = """\
# Roles

Six roles, each a set of named permissions; made by `python manage.py roles > docs/roles.md` from the apps'
`permissions.py`, and held current by a test. A role holds for the whole organization, or, for roles other than owner
and admin, only for the clusters and namespaces that a member or one of their teams was granted.

Beyond the table: nobody changes their own role or reach; only an owner changes, removes or makes an owner; an
organization keeps at least one owner. To those who are no members an organization does not exist.
"""


def document() -> str:
    """The page, one table an app."""
    apps: dict[str, list[str]] = {}
    for name, permission in sorted(discovery.permissions().items()):
        marks = ["yes" if role in permission.roles else "" for role in Role]
        line = " | ".join([str(permission.label), f"`{name}`", *marks])
        apps.setdefault(name.partition(".")[0], []).append(f"| {line} |")
    titles = " | ".join(["What", "Permission", *(role.value.capitalize() for role in Role)])
    ruler = "|---|---|" + ":-:|" * len(Role)
    tables = [
        f"## {app.capitalize()}\n\n| {titles} |\n{ruler}\n" + "\n".join(lines) + "\n"
        for app, lines in apps.items()
    ]
    return "\n".join([_HEAD, *tables])


class Command(BaseCommand):
    """Writes the page to standard output."""

    help = "Print docs/roles.md: what each role may do."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        self.stdout.write(document(), ending="")
