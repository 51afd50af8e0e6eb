"""An organization: the tenant."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from srexpert import clock

SLUG = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", _("Use lower-case letters, digits and hyphens.")
)
# Short names that would mislead beside our own addresses.
RESERVED = frozenset({"admin", "api", "settings", "srexpert", "static", "support", "www"})


class Organization(models.Model):
    """The tenant. Its slug stands in addresses, so that a page can be sent to a colleague."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
