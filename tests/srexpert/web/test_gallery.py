"""The gallery renders every component, and no page's markup breaks the content security policy."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.template.loader import get_template

from srexpert.web import glyphs
from srexpert.web.gallery import LONG_NAME, RIGHT_TO_LEFT, examples

TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted(path.name for path in (TEMPLATES / "_components").glob("*.html"))
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
SHELL = {
    "organization": {"name": "Northwind", "slug": "northwind"},
    "organizations": [{"name": "Northwind", "url": "/o/northwind/"}],
    "navigation": [{"title": "Alerts", "items": [{"label": "Incidents", "url": "/i/", "icon": "urgent", "active": True, "badge": "1"}]}],
    "home_url": "/", "search_url": "/search/", "person": {"name": "Ana Ribeiro", "email": "ana@northwind.example"},
    "theme": "dark", "clusters": [{"name": LONG_NAME, "url": "/c/"}], "cluster": LONG_NAME, "bell_url": "/b/", "bell_count": 2,
    "theme_url": "/theme/",
}  # fmt: skip


MESSAGES = [Message(constants.SUCCESS, "INC-214 acknowledged."), Message(constants.ERROR, "Not <sent>.")]


class Outline(HTMLParser):
    """Checks that elements close in order, and collects identifiers, attributes and script texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.identifiers: list[str] = []
        self.forbidden: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.forbidden += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.forbidden.append(f"inline {tag}")
        if names.get("id"):
            self.identifiers.append(names["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> out of order at {self.getpos()}"


@pytest.fixture(scope="module")
def gallery() -> str:
    # A bare context: the processors of the settings would ask for a session.
    context = Context({**examples(), "shell": SHELL, "messages": MESSAGES, "csrf_token": "token"})
    return get_template("srexpert/gallery.html").template.render(context)


def test_gallery_is_well_formed_and_keeps_the_policy(gallery):
    outline = Outline()
    outline.feed(gallery)
    assert outline.open == []
    assert outline.forbidden == []
    assert sorted(outline.identifiers) == sorted(set(outline.identifiers))


def test_gallery_shows_every_state_severity_and_verdict(gallery):
    for name in (*glyphs.SEVERITIES, *glyphs.STATES, *glyphs.VERDICTS):
        assert f" of-{name}" in gallery, name


def test_messages_are_toasts_that_close_without_script(gallery):
    assert gallery.count('<form method="dialog">') == 3  # two messages and the help of the keyboard
    assert 'class="toast toast-ok"' in gallery
    assert "Not &lt;sent&gt;." in gallery


def test_gallery_shows_long_and_right_to_left_names(gallery):
    assert LONG_NAME in gallery
    assert RIGHT_TO_LEFT in gallery
    assert "{%" not in gallery
    assert "{{" not in gallery


def test_gallery_includes_every_component():
    sources = (
        "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
        + (Path(settings.BASE_DIR) / "srexpert" / "templatetags" / "ui.py").read_text()
    )
    missing = [name for name in COMPONENTS if f"_components/{name}" not in sources]
    assert missing == []


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_no_request(name):
    outline = Outline()
    html = get_template(name).template.render(Context())
    outline.feed(html)
    assert outline.open == []
    assert outline.forbidden == []
    assert "<h1>" in html


def test_no_template_has_an_inline_style_script_or_handler():
    found = [
        f"{path.relative_to(TEMPLATES)}: {match.group()}"
        for path in TEMPLATES.rglob("*.html")
        for match in re.finditer(
            r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|\shx-on""", path.read_text()
        )
    ]
    assert found == []


def test_no_django_comment_spans_lines():
    """`{#` with its `#}` on another line is no comment: readers would see it."""
    found = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in TEMPLATES.rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.count("{#") != line.count("#}")
    ]
    assert found == []
