"""The privacy app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The privacy core."""

    name = "privacy"
    verbose_name = "Privacy"
