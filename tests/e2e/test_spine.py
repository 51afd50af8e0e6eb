"""The whole path: a workload breaks, the open page shows it, people are paged, one takes it, healing ends it."""

import json
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from standardwebhooks.webhooks import Webhook

from alerts.models import Incident, Notification
from srexpert import clock
from srexpert.outbox.models import OutboxMessage
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.deployment import until
from tests.e2e.conftest import STEP_SECONDS, Scene, log_in, overflow, text_of
from tests.factories import alerts

pytestmark = pytest.mark.usefixtures("scene")

PATIENCE = 60_000


def test_spine_from_a_bad_rollout_to_its_end(scene: Scene, walker):
    responder = scene.people[Role.RESPONDER]
    with walker() as page:
        log_in(page, responder)
        row = page.get_by_role("row").filter(has_text="prod-eu-west")
        expect(row).to_contain_text("Healthy", timeout=PATIENCE)

        scene.cluster.start("crash-loop")
        open_incidents = page.get_by_role("link", name=re.compile("checkout"))
        expect(open_incidents.first).to_be_visible(timeout=PATIENCE)

        mail = scene.awaited_mail(responder.email, "checkout")
        with acting_for(scene.northwind):
            incident = Incident.objects.get(title__contains="checkout")
        address = f"{scene.url}/o/northwind/incidents/{incident.number}/"
        assert address in text_of(mail)
        assert incident.cause
        assert incident.cause in text_of(mail)
        assert "checkout" in incident.cause
        _assert_signed_webhook(scene, incident, address)

        page.goto(address)
        expect(page.get_by_text(incident.cause).first).to_be_visible()
        page.get_by_role("button", name="Acknowledge incident").click()
        expect(page.get_by_text("Rui Costa has it")).to_be_visible()

        scene.cluster.heal("crash-loop")
        expect(page.locator(".page-meta")).to_contain_text("Resolved", timeout=PATIENCE)
        expect(page.get_by_text("Nothing fails any more.")).to_be_visible()
        page.goto("/o/northwind/")
        expect(row).to_contain_text("Healthy", timeout=PATIENCE)
    with acting_for(scene.northwind):
        assert Incident.objects.get(pk=incident.pk).state == "resolved"
    _assert_no_second_step(scene, incident)


def _assert_signed_webhook(scene: Scene, incident: Incident, address: str) -> None:
    def arrived() -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for headers, body in scene.hooks.requests if incident.label in body.decode()]

    ((headers, body),) = until(arrived, "the webhook")
    Webhook(alerts.SECRET).verify(body, headers)
    data = json.loads(body)["data"]
    assert (data["incident"], data["url"], data["cause"]) == (incident.label, address, incident.cause)


def _assert_no_second_step(scene: Scene, incident: Incident) -> None:
    """A worker whose clock is past the second step's time does that of an untouched incident, and only that one."""
    with acting_for(scene.northwind):
        other = alerts.fire("never/Pod/shop/taken", title="Something else fails")
    admin = scene.people[Role.ADMIN].email
    scene.awaited_mail(scene.people[Role.RESPONDER].email, "Something else fails")
    later = scene.deployment.worker("later", SREXPERT_CLOCK_OFFSET=str(STEP_SECONDS + 30))
    scene.awaited_mail(admin, "Something else fails")
    later.stop()
    assert scene.mail_to(admin, "checkout") is None
    with acting_for(scene.northwind):
        assert set(Notification.objects.filter(incident=incident).values_list("step", flat=True)) == {1}
        assert set(Notification.objects.filter(incident=other).values_list("step", flat=True)) == {1, 2}
        withdrawn = OutboxMessage.objects.get(topic="alerts.escalation", key=f"{incident.pk}:1:2")
        assert withdrawn.state == "cancelled"
        assert withdrawn.due_at < clock.now() + timedelta(seconds=STEP_SECONDS + 30)
        alerts.clear("never/Pod/shop/taken")


@pytest.mark.parametrize("place", ["", "clusters/", "incidents/?state=all", "escalation/"])
def test_pages_fit_a_phone(scene: Scene, walker, place):
    with walker(width=390) as page:
        log_in(page, scene.people[Role.RESPONDER])
        page.goto(f"/o/northwind/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) == 0
