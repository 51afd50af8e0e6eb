"""How django-allauth talks to people here: by the outbox, with our templates, and no further than our limits."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_ip, respond_429
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.domain import invitations
from accounts.domain.invitations import Offer
from srexpert import mail, outbox
from srexpert.tenancy import acting_everywhere

_OFFER = "accounts_offer"


class AccountAdapter(DefaultAccountAdapter):
    """Leaves each mail in the outbox, in the transaction that causes it, instead of sending it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "Address and password don't fit together. Check both, or reset the password."
        ),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your current password."),
        "duplicate_email": _("That is your address already."),
        "email_taken": _("Another account has that address."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Called by allauth with `account/email/…`; the subject is the template's `_subject.txt`."""
        context = {"email": email, "public_url": settings.PUBLIC_URL, **context}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        with acting_everywhere(reason="a mail of an account, which is of no organization"):
            outbox.put(
                topic=mail.TOPIC,
                key=str(uuid.uuid4()),
                payload={
                    "to": email,
                    "subject": subject,
                    "text": render_to_string(f"{template_prefix}_message.txt", context),
                    "html": "",
                },
                activity="accounts.account_mail",
            )

    def stash_offer(self, request: HttpRequest, offer: Offer) -> None:
        """Remembers, for a sign-up in this session, by which link somebody came; never the link's secret itself."""
        self.stash_verified_email(request, offer.email)  # fills the form in, and proves nothing
        request.session[_OFFER] = [str(offer.organization), str(offer.token)]

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whether the session came by the link of an invitation to this address that is open even now.

        A live secret is the proof: it was mailed to that mailbox and to nowhere else, as the link of allauth's
        own mail is. Whoever forwards such a mail hands the proof on, here as there; joining and verifying
        end with the offer, so a withdrawn, replaced, expired or used one proves nothing any more.
        """
        stashed = request.session.get(_OFFER)
        if not stashed:
            return False
        organization, token = map(uuid.UUID, stashed)
        offer = invitations.offer_by(organization, token)
        return offer is not None and offer.email.lower() == email.lower()

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """Nothing: allauth would give the account the invited address beside, and above, the one that was typed.

        `is_email_verified` goes on to ask for the typed one, which is verified if it is the invited.
        """

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Answers too many failures with the page for it, where allauth would put a sentence into the form."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(respond_429(request)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What allauth counts failures of log-in under: the address, from one network.

        Its own key is the address alone, by which anybody could lock a person out whom they know by address.
        """
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{get_ip(request)}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 -- allauth calls it so
        """Back to the account's page, which asks to log in anew."""
        return reverse("accounts:profile")
