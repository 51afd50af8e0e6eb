"""An invitation: an offer of membership to an address."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from accounts.models.membership import ROLE_CHOICES
from srexpert import clock
from srexpert.tenancy.base import IdentifiedTenantModel


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations."""

    def open(self) -> "InvitationQuerySet":
        """Neither accepted nor revoked; they may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def valid(self) -> "InvitationQuerySet":
        """Those that can be accepted now."""
        now = clock.now()
        return self.open().filter(token__revoked_at=None).exclude(token__expires_at__lte=now)

    def to_address(self, *addresses: str) -> "InvitationQuerySet":
        """Those sent to one of the addresses, whatever their case."""
        return self.annotate(lower=Lower("email")).filter(
            lower__in=[address.lower() for address in addresses]
        )

    def with_senders(self) -> "InvitationQuerySet":
        """With who invited and the token's dates loaded, the newest first."""
        return self.select_related("invited_by", "token").order_by("-created_at", "pk")


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

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="accounts_invitation_one_open_an_address",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="accounts_invitation_not_both_accepted_and_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def has_expired(self) -> bool:
        """Whether its link no longer works because of its age."""
        return self.token.expires_at is not None and self.token.expires_at <= clock.now()
