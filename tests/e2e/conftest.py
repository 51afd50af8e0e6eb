"""One deployment for all walks: real processes, a simulated cluster, a mail server, a webhook receiver, a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from clusters.domain import enrolment
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests import database
from tests.alerts.sinks import Mailbox, Receiver, mailbox, receiver
from tests.deployment import Deployment, Simulated, deployment, show_logs, until
from tests.factories import accounts, alerts

SPEED = "4"  # of the simulated cluster: everything in it takes a quarter of its time
STEP_SECONDS = 120  # between the first and the second page
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if _CHROMIUM is None:
            item.add_marker(
                pytest.mark.skip(reason="there is no chromium (Debian: apt-get install chromium)")
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    report = yield
    show_logs(report)
    return report


@dataclass
class Scene:
    """The running product with Northwind in it, and what its messages reach."""

    deployment: Deployment
    cluster: Simulated
    mails: Mailbox
    hooks: Receiver
    northwind: Any
    people: dict[Role, Any]
    folder: Path

    @property
    def url(self) -> str:
        return self.deployment.url

    def mail_to(self, address: str, containing: str) -> Any:
        """The newest mail to an address with these words in subject or text, or None."""
        for mail in reversed(self.mails.mails):
            if mail["To"] == address and containing in f"{mail['Subject']}\n{text_of(mail)}":
                return mail
        return None

    def awaited_mail(self, address: str, containing: str) -> Any:
        """The same, waited for."""
        return until(lambda: self.mail_to(address, containing), f"the mail to {address} with '{containing}'")


def text_of(mail: Any) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


@pytest.fixture(scope="package")
def scene(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The product as it runs: web, worker, scheduler, a simulated cluster with its agent; emptied at the end."""
    folder = tmp_path_factory.mktemp("deployment")
    with django_db_blocker.unblock(), mailbox() as mails, receiver() as hooks:
        surroundings = {
            "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
            "OUTBOUND_ALLOW": f"127.0.0.1:{hooks.port}",
        }
        try:
            with deployment(folder, **surroundings) as running:
                _, cluster = running.simulator("simulator", "--speed", SPEED)
                northwind, people, token = _northwind(hooks.url)
                running.web()
                running.worker()
                running.scheduler()
                running.agent("agent", token=token, kubeconfig=cluster.kubeconfig)
                yield Scene(running, cluster, mails, hooks, northwind, people, folder)
        finally:
            database.empty()


def _northwind(hook: str) -> tuple[Any, dict[Role, Any], str]:
    """The organization, its people by role, and the token of its cluster's agent."""
    northwind = accounts.organization("Northwind")
    names = {Role.OWNER: "Ana Ribeiro", Role.RESPONDER: "Rui Costa", Role.ADMIN: "Ivo Mendes"}
    people = {role: accounts.person(name) for role, name in names.items()}
    for role, person in people.items():
        accounts.member(northwind, person, role)
    with acting_for(northwind):
        webhook = alerts.webhook(people[Role.OWNER], hook)
        alerts.policy([people[Role.RESPONDER], webhook], [people[Role.ADMIN]], delay=STEP_SECONDS)
        _, token = enrolment.connect(name="prod-eu-west", by=people[Role.OWNER])
    return northwind, people, token


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium, as the system has it."""
    # Playwright's own loop makes Django believe that a test's queries are asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
            yield chromium
            chromium.close()
            connections.close_all()  # those that were opened in the loop; nobody could reach them later
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Watch:
    """What a browser said and asked for while a person walked."""

    home: str
    said: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def see(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.abroad.append(request.url)

    def attend(self, page: Page) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("request", self.see)


Walker = Callable[..., BrowserContext]


@pytest.fixture
def walker(scene: Scene, browser: Browser) -> Iterator[Callable[..., Any]]:
    """Opens a person's browser; at its end the console must be empty, and nobody else was asked for anything."""

    @contextmanager
    def walk(*, width: int = 1440, script: bool = True) -> Iterator[Page]:
        watch = Watch(scene.url)
        context = browser.new_context(
            base_url=scene.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        context.on("page", watch.attend)
        try:
            yield context.new_page()
        finally:
            context.close()
        assert watch.said == []
        assert watch.abroad == []

    return walk


def log_in(page: Page, person: Any) -> None:
    """Through the form, as a person does."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(accounts.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/o/**")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


__all__ = ["Scene", "log_in", "overflow", "text_of"]
