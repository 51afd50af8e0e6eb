"""Mail: a row of the outbox in the transaction that causes it, an SMTP conversation later."""

import smtplib
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from srexpert import outbox

TOPIC = "srexpert.mail"
_PERMANENT = range(500, 600)


def post(
    *,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    activity: str,
    key: str,
    person_id: Any = None,
) -> None:
    """Leaves a mail in the outbox, rendered now from `<template>.txt` and `<template>.html`.

    `activity` names why the person is written to; `key` makes a repeated call harmless.
    """
    context = {"public_url": settings.PUBLIC_URL, **context}
    outbox.put(
        topic=TOPIC,
        key=key,
        payload={
            "to": to,
            "subject": " ".join(subject.split()),
            "text": render_to_string(f"{template}.txt", context),
            "html": render_to_string(f"{template}.html", context),
        },
        activity=activity,
        person_id=person_id,
    )


def send(*, to: str, subject: str, text: str, html: str, key: str) -> None:
    """Hands one mail to the server; `key` becomes its Message-ID, so that a repeat is recognizable.

    Raises outbox.Undeliverable, permanent when the server refuses for good (a 5xx).
    """
    message = EmailMultiAlternatives(subject=subject, body=text, to=[to])
    if html:
        message.attach_alternative(html, "text/html")
    # Django would make a new one for each try; mailboxes drop a repeat that carries the same.
    message.extra_headers["Message-ID"] = f"<{key}@{urlsplit(settings.PUBLIC_URL).hostname}>"
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        message.send()
    except smtplib.SMTPResponseException as error:
        raise outbox.Undeliverable(
            f"the mail server answered {error.smtp_code}", permanent=error.smtp_code in _PERMANENT
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise outbox.Undeliverable(
            f"the mail server refused the recipient: {codes}", permanent=all(c in _PERMANENT for c in codes)
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise outbox.Undeliverable(f"the mail server is away: {type(error).__name__}") from error
