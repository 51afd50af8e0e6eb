"""What every model of ours must have: a guard where it belongs to a tenant, a constraint where fields go together."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import CheckConstraint, Q

from srexpert.tenancy.base import tenant_models

# `when` without `who` or the reverse is right here.
PAIRS_APART = {
    "clusters.Cluster.disconnected": "the person may be erased later; the cluster stays disconnected",
    "alerts.WebhookTarget.created": "the person may be erased later; the webhook stays",
    "alerts.Incident.acknowledged": "the person may be erased later; the incident stays acknowledged",
    "alerts.Incident.resolved": "resolved by itself when all its alerts cleared: nobody did it",
}


def _ours():
    return [model for model in apps.get_models() if model._meta.app_label in settings.OUR_APPS]


def _named(condition):
    """The fields that a condition speaks of."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from _named(child)
        elif isinstance(child, tuple):
            yield child[0].partition("__")[0]


def _pairs(model):
    names = {field.name for field in model._meta.concrete_fields}
    return sorted(
        name.removesuffix("_at") for name in names if name.endswith("_at") and f"{name[:-3]}_by" in names
    )


def _tied(model, pair):
    return any(
        {f"{pair}_at", f"{pair}_by"} <= set(_named(constraint.condition))
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    )


def test_fields_of_when_and_who_are_set_together():
    loose = {
        f"{model._meta.label}.{pair}" for model in _ours() for pair in _pairs(model) if not _tied(model, pair)
    }
    assert loose - PAIRS_APART.keys() == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model", [*tenant_models(), apps.get_model("accounts.Organization")], ids=lambda m: m._meta.label
)
def test_every_tenant_table_is_guarded_in_the_database(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relrowsecurity, c.relforcerowsecurity, array_agg(p.polname::text ORDER BY p.polname)"
            " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.oid = %s::regclass GROUP BY 1, 2",
            [model._meta.db_table],
        )
        enabled, forced, policies = cursor.fetchone()
    assert (enabled, forced) == (True, True)
    assert set(policies) - {"own"} == {"everywhere", "tenant"}
