"""When the outbox is swept, and pruned."""

from datetime import timedelta

from django.conf import settings

from srexpert.discovery import Scheduled

SCHEDULE = [
    Scheduled("srexpert.outbox.sweep", timedelta(seconds=settings.OUTBOX_SWEEP_SECONDS)),
    Scheduled("srexpert.outbox.prune", timedelta(hours=1)),
]
