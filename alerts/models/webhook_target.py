"""A webhook: an address that is paged, and the secret that signs what it gets."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from alerts.enums import RehearsalState
from srexpert import clock
from srexpert.crypto import EncryptedTextField
from srexpert.tenancy.base import IdentifiedTenantModel


class WebhookTarget(IdentifiedTenantModel):
    """An address of the organization's, under Standard Webhooks; address and secret are encrypted.

    `host` is the part of the address that may be shown, so that people can tell their webhooks apart. Of test
    pages the last one's time, state and reason are kept.
    """

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=260)
    address = EncryptedTextField()
    secret = EncryptedTextField()
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    tested_at = models.DateTimeField(null=True)
    test_state = models.CharField(
        max_length=9, choices=RehearsalState.choices, default=RehearsalState.NEVER, blank=True
    )
    test_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="alerts_webhooktarget_name_unique"),
            models.CheckConstraint(
                condition=Q(test_state="", tested_at=None) | (~Q(test_state="") & Q(tested_at__isnull=False)),
                name="alerts_webhooktarget_tested_at_goes_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.name
