"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, incidents and on-call."""

    name = "alerts"
    verbose_name = "Alerts"
