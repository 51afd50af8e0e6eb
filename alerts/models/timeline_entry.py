"""A line of an incident's timeline."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.enums import EntryKind
from alerts.models.alert import Alert
from alerts.models.decision import name_of
from alerts.models.incident import Incident
from srexpert import clock
from srexpert.reach import Reach
from srexpert.tenancy.base import IdentifiedTenantModel


class TimelineEntryQuerySet(models.QuerySet["TimelineEntry"]):
    """Reads of timelines."""

    def newest_first(self) -> "TimelineEntryQuerySet":
        """With the people, the newest on top."""
        return self.select_related("person").order_by("-at", "-written_at", "-pk")

    def within(self, reach: Reach) -> "TimelineEntryQuerySet":
        """Without lines about alerts that the reach doesn't cover."""
        if reach.everything:
            return self
        return self.filter(Q(alert=None) | Q(alert__in=Alert.objects.within(reach)))


class TimelineEntry(IdentifiedTenantModel):
    """What happened, when, by whom or to whom (`person`).

    `at` is when it happened, `written_at` when we learned of it. `{person}` in the text stands for the
    person, so that erasing a person leaves a readable line.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    text = models.TextField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, related_name="timeline")
    at = models.DateTimeField(default=clock.now)
    written_at = models.DateTimeField(default=clock.now)

    objects = TimelineEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["incident", "-at"], name="alerts_timeline_incident")]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.sentence}"

    @property
    def sentence(self) -> str:
        """The line with the person's name of today; a comment is what its writer wrote."""
        if self.kind == EntryKind.COMMENT:
            return self.text
        return self.text.replace("{person}", name_of(self.person))
