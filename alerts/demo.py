"""The demo's escalation: the responder at once, the admin after five minutes."""

from accounts.models import Membership
from alerts.domain import policies, setup
from alerts.domain.policies import StepPlan
from alerts.models import EscalationPolicy, WebhookTarget
from srexpert.demo import Demo
from srexpert.permissions import Role
from srexpert.tenancy import acting_for


def seed(demo: Demo) -> None:
    """A policy of two steps; webhooks that exist by then are paged by the second. Seeding again changes nothing."""
    with acting_for(demo.organization):
        policy = EscalationPolicy.objects.standard().first()
        if policy is not None and policy.changed_at is not None:
            return
        people = {role: demo.people[role] for role in (Role.RESPONDER, Role.ADMIN, Role.OWNER)}
        members = {m.user_id: m for m in Membership.objects.filter(user__in=people.values())}
        steps = [
            StepPlan(0, members=[members[people[Role.RESPONDER].pk]]),
            StepPlan(
                setup.SECOND_STEP_SECONDS,
                members=[members[people[Role.ADMIN].pk]],
                webhooks=list(WebhookTarget.objects.order_by("name")),
            ),
        ]
        policies.plan(policy=policy, steps=steps, by=people[Role.OWNER])
