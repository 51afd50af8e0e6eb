"""A decision: what was made of a signal, an alert, an incident or a page, and why."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from alerts.enums import Stage
from alerts.models.alert import Alert
from alerts.models.incident import Incident
from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy.base import TenantModel

if TYPE_CHECKING:
    from accounts.models import User


def name_of(person: "User | None") -> str:
    """A person's name for a sentence about what happened; erased people keep their place in it."""
    return person.get_full_name() if person else "somebody"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads of decisions."""

    def in_order(self) -> "DecisionQuerySet":
        """As they were taken."""
        return self.order_by("pk")

    def within(self, reach: Reach) -> "DecisionQuerySet":
        """Without those about alerts that the reach doesn't cover."""
        if reach.everything:
            return self
        return self.filter(models.Q(alert=None) | models.Q(alert__in=Alert.objects.within(reach)))

    def with_people(self) -> "DecisionQuerySet":
        """With the people whom they name, in the same query."""
        return self.select_related("person")


class Decision(TenantModel):
    """One decision; together, in their order, they are enough to rebuild what is stored (`domain.audit`).

    `reason` is a sentence; `{person}` in it stands for `person`, so that no name is stored here. `version`
    is the version of the rules that decided, so that an older decision is read by the rules of its day.
    """

    stage = models.CharField(max_length=12, choices=Stage.choices)
    outcome = models.CharField(max_length=24)
    subject = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    inputs = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField()
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, related_name="decisions")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="decisions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=clock.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "incident", "id"], name="alerts_decision_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.subject}: {self.outcome}"

    @property
    def outcome_in_words(self) -> str:
        """The outcome as a page shows it."""
        return self.outcome.replace("_", " ")

    @property
    def sentence(self) -> str:
        """The reason with the person's name of today in it."""
        return self.reason.replace("{person}", name_of(self.person))
