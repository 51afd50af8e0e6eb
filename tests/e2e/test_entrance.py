"""Coming in: sign-up to the first empty fleet, an invitation by mail, a cluster and its agent."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.e2e.conftest import Scene, log_in, overflow, text_of
from tests.factories.accounts import PASSWORD

PATIENCE = 60_000


def _link_in(mail, path: str) -> str:
    found = re.search(rf"https?://\S*{path}\S*", text_of(mail))
    assert found, text_of(mail)
    return found.group()


def _sign_up(page: Page, name: str, email: str = "") -> None:
    page.get_by_label("Name").fill(name)
    if email:
        page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


@pytest.mark.parametrize("width", [1440, 390])
def test_sign_up_leads_to_an_empty_fleet_that_teaches(scene: Scene, walker, width):
    address = f"nina.neu.{width}@newcomer.example"
    with walker(width=width) as page:
        page.goto("/")
        page.get_by_role("link", name="Sign up").first.click()
        _sign_up(page, "Nina Neu", address)
        expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
        page.goto(_link_in(scene.awaited_mail(address, "confirm"), "/confirm-email/"))
        page.get_by_role("button", name="Confirm address").click()
        page.wait_for_url("**/organizations/**")
        page.get_by_role("link", name="Create organization").first.click()
        page.get_by_label("Name of the organization").fill(f"Newcomers {width}")
        page.get_by_role("button", name="Create organization").click()
        expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
        expect(page.get_by_text("No cluster yet")).to_be_visible()
        assert overflow(page) == 0
        page.get_by_role("link", name="Connect cluster").first.click()
        expect(page.get_by_role("button", name="Create agent token")).to_be_visible()
        assert overflow(page) == 0


def test_invitation_by_mail_makes_a_member(scene: Scene, walker):
    address = "vera.viewer@guests.example"
    with walker() as page:
        log_in(page, scene.people[Role.OWNER])
        page.goto("/o/northwind/settings/members/invitations/invite/")
        page.get_by_label("E-mail address").fill(address)
        page.get_by_label("Role").select_option("viewer")
        page.get_by_role("button", name="Send invitation").click()
        expect(page.get_by_text(f"on its way to {address}")).to_be_visible()
    with walker(width=390) as page:
        page.goto(_link_in(scene.awaited_mail(address, "invites you to Northwind"), "/invitations/"))
        expect(page.get_by_role("heading", name="Join Northwind")).to_be_visible()
        assert overflow(page) == 0
        page.get_by_role("link", name="Sign up and join").click()
        _sign_up(page, "Vera Viewer", address)
        page.get_by_role("button", name="Join Northwind").click()
        expect(page.get_by_text("You are now a member of Northwind.")).to_be_visible()
        assert overflow(page) == 0
    with acting_for(scene.northwind):
        assert Membership.objects.get(user__email=address).role == Role.VIEWER


def test_cluster_connects_while_its_page_waits(scene: Scene, walker):
    with walker() as page:
        log_in(page, scene.people[Role.OWNER])
        page.goto("/o/northwind/clusters/connect/")
        page.get_by_label("Name").fill("staging-eu-west")
        page.get_by_role("button", name="Create agent token").click()
        expect(page.get_by_text("This token is shown once.")).to_be_visible()
        expect(page.get_by_text("Waiting for your agent…")).to_be_visible()
        token = page.get_by_label("Agent token").inner_text().strip()
        _, cluster = scene.deployment.simulator("staging", "--seed", "7")
        scene.deployment.agent("staging-agent", token=token, kubeconfig=cluster.kubeconfig)
        expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=PATIENCE)
        page.get_by_role("link", name="Open staging-eu-west").click()
        expect(page.get_by_role("heading", name="staging-eu-west")).to_be_visible()
        expect(page.locator("main")).to_contain_text("Healthy", timeout=PATIENCE)
