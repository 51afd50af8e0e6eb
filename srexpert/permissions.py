"""Roles and named permissions: what an app declares in its permissions.py."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The six roles; each is a set of permissions, and `docs/roles.md` is made from the declarations."""

    OWNER = "owner"
    ADMIN = "admin"
    RESPONDER = "responder"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    BILLING = "billing"


EVERYONE = frozenset(Role)
OPERATORS = frozenset({Role.OWNER, Role.ADMIN, Role.RESPONDER})
ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})
READERS = frozenset({Role.OWNER, Role.ADMIN, Role.RESPONDER, Role.VIEWER, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Permission:
    """A thing that a member may do, named `app.noun.verb`, and the roles that may."""

    name: str
    label: str
    roles: frozenset[Role]


# The core has no pages of an organization, and so no permissions of its own.
PERMISSIONS: list[Permission] = []
