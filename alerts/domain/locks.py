"""The one place where alerting takes locks, in one order: the organization's grouping, then incidents by key."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from alerts.models import Incident
from srexpert.tenancy import current_organization


def hold_grouping() -> None:
    """Makes the current transaction the only one that groups alerts of its organization.

    Which incident an alert joins depends on all others of its cause: two signals judged side by side could
    each open an incident for the same cause. Other organizations aren't held up; acknowledging isn't either.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"alerts.grouping {current_organization()}"],
        )


def hold(incident_ids: Iterable[UUID]) -> list[Incident]:
    """The incidents as they are now, locked in the order of their keys until the commit."""
    return list(Incident.objects.select_for_update().filter(pk__in=list(incident_ids)).order_by("pk"))


def hold_one(incident_id: UUID) -> Incident:
    """One incident as it is now, locked until the commit; raises Incident.DoesNotExist."""
    return Incident.objects.select_for_update().get(pk=incident_id)
