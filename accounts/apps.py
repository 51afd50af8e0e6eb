"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Installs the gatekeeper by which views of all apps learn who acts in which organization."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts.domain import access  # noqa: PLC0415 -- models must be loaded first
        from srexpert.web import guard  # noqa: PLC0415 -- the same

        guard.install(access.enter)
