"""A person's own page."""

from datetime import UTC, datetime

import pytest

from tests.factories import accounts

pytestmark = pytest.mark.django_db


def test_profile_saves_what_is_one_s_own_and_nothing_else(cast, as_person):
    client = as_person(cast.viewer)
    form = {
        "name": "Marta N.",
        "time_zone": "Europe/Lisbon",
        "theme": "dark",
        "email": "x@x.example",
        "is_staff": "on",
    }
    assert client.post("/profile/", form).headers["Location"] == "/profile/"
    before = cast.viewer.email
    cast.viewer.refresh_from_db()
    saved = cast.viewer
    assert (saved.name, saved.time_zone, saved.theme) == ("Marta N.", "Europe/Lisbon", "dark")
    assert (saved.email, saved.is_staff, saved.is_superuser) == (before, False, False)
    assert 'data-bs-theme="dark"' in client.get("/o/northwind/").content.decode()


@pytest.mark.parametrize("change", [{"name": ""}, {"time_zone": "Mars/Olympus"}, {"theme": "pink"}])
def test_profile_refuses_at_the_field_what_is_not_offered(cast, as_person, change):
    form = {"name": "Marta N.", "time_zone": "Europe/Lisbon", "theme": "dark"}
    html = as_person(cast.viewer).post("/profile/", form | change).content.decode()
    assert f'id="id_{next(iter(change))}_error"' in html
    cast.viewer.refresh_from_db()
    assert cast.viewer.name == "Marta Nunes"


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://testserver/o/northwind/clusters/", "http://testserver/o/northwind/clusters/"),
        ("https://evil.example/", "/profile/"),
        ("", "/profile/"),
    ],
)
def test_choose_theme_goes_back_to_our_own_pages_only(cast, as_person, came_from, goes_to):
    answer = as_person(cast.viewer).post(
        "/profile/theme/", {"theme": "light"}, headers={"Referer": came_from}
    )
    assert answer.headers["Location"] == goes_to
    cast.viewer.refresh_from_db()
    assert cast.viewer.theme == "light"


@pytest.mark.parametrize(
    ("zone", "shown"), [("UTC", "22:30"), ("Europe/Lisbon", "23:30"), ("Nowhere/Gone", "22:30")]
)
def test_dates_are_shown_in_the_persons_zone(cast, as_person, zone, shown):
    invitation = accounts.invitation(cast.northwind, cast.owner)
    with accounts.acting_for(cast.northwind):
        type(invitation.token).objects.update(expires_at=datetime(2099, 7, 1, 22, 30, tzinfo=UTC))
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(time_zone=zone)
    assert shown in as_person(cast.owner).get("/o/northwind/settings/members/invitations/").content.decode()
