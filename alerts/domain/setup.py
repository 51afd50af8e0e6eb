"""Gives a new organization what it needs to page somebody."""

from typing import Any

from django.db import transaction

from accounts.models import Membership
from alerts.domain import policies
from alerts.domain.policies import StepPlan
from alerts.models import EscalationPolicy

SECOND_STEP_SECONDS = 300


@transaction.atomic
def defaults(*, organization: Any, owner: Any) -> EscalationPolicy | None:
    """A policy that pages the owner at once, and again after five minutes; a second call changes nothing.

    `organization` and `owner` are instances or ids; runs in the organization's scope. None if the owner is
    no member (any more).
    """
    existing = EscalationPolicy.objects.standard().first()
    if existing is not None:
        return existing
    organization_id, owner_id = (getattr(subject, "pk", subject) for subject in (organization, owner))
    member = Membership.objects.filter(organization_id=organization_id, user_id=owner_id).first()
    if member is None:
        return None
    steps = [StepPlan(0, members=[member]), StepPlan(SECOND_STEP_SECONDS, members=[member])]
    return policies.plan(policy=None, steps=steps, by=None)
