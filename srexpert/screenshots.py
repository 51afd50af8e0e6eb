"""Pictures of every page that can be reached by its links, in two widths and two themes, by a headless Chromium."""

import re
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import yaml
from django.urls import Resolver404, resolve

from srexpert.embedded import preparation, process, state
from srexpert.embedded.programs import Options, demo_file
from srexpert.embedded.up import is_healthy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

Theme = Literal["light", "dark"]
Look = tuple[int, Theme]
LOOKS: tuple[Look, ...] = ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark"))
_OUTSIDE = {
    "home": "/",
    "log-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
    "not-found": "/nothing/here/",
}
# One page shows all objects; these differ enough to be looked at each.
_KINDS = frozenset({"Deployment", "ReplicaSet", "Pod", "Node"})
_OF_MACHINES = frozenset({"site:alive", "site:ready"})
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
_HEIGHT = 900
_START_SECONDS = 180.0
_BREAK_SECONDS = 90.0


class Unable(Exception):
    """Something that pictures need is missing; the text says what."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the product runs, and who logs in."""

    url: str
    email: str
    password: str


@dataclass(slots=True)
class Findings:
    """What was taken, and what a look at the pictures would miss."""

    taken: list[Path] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def hear(self, path: str, text: str) -> None:
        """Note what a page's console said, once, unless it only tells that there is no such page."""
        line = f"{path}: {text}"
        if path != _OUTSIDE["not-found"] and line not in self.said:
            self.said.append(line)


def take(
    browser: "Browser",
    place: Place,
    output: Path,
    *,
    tell: Callable[[str], object],
    looks: Sequence[Look] = LOOKS,
) -> Findings:
    """Take the pictures into `output`, one folder a width and theme; `tell` hears how far it is.

    Raises Unable when nobody can log in.
    """
    session, members = _explore(browser, place)
    tell(f"{len(members) + len(_OUTSIDE)} pages")
    found = Findings()
    for look in looks:
        folder = output / f"{look[0]}-{look[1]}"
        for who, pages in ((None, _OUTSIDE), (session, members)):
            _series(_context(browser, place, look, who), pages, folder, found)
        tell(f"{folder}: {len(list(folder.glob('*.png')))} pictures")
    return found


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A headless Chromium. Raises Unable when there is none, or no Playwright."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only developers have it
    except ImportError:
        raise Unable("Playwright is missing: run `make setup`") from None
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise Unable("Chromium is missing: run `make setup-browser` (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield started
        finally:
            started.close()


def _explore(browser: "Browser", place: Place) -> tuple["StorageState", dict[str, str]]:
    """Log in, and follow links until no page of a new kind is left; gives the session and the pages by name."""
    context = browser.new_context(base_url=place.url)
    page = context.new_page()
    _log_in(page, place)
    pages: dict[str, str] = {}
    ahead = deque([urlsplit(page.url).path, "/organizations/"])
    while ahead:
        path = ahead.popleft()
        name = name_of(path)
        if name is None or name in pages:
            continue
        answer = page.goto(path)
        if answer is None or not answer.ok:
            continue
        landed = urlsplit(page.url).path
        if landed != path:
            ahead.append(landed)
            continue
        pages[name] = path
        ahead += page.eval_on_selector_all("a[href]", "links => links.map(link => link.pathname)")
    session = context.storage_state()
    context.close()
    return session, pages


def _log_in(page: "Page", place: Place) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(place.email)
    page.locator("[name=password]").fill(place.password)
    page.locator("form button.btn-primary").click()
    page.wait_for_load_state()
    if "/accounts/login" in page.url:
        raise Unable(f"{place.email} could not log in at {place.url}")


def name_of(path: str) -> str | None:
    """What the picture of an address is called; None where none is wanted. One name for all pages of a kind."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    if found.view_name in _OF_MACHINES or path.startswith(("/api/", "/static/")):
        return None
    name = found.view_name.replace(":", "-")
    if "kind" not in found.kwargs:
        return name
    return f"{name}-{found.kwargs['kind'].lower()}" if found.kwargs["kind"] in _KINDS else None


def _series(context: "BrowserContext", pages: dict[str, str], folder: Path, found: Findings) -> None:
    """All pages in the context's width and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    page = context.new_page()
    page.on("console", lambda said: found.hear(urlsplit(page.url).path, said.text))
    for name, path in pages.items():
        _resize(page, _HEIGHT)
        page.goto(path)
        page.evaluate("document.fonts.ready")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.too_wide.append(f"{path} in {folder.name}")
        picture = folder / f"{name}.png"
        # As tall as the page, so that what is fixed to the window's foot stands there in the picture.
        _resize(page, max(_HEIGHT, int(page.evaluate("document.documentElement.scrollHeight"))))
        page.screenshot(path=picture, animations="disabled")
        found.taken.append(picture)
    context.close()


def _resize(page: "Page", height: int) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.set_viewport_size({"width": width, "height": height})


def _context(
    browser: "Browser", place: Place, look: Look, session: "StorageState | None"
) -> "BrowserContext":
    width, theme = look
    return browser.new_context(
        base_url=place.url, viewport={"width": width, "height": _HEIGHT}, color_scheme=theme,
        storage_state=session, reduced_motion="reduce", has_touch=width < 640,
    )  # fmt: skip


@contextmanager
def own_demo(folder: Path, *, tell: Callable[[str], object]) -> Iterator[Place]:
    """The demo as `up` runs it, in a folder of its own, with a workload that breaks; stopped after the block.

    SREXPERT_STATE_DIR must name the folder. Raises Unable when it does not start.
    """
    options = Options(host="127.0.0.1", port=state.free_port(), demo=True, certificate=None, key=None)
    tell(f"starting the demo on port {options.port}")
    with (folder / "up.log").open("ab") as log:
        running = subprocess.Popen(
            preparation.manage("up", "--demo", "--port", str(options.port)),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(lambda: is_healthy(options), running, _START_SECONDS, f"the demo did not start: see {log.name}")
        place = demo_place(options.origin)
        _break(place)
        yield place
    finally:
        process.stop(running, ((signal.SIGTERM, 30.0), (signal.SIGKILL, 5.0)))


def demo_place(url: str) -> Place:
    """The demo's owner at an address; raises Unable where no demo was made."""
    try:
        login = demo_file("login").read_text(encoding="utf-8")
    except OSError:
        raise Unable("there is no demo here to log in to: give --email and --password") from None
    domain, password = re.findall(r"@(\S+) .*password (\S+)$", login.strip())[0]
    return Place(url, f"owner@{domain}", password)


def _wait(
    happened: Callable[[], bool], running: "subprocess.Popen[bytes] | None", seconds: float, otherwise: str
) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline or (running is not None and running.poll() is not None):
            raise Unable(otherwise)
        time.sleep(0.5)


def _break(place: Place) -> None:
    """Start a scenario in the demo's cluster once its agent has brought it, and wait for the incident."""
    with chromium() as browser:
        context = browser.new_context(
            base_url=place.url, ignore_https_errors=True
        )  # the simulator's own authority
        page = context.new_page()
        _log_in(page, place)

        def shown(words: str) -> bool:
            page.reload()
            return words in page.locator("main").inner_text()

        _wait(lambda: shown("Healthy"), None, _BREAK_SECONDS, "the demo's cluster did not become healthy")
        cluster = yaml.safe_load(demo_file("kubeconfig").read_text(encoding="utf-8"))
        server = cluster["clusters"][0]["cluster"]["server"]
        context.request.post(f"{server}/_sim/scenarios/crash-loop/start")
        _wait(lambda: shown("INC-"), None, _BREAK_SECONDS, "the demo's cluster did not break")
