"""The core app: the grants after a migration, the checks, and every app's handlers in every process."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """The core."""

    name = "srexpert"
    verbose_name = "SRExpert"

    def ready(self) -> None:
        from srexpert import celery, discovery  # noqa: F401, PLC0415 -- the registry must be full first
        from srexpert.tenancy import checks, roles  # noqa: F401, PLC0415 -- the same

        post_migrate.connect(roles.grant_after_migrating, dispatch_uid="srexpert.tenancy.grants")
        discovery.load_handlers()
