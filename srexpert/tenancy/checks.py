"""System checks: no tenant model without its policy, no key between tenant rows without the organization."""

import inspect
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.checks import Error, register
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython

from srexpert.tenancy.base import is_tenant_model, tenant_models
from srexpert.tenancy.operations import GuardTable, TieToOrganization

_OURS = ("srexpert", "privacy", "accounts", "clusters", "alerts", "compliance", "ai")


def _operations() -> Iterable[tuple[str, Any]]:
    """(app label, operation) of all our migrations, read from the files; no database is asked."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    for (label, _), migration in sorted(loader.disk_migrations.items()):
        if label in _OURS:
            yield from ((label, operation) for operation in migration.operations)


@register
def tenant_tables_are_guarded(**_: Any) -> list[Error]:
    """E001: a tenant model without GuardTable. E002: a tenant→tenant key without TieToOrganization."""
    guarded: set[tuple[str, str]] = set()
    tied: dict[tuple[str, str], set[str]] = defaultdict(set)
    for label, operation in _operations():
        if isinstance(operation, GuardTable):
            guarded.add((label, operation.model_name.lower()))
        elif isinstance(operation, TieToOrganization):
            tied[label, operation.model_name.lower()].update(operation.fields)
    errors = []
    for model in tenant_models():
        key = (model._meta.app_label, str(model._meta.model_name))
        if key not in guarded:
            errors.append(
                Error(
                    f"{model._meta.label} carries an organization but no migration guards its table.",
                    hint="Add srexpert.tenancy.operations.GuardTable to the migration that creates it.",
                    obj=model,
                    id="tenancy.E001",
                )
            )
        errors.extend(
            Error(
                f"{model._meta.label}.{field.name} refers to a tenant row without the organization.",
                hint="Add srexpert.tenancy.operations.TieToOrganization to its migration.",
                obj=model,
                id="tenancy.E002",
            )
            for field in keys_between_tenants(model)
            if field.name not in tied[key]
        )
    return errors


def keys_between_tenants(model: type[models.Model]) -> list[Any]:
    """The foreign keys of a tenant model that point to another tenant model (not to the organization)."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.name != "organization"
        and is_tenant_model(field.related_model)
    ]


@register
def data_migrations_see_rows(**_: Any) -> list[Error]:
    """E003: a RunPython that touches rows outside `migrating()` would change nothing, silently.

    One that only sends statements to the schema editor touches none.
    """
    return [
        Error(
            f"A data migration of {label} ({code.co_name}) does not use tenancy.migrating().",
            hint="Wrap its body in `with tenancy.migrating(schema_editor):`.",
            id="tenancy.E003",
        )
        for label, operation in _operations()
        if isinstance(operation, RunPython)
        for code in [inspect.unwrap(operation.code).__code__]
        if "get_model" in code.co_names and "migrating" not in code.co_names
    ]
