"""Pages reach a real mailbox and a real webhook, or leave a reason."""

from datetime import timedelta

import msgspec
import pytest
import time_machine
from standardwebhooks.webhooks import Webhook

from alerts.domain import incidents
from alerts.models import Notification
from srexpert import clock
from srexpert.outbox import dispatch
from srexpert.tenancy import acting_for
from tests.alerts import sinks
from tests.factories import alerts as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _northwind(cast):
    with acting_for(cast.northwind):
        yield


@pytest.fixture
def mailbox(settings):
    with sinks.mailbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # not the runner's
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield box


@pytest.fixture
def receiver(settings):
    with sinks.receiver() as got:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{got.port}"]
        yield got


def work(*, later: timedelta = timedelta()) -> None:
    with time_machine.travel(clock.now() + later):
        dispatch.drain()


def lines(incident) -> list[str]:
    return [entry.sentence for entry in incident.timeline.newest_first()]


def test_page_by_mail_tells_what_where_why_and_what_to_do(cast, mailbox, settings):
    make.policy([cast.responder])
    incident = make.fire(
        severity="critical",
        title="Deployment cart has no ready replica",
        detail="Its pods end with exit code 1.",
        fix="Roll back: kubectl rollout undo deployment/cart -n shop",
    )

    work()

    (mail,) = mailbox.mails
    assert mail["To"] == "rui.costa@northwind.example"
    assert mail["Subject"] == "Critical INC-1 on prod-eu-west: Deployment cart has no ready replica"
    text = mail.get_body(("plain",)).get_content()
    assert f"{settings.PUBLIC_URL}/o/northwind/incidents/1/" in text
    assert "Its pods end with exit code 1." in text
    assert "kubectl rollout undo deployment/cart -n shop" in text
    assert "<b>What to do</b>" in mail.get_body(("html",)).get_content()
    assert Notification.objects.get().state == "sent"
    assert "Page for Rui Costa handed over by email" in lines(incident)


def test_page_by_webhook_is_signed_by_the_standard(cast, receiver):
    make.policy([make.webhook(cast.owner, receiver.url)])
    incident = make.fire(detail="exit code 1", fix="Roll back.", title="Pod cart-1 fails")

    work()

    ((headers, body),) = receiver.requests
    told = Webhook(make.SECRET).verify(body, headers)
    assert told["type"] == "incident.triggered"
    assert told["data"]["incident"] == "INC-1"
    assert told["data"]["url"].endswith("/o/northwind/incidents/1/")
    assert (told["data"]["cause"], told["data"]["advice"]) == ("exit code 1", "Roll back.")
    assert headers["webhook-id"] == f"msg_{Notification.objects.get().pk.hex}"
    assert "Page for webhook Chat handed over by webhook" in lines(incident)


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_webhook_that_is_busy_is_tried_again_under_the_same_id(cast, receiver, status):
    make.policy([make.webhook(cast.owner, receiver.url)])
    make.fire()
    receiver.statuses = [status]

    work()
    assert Notification.objects.get().state == "pending"
    work(later=timedelta(minutes=1))

    row = Notification.objects.get()
    assert (row.state, row.attempts) == ("sent", 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 302])
def test_webhook_that_refuses_is_given_up_on_the_timeline(cast, receiver, status):
    make.policy([make.webhook(cast.owner, receiver.url)])
    incident = make.fire()
    receiver.statuses = [status]

    work()
    work(later=timedelta(hours=1))

    assert len(receiver.requests) == 1
    assert Notification.objects.get().state == "failed"
    gave_up = incident.timeline.get(kind="gave_up").text
    assert (
        gave_up == f"Page for webhook Chat by webhook given up after 1 tries: the webhook answered {status}"
    )


def test_webhook_that_stays_away_is_given_up_after_its_last_try(cast, receiver):
    make.policy([make.webhook(cast.owner, receiver.url)])
    incident = make.fire()
    receiver.statuses = [500] * 20

    for hour in range(14):
        work(later=timedelta(hours=hour))

    assert len(receiver.requests) == 12
    assert incident.timeline.get(kind="gave_up").text.endswith("after 12 tries: the webhook answered 500")


def test_address_inside_our_network_is_never_called(cast, receiver, settings):
    settings.OUTBOUND_ALLOW = []
    make.policy([make.webhook(cast.owner, receiver.url)])
    make.fire()

    work()

    assert receiver.requests == []
    assert Notification.objects.get().state == "pending"


def test_mail_that_the_server_refuses_for_good_is_given_up(cast, mailbox):
    make.policy([cast.responder])
    incident = make.fire()
    mailbox.answer = "550 no such person"

    work()

    assert Notification.objects.get().state == "failed"
    assert "the mail server answered 550" in incident.timeline.get(kind="gave_up").text


def test_mail_that_the_server_puts_off_is_tried_again(cast, mailbox):
    make.policy([cast.responder])
    make.fire()
    mailbox.answer = "451 later"

    work()
    mailbox.answer = "250 taken"
    work(later=timedelta(minutes=1))

    assert [mail["To"] for mail in mailbox.mails] == ["rui.costa@northwind.example"]


def test_page_that_comes_after_the_acknowledgement_is_skipped_with_the_reason(cast, mailbox):
    make.policy([cast.responder])
    incident = make.fire()
    mailbox.answer = "451 later"
    work()
    mailbox.answer = "250 taken"

    incidents.acknowledge(incident=incident, by=cast.admin)
    work(later=timedelta(minutes=1))

    row = Notification.objects.get()
    assert mailbox.mails == []
    assert (row.state, row.reason) == ("skipped", "not sent because INC-1 was acknowledged before")


def test_closed_account_is_not_paged(cast, mailbox):
    make.policy([cast.responder])
    make.fire()
    cast.responder.is_active = False
    cast.responder.save()

    work()

    assert (mailbox.mails, Notification.objects.get().reason) == (
        [],
        "not sent because the recipient's account is closed",
    )


def test_one_receiver_that_is_down_does_not_hold_up_another(cast, mailbox, receiver):
    make.policy([make.webhook(cast.owner, receiver.url), cast.responder])
    make.fire()
    receiver.statuses = [500]

    work()

    assert len(mailbox.mails) == 1
    states = {row.channel: row.state for row in Notification.objects.all()}
    assert states == {"webhook": "pending", "email": "sent"}


def test_secret_and_address_of_a_webhook_are_stored_encrypted(cast, receiver):
    webhook = make.webhook(cast.owner, receiver.url)
    make.policy([webhook])
    make.fire()
    work()

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM alerts_webhooktarget")
        raw = b"".join(bytes(value) for value in cursor.fetchone())
        cursor.execute("SELECT string_agg(payload::text, '') FROM outbox_message")
        payloads = cursor.fetchone()[0]
    assert b"hook" not in raw
    assert b"whsec" not in raw
    assert "hook" not in payloads
    assert msgspec.json.decode(receiver.requests[0][1])["data"]["step"] == 1
