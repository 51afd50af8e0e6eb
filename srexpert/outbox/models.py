"""A piece of work that must happen after a commit, however many processes die meanwhile."""

from django.db import models
from django.db.models import Q

from srexpert import clock
from srexpert.tenancy import current_organization


class State(models.TextChoices):
    """Where a piece of work stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    """Reads of the outbox; across organizations they need `acting_everywhere`."""

    def waiting(self) -> "OutboxMessageQuerySet":
        """Not yet done, whether due or not."""
        return self.filter(state__in=[State.PENDING, State.RUNNING])

    def overdue(self) -> "OutboxMessageQuerySet":
        """Due, and held by nobody."""
        now = clock.now()
        return self.filter(
            Q(state=State.PENDING, due_at__lte=now) | Q(state=State.RUNNING, lease_until__lt=now)
        )


class OutboxMessage(models.Model):
    """One row for each thing to do; unique by organization, topic and key, so that writing it twice is harmless.

    `organization_id` has no foreign key, so that the core depends on no app; it is null for work of no
    organization (a mail that verifies an address). `activity` and `person_id` name the processing activity
    and the data subject that a message is addressed to.
    """

    organization_id = models.UUIDField(null=True, editable=False, default=current_organization)
    topic = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    activity = models.CharField(max_length=80, blank=True)
    person_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        db_table = "outbox_message"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "topic", "key"],
                name="outbox_message_topic_key_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "running"], finished_at=None)
                | Q(state__in=["done", "dead", "cancelled"], finished_at__isnull=False),
                name="outbox_message_finished_at_goes_with_state",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="outbox_message_pending"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="outbox_message_running"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key} ({self.state})"
