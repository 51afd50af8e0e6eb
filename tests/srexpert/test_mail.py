"""Mail: from the outbox to a real SMTP server, with an address for each outcome."""

import pytest
from aiosmtpd.controller import Controller

from srexpert import mail, outbox
from srexpert.embedded.state import free_port
from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_everywhere, acting_for

pytestmark = pytest.mark.django_db(transaction=True)


class Sink:
    def __init__(self):
        self.messages = []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 -- aiosmtpd's name
        if address.startswith("unknown"):
            return "550 no such user"
        if address.startswith("busy"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd's name
        self.messages.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def sink(settings):
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), server_hostname="test")
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


def _put(cast, to):
    with acting_for(cast.northwind):
        payload = {"to": to, "subject": "Hello", "text": "A line", "html": "<p>A line</p>"}
        outbox.put(topic=mail.TOPIC, key="m1", payload=payload)
    dispatch.drain()
    with acting_everywhere(reason="test"):
        return OutboxMessage.objects.get()


def test_mail_arrives_and_its_text_is_forgotten(cast, sink):
    row = _put(cast, "ana@northwind.example")
    assert (row.state, row.payload) == ("done", {})
    (message,) = sink.messages
    assert "Subject: Hello" in message
    assert f"Message-ID: <outbox.{row.pk}@localhost>" in message.replace("\r\n ", " ")
    assert "Auto-Submitted: auto-generated" in message


def test_refused_recipient_is_buried(cast, sink):
    row = _put(cast, "unknown@northwind.example")
    assert (row.state, row.attempts) == ("dead", 1)
    assert "unknown@" not in row.last_error


def test_busy_server_is_tried_again(cast, sink):
    row = _put(cast, "busy@northwind.example")
    assert (row.state, row.attempts) == ("pending", 1)


def test_server_away_is_tried_again(cast, sink, settings):
    settings.EMAIL_PORT = 1
    row = _put(cast, "ana@northwind.example")
    assert (row.state, row.last_error) == ("pending", "the mail server is away: ConnectionRefusedError")
