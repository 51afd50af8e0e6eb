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
            table = model._meta.db_table
            cursor.execute(
                f"DELETE FROM {connection.ops.quote_name(table)} WHERE organization_id = %s", [organization.pk]
            )
            removed[table] = cursor.rowcount
        own = _organization_table()
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(own)} WHERE id = %s", [organization.pk])
        removed[own] = cursor.rowcount
    return removed


def _organization_table() -> str:
    model: Any = apps.get_model(settings.TENANCY_ORGANIZATION_MODEL)
    return str(model._meta.db_table)
