"""The core path without JavaScript: log in, see what is broken, take it, end it."""

from playwright.sync_api import expect

from alerts.models import Incident
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.e2e.conftest import Scene, log_in
from tests.factories import alerts


def test_core_path_needs_no_script(scene: Scene, walker):
    with acting_for(scene.northwind):
        incident = alerts.fire("plain/Pod/shop/plain-1", title="plain-1 fails")
    with walker(width=390, script=False) as page:
        log_in(page, scene.people[Role.RESPONDER])
        page.get_by_role("link", name="plain-1 fails").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("plain-1 fails")
        page.get_by_role("button", name="Acknowledge incident").click()
        expect(page.get_by_text("Rui Costa has it")).to_be_visible()
        page.get_by_role("button", name="Close message").click()
        page.get_by_label("What should the others know?").fill("Looking at it on the phone.")
        page.get_by_role("button", name="Add comment").click()
        expect(page.get_by_text("Looking at it on the phone.")).to_be_visible()
        page.get_by_role("link", name="Resolve incident").click()
        expect(page.get_by_role("heading", level=2)).to_contain_text("although it still fails")
        page.get_by_role("button", name="Resolve incident").click()
        expect(page.locator(".page-meta")).to_contain_text("Resolved")
    with acting_for(scene.northwind):
        ended = Incident.objects.get(pk=incident.pk)
    assert (ended.state, ended.acknowledged_by_id) == ("resolved", scene.people[Role.RESPONDER].pk)
