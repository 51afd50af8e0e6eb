"""Opens and closes the scope in which tenant rows can be seen: one organization, all of them, or none."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction

logger = logging.getLogger(__name__)


class CrossingTenants(RuntimeError):
    """Work for one organization tried to step into another's scope."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the current transaction may see: one organization's rows, or everyone's."""

    organization: UUID | None = None
    everywhere: bool = False
    person: UUID | None = None


_NOTHING = Scope()
_scope: ContextVar[Scope] = ContextVar("srexpert_tenancy_scope", default=_NOTHING)


def current_organization() -> UUID | None:
    """The organization that the current work acts for; the default of every tenant row's organization."""
    return _scope.get().organization


def _as_uuid(subject: Any) -> UUID:
    """The id of a model instance, or the id itself."""
    value = getattr(subject, "pk", subject)
    return value if isinstance(value, UUID) else UUID(str(value))


def _enforce(scope: Scope) -> None:
    """Tells PostgreSQL about the scope in one round trip; all three settings end with the transaction."""
    role = settings.DATABASE_SYSTEM_ROLE if scope.everywhere else "none"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('srexpert.organization', %s, true),"
            " set_config('srexpert.person', %s, true)",
            [role, str(scope.organization or ""), str(scope.person or "")],
        )


@contextmanager
def _within(scope: Scope) -> Iterator[None]:
    """Holds the scope for one transaction (or savepoint), then puts back what was there.

    After an exception nothing has to be put back: PostgreSQL forgets the settings with the savepoint.
    """
    before = _scope.get()
    with transaction.atomic():
        _enforce(scope)
        token = _scope.set(scope)
        try:
            yield
            if before != scope and not connection.needs_rollback:
                _enforce(before)
        finally:
            _scope.reset(token)


@contextmanager
def acting_for(organization: Any) -> Iterator[UUID]:
    """Acts for one organization (an instance or its id) in one transaction; gives its id.

    Raises CrossingTenants when the caller already acts for another organization: a slip there would
    mix tenants. From `acting_everywhere` it narrows to the one, and from `entering` too: the person's
    memberships elsewhere are no longer seen, or a list of members would show them.
    """
    organization_id = _as_uuid(organization)
    outer = _scope.get()
    if outer.organization not in {None, organization_id}:
        raise CrossingTenants(f"already acting for {outer.organization}, asked for {organization_id}")
    with _within(Scope(organization=organization_id)):
        yield organization_id


@contextmanager
def acting_everywhere(*, reason: str, by: Any = None) -> Iterator[None]:
    """Acts across all organizations, for the reason that is logged; sweepers, staff, the privacy duties."""
    if not reason:
        raise ValueError("acting everywhere needs a reason")
    logger.debug("acting everywhere: %s (by %s)", reason, by or "the system")
    with _within(Scope(everywhere=True)):
        yield


@contextmanager
def entering(person: Any) -> Iterator[None]:
    """Acts as a person before an organization is chosen: sees that person's own memberships, and no more."""
    with _within(Scope(person=_as_uuid(person))):
        yield


@contextmanager
def migrating(schema_editor: Any) -> Iterator[None]:
    """Lets a data migration see tenant rows; without it, FORCE row-level security hides them silently."""
    alias = schema_editor.connection.alias
    role = connections[alias].ops.quote_name(settings.DATABASE_SYSTEM_ROLE)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("SET LOCAL ROLE NONE")
