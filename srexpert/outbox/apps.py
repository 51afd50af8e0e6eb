"""The outbox app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Work that outlives processes."""

    name = "srexpert.outbox"
    label = "outbox"
    verbose_name = "Outbox"
