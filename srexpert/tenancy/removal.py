"""Removes everything of an organization, table by table; for benches, tests and the end of a tenant."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from srexpert.tenancy.base import tenant_models
from srexpert.tenancy.scope import acting_everywhere


def remove(organization: Any, *, reason: str) -> dict[str, int]:
    """Deletes the organization and all of its rows in one transaction; gives how many a table held.

    Foreign keys are checked at the end, so the order of the tables doesn't matter.
    """
    removed: dict[str, int] = {}
    with acting_everywhere(reason=reason), connection.cursor() as cursor:
        for model in tenant_models():
            removed[model._meta.db_table] = _delete(
                cursor, model._meta.db_table, "organization_id", organization
            )
        own = _organization_table()
        removed[own] = _delete(cursor, own, "id", organization)
    return removed


def _delete(cursor: Any, table: str, column: str, organization: Any) -> int:
    name = connection.ops.quote_name(table)
    cursor.execute(f"DELETE FROM {name} WHERE {column} = %s", [organization.pk])  # noqa: S608 -- names from our models, quoted
    return int(cursor.rowcount)


def _organization_table() -> str:
    model: Any = apps.get_model(settings.TENANCY_ORGANIZATION_MODEL)
    return str(model._meta.db_table)
