"""The token index: which organization a bearer secret belongs to, found before any tenant is known."""

import uuid

from django.db import models

from srexpert import clock
from srexpert.tenancy.scope import current_organization


class TokenQuerySet(models.QuerySet["Token"]):
    """Reads of tokens."""

    def live(self) -> "TokenQuerySet":
        """Neither revoked nor expired."""
        now = clock.now()
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)


class Token(models.Model):
    """A bearer secret, of which only the SHA-256 is kept: agents, invitations, integrations, links.

    `organization_id` has no foreign key, so that the core depends on no app.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization_id = models.UUIDField(default=current_organization, editable=False)
    kind = models.CharField(max_length=32)
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        db_table = "tenancy_token"
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], name="tenancy_token_kind_digest_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} token {self.pk}"
