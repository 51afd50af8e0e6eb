"""The base of every model whose rows belong to an organization."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from srexpert.tenancy.scope import current_organization


class TenantModel(models.Model):
    """A row of one organization, which it takes from the current scope unless told.

    Its migration must guard the table (`operations.GuardTable`) and tie each foreign key to another tenant
    row to the organization (`operations.TieToOrganization`); `manage.py check` refuses a model without.
    """

    # Never rendered into a form: a person cannot move a row to another tenant.
    organization = models.ForeignKey(
        settings.TENANCY_ORGANIZATION_MODEL,
        on_delete=models.CASCADE,
        default=current_organization,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class IdentifiedTenantModel(TenantModel):
    """A tenant row whose id stands in addresses, and so can't be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def tenant_models() -> list[type[models.Model]]:
    """All concrete models whose rows belong to an organization, in a stable order."""
    from django.apps import apps  # noqa: PLC0415 -- the registry is full only after set-up

    found: list[Any] = [m for m in apps.get_models() if is_tenant_model(m)]
    return sorted(found, key=lambda model: model._meta.label)


def is_tenant_model(model: type[models.Model]) -> bool:
    """Whether rows of this model carry an organization."""
    return any(field.attname == "organization_id" for field in model._meta.concrete_fields)
