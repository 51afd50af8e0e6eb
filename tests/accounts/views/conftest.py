"""What the tests of pages share: limits that start at nothing, and a mailbox."""

import pytest
from django.core.cache import cache

from tests.alerts.sinks import mailbox


@pytest.fixture(autouse=True)
def _own_limits(settings):
    """Counts of rate limits in this process, from zero: others' tests use the same server."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def inbox(settings):
    """The mails that a real SMTP server on loopback received."""
    with mailbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box.mails
