"""How django-allauth talks to people here: by the outbox, with our templates."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.template.loader import render_to_string

from srexpert import mail, outbox
from srexpert.tenancy import acting_everywhere


class AccountAdapter(DefaultAccountAdapter):
    """Leaves each mail in the outbox, in the transaction that causes it, instead of sending it."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Called by allauth with `account/email/…`; the subject is the template's `_subject.txt`."""
        context = {"email": email, **context}
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
