"""Pictures of the pages: which there are, who logs in, and what is said when something is missing."""

import pytest
from django.core.management import CommandError, call_command

from srexpert import screenshots


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/o/northwind/", "clusters-fleet"),
        ("/o/northwind/incidents/7/", "alerts-incident-detail"),
        (
            "/o/x/clusters/11111111-1111-4111-8111-111111111111/objects/Pod/shop/cart/",
            "clusters-object-detail-pod",
        ),
        ("/o/x/clusters/11111111-1111-4111-8111-111111111111/objects/Secret/shop/cart/", None),
        ("/healthz", None),
        ("/static/css/base.css", None),
        ("/nothing/here/", None),
    ],
)
def test_name_of_is_one_for_all_pages_of_a_kind(path, name):
    assert screenshots.name_of(path) == name


def test_demo_place_reads_the_owner_and_the_password(tmp_path, monkeypatch):
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(tmp_path))
    (tmp_path / "demo").mkdir()
    words = "responder@northwind.example (or owner@…, admin@…, viewer@…) with the password s3-cret_\n"
    (tmp_path / "demo" / "login").write_text(words)
    place = screenshots.demo_place("http://localhost:1")
    assert (place.email, place.password) == ("owner@northwind.example", "s3-cret_")


def test_screenshots_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(tmp_path))
    with pytest.raises(CommandError, match="there is no demo here to log in to") as refusal:
        call_command("screenshots", "--base-url", "http://localhost:1")
    assert refusal.value.returncode == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    given = ["--base-url", "http://localhost:1", "--email", "a@b.example", "--password", "x"]
    with pytest.raises(CommandError, match="Chromium is missing"):
        call_command("screenshots", *given)
