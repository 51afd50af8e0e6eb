"""The vendored files are the ones of the manifest, and what is made of Tabler keeps its rules."""

import hashlib
import json
import re

import pytest

from srexpert import vendoring
from srexpert.web import icons

MANIFEST = json.loads((vendoring.STATIC / "vendor" / "manifest.json").read_text())
ENTRIES = [entry for package in MANIFEST["packages"] for entry in package["files"]]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["path"])
def test_vendored_file_has_the_checksum_of_the_manifest(entry):
    content = (vendoring.STATIC / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]


def test_every_vendored_file_is_in_the_manifest():
    found = {
        path.relative_to(vendoring.STATIC).as_posix()
        for path in (vendoring.STATIC / "vendor").rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found | {"icons.svg"} == {entry["path"] for entry in ENTRIES}


def test_manifest_pins_what_the_code_pins():
    pinned = [
        (package.name, package.version, package.licence, package.integrity) for package in vendoring.PACKAGES
    ]
    written = [
        tuple(package[key] for key in ("name", "version", "licence", "integrity"))
        for package in MANIFEST["packages"]
    ]
    assert written == pinned


def test_sprite_holds_the_listed_icons_and_no_others():
    symbols = re.findall(r'<symbol id="([^"]+)"', (vendoring.STATIC / "icons.svg").read_text())
    assert symbols == sorted(set(icons.OUTLINE))


def test_vendored_files_refer_to_nothing_outside():
    for entry in ENTRIES:
        if entry["path"].endswith((".css", ".js", ".svg")):
            content = (vendoring.STATIC / entry["path"]).read_text()
            assert "sourceMappingURL" not in content, entry["path"]
            assert not re.search(r"url\(\s*[\"']?(data:|https?:)|@import", content), entry["path"]


def test_subset_keeps_used_selectors_of_a_rule_and_drops_the_others():
    css = ".btn,.carousel{color:red}.badge{color:blue}@media (min-width:9px){.mt-3{margin:1px}.ribbon{top:0}}@media x{.ribbon{top:0}}"
    assert vendoring.subset(css) == ".btn{color:red}@media (min-width:9px){.mt-3{margin:1px}}"


def test_subset_survives_braces_and_commas_in_strings_and_brackets():
    css = 'a:is(.btn,.card)::after{content:"}"}.x:is(.btn,.card){top:0}h1{margin:0}'
    assert vendoring.subset(css) == 'a:is(.btn,.card)::after{content:"}"}h1{margin:0}'


def test_tabler_goes_into_a_layer_without_pictures_in_addresses():
    css = '@charset "UTF-8";/*! Tabler, MIT */.btn{background:url("data:image/svg+xml,<svg/>")}/*# sourceMappingURL=t.map */'
    assert vendoring.tabler(css) == "/*! Tabler, MIT */\n@layer tabler{.btn{background:none}}\n"


def test_sprite_refuses_what_is_no_picture():
    with pytest.raises(ValueError, match="not an SVG"):
        vendoring.sprite({"bell": "<html>"})
