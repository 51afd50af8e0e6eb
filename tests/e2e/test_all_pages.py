"""Every page that a link leads to: it fits a phone, and its console stays empty."""

from srexpert import screenshots
from srexpert.permissions import Role
from srexpert.screenshots import Place
from tests.e2e.conftest import Scene
from tests.factories.accounts import PASSWORD


def test_pictures_of_all_pages_show_none_too_wide_or_noisy(scene: Scene, browser, tmp_path):
    place = Place(scene.url, scene.people[Role.OWNER].email, PASSWORD)
    found = screenshots.take(browser, place, tmp_path, tell=lambda _: None, looks=[(390, "light")])
    names = {picture.stem for picture in found.taken}
    assert {"home", "clusters-fleet", "alerts-incident-list", "accounts-member-list"} <= names
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in found.taken)
    assert found.too_wide == []
    assert found.said == []
