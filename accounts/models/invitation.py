"""An invitation: an offer of membership to an address."""

from django.conf import settings
from django.db import models

from accounts.models.membership import ROLE_CHOICES
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class Invitation(IdentifiedTenantModel):
    """An offer of membership, sent to an address; its secret is a token of the index."""

    email = models.EmailField()
    role = models.CharField(max_length=12, choices=ROLE_CHOICES)
    token = models.OneToOneField("srexpert.Token", on_delete=models.CASCADE, related_name="invitation")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="accounts_invitation_one_open_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
