"""Writes a page as a mail: subject first, since a phone's lock screen shows no more."""

from django.conf import settings
from django.template.loader import render_to_string

from alerts.channels.base import Page, channel
from srexpert import mail


@channel("email")
def send(page: Page) -> None:
    """Hands the page to the mail server; raises srexpert.outbox.Undeliverable."""
    context = {
        "page": page,
        "action_url": page.url,
        "action_label": f"Open {page.incident}",
        "public_url": settings.PUBLIC_URL,
    }
    mail.send(
        to=page.address,
        subject=subject_of(page),
        text=render_to_string("alerts/mail/page.txt", context),
        html=render_to_string("alerts/mail/page.html", context),
        key=page.key,
    )


def subject_of(page: Page) -> str:
    """One line with severity, number, cluster and title."""
    where = f" on {page.cluster}" if page.cluster else ""
    line = f"{page.severity.capitalize()} {page.incident}{where}: {page.title}"
    return " ".join(line.split())[:200]
