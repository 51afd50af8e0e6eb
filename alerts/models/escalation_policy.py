"""An escalation policy: who is paged, and who next if nobody takes the incident."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Team
from alerts.models.webhook_target import WebhookTarget
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class EscalationPolicyQuerySet(models.QuerySet["EscalationPolicy"]):
    """Reads of policies."""

    def standard(self) -> "EscalationPolicyQuerySet":
        """The one that incidents take when nothing else is said; at most one."""
        return self.filter(is_default=True)

    def with_steps(self) -> "EscalationPolicyQuerySet":
        """With steps, their targets and the people, in a constant number of queries."""
        targets = EscalationTarget.objects.select_related("membership__user", "team", "webhook").order_by(
            "pk"
        )
        steps = EscalationStep.objects.order_by("position").prefetch_related(
            models.Prefetch("targets", queryset=targets)
        )
        return self.prefetch_related(models.Prefetch("steps", queryset=steps))


class EscalationPolicy(IdentifiedTenantModel):
    """Steps that are taken one after the other until somebody acknowledges.

    What the system set up itself was changed by nobody yet.
    """

    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = EscalationPolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="alerts_escalationpolicy_name_unique"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_default=True),
                name="alerts_escalationpolicy_one_default",
            ),
            models.CheckConstraint(
                condition=Q(changed_at=None, changed_by=None)
                | Q(changed_at__isnull=False, changed_by__isnull=False),
                name="alerts_escalationpolicy_both_changed_at_and_by_set",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationStep(IdentifiedTenantModel):
    """One step: `delay_seconds` after the step before (the first: after the incident opened)."""

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    delay_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "position"], name="alerts_escalationstep_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1), name="alerts_escalationstep_position_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.position}"


class EscalationTarget(IdentifiedTenantModel):
    """Whom a step pages: a member, a team, or a webhook."""

    step = models.ForeignKey(EscalationStep, on_delete=models.CASCADE, related_name="targets")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    webhook = models.ForeignKey(WebhookTarget, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(membership__isnull=False, team=None, webhook=None)
                | Q(membership=None, team__isnull=False, webhook=None)
                | Q(membership=None, team=None, webhook__isnull=False),
                name="alerts_escalationtarget_exactly_one",
            ),
            models.UniqueConstraint(
                fields=["step", "membership", "team", "webhook"],
                name="alerts_escalationtarget_once_a_step",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership or self.team or self.webhook)
