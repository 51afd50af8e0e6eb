"""The tenancy app: the token index, the checks on tenant models, the grants after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    """Registers the checks and the grants."""

    name = "srexpert.tenancy"
    label = "tenancy"
    verbose_name = "Tenancy"

    def ready(self) -> None:
        from srexpert.tenancy import checks, roles  # noqa: F401, PLC0415 -- models must be loaded first

        post_migrate.connect(roles.grant_after_migrating, dispatch_uid="srexpert.tenancy.grants")
