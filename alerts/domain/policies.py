"""Changes of escalation policies and webhooks."""

import base64
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from accounts.models import Membership, Team, User
from alerts.models import EscalationPolicy, EscalationStep, EscalationTarget, WebhookTarget
from srexpert import clock

SECRET_BYTES = 32
logger = logging.getLogger(__name__)


class NameTakenError(ValueError):
    """Another webhook of the organization has this name."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step as it should be: seconds after the step before, and whom it pages."""

    delay_seconds: int
    members: Sequence[Membership] = ()
    teams: Sequence[Team] = ()
    webhooks: Sequence[WebhookTarget] = ()


@transaction.atomic
def plan(
    *, policy: EscalationPolicy | None, steps: Sequence[StepPlan], by: User | None, name: str = "Default"
) -> EscalationPolicy:
    """Makes a policy, the organization's default, or replaces the steps of one.

    Running incidents keep the copy that they started with. `by` is None for the system's own set-up.
    Raises ValueError for a policy without a step, or a step that pages nobody.
    """
    if not steps or not all([*step.members, *step.teams, *step.webhooks] for step in steps):
        raise ValueError("each step needs somebody to page")
    if policy is None:
        policy = EscalationPolicy.objects.create(name=name, is_default=True)
    policy = EscalationPolicy.objects.select_for_update().get(pk=policy.pk)
    policy.steps.all().delete()
    for position, wanted in enumerate(steps, start=1):
        step = EscalationStep.objects.create(
            policy=policy, position=position, delay_seconds=wanted.delay_seconds
        )
        EscalationTarget.objects.bulk_create(
            [
                *(EscalationTarget(step=step, membership=member) for member in wanted.members),
                *(EscalationTarget(step=step, team=team) for team in wanted.teams),
                *(EscalationTarget(step=step, webhook=webhook) for webhook in wanted.webhooks),
            ]
        )
    if by is not None:
        policy.changed_at, policy.changed_by = clock.now(), by
        policy.save(update_fields=("changed_at", "changed_by"))
    return policy


@transaction.atomic
def add_webhook(*, name: str, address: str, by: User) -> tuple[WebhookTarget, str]:
    """Adds an address to page; gives it with the secret that signs its pages, shown this once.

    Raises NameTakenError when another webhook has the name, be it from the same moment.
    """
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    host = urlsplit(address).hostname or ""
    webhook = WebhookTarget(name=name, address=address, secret=secret, host=host[:260], created_by=by)
    try:
        with transaction.atomic():
            webhook.save(force_insert=True)
    except IntegrityError as error:
        if not WebhookTarget.objects.filter(name=name).exists():
            raise
        raise NameTakenError(name) from error
    return webhook, secret


@transaction.atomic
def remove_webhook(*, webhook: WebhookTarget, by: User) -> None:
    """Forgets an address; the steps that paged it go without it, and say so when they run."""
    logger.info("webhook %s was removed by %s", webhook.pk, by.pk)
    webhook.delete()
