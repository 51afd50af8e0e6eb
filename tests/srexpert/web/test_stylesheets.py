"""The stylesheets use only what the tokens define, and the palette stays readable in both themes."""

import re

import pytest

from srexpert.vendoring import STATIC

SHEETS = sorted((STATIC / "css").rglob("*.css"))
TOKENS = (STATIC / "css" / "tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", TOKENS))
TEXT = ("ink", "ink-2", "ink-3", "accent", "act", "high", "warn", "ok", "low", "unknown")
SURFACES = ("surface", "canvas", "sunken")


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour(token: str, theme: int) -> str:
    return PAIRS[token].split(", ")[theme]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("token", TEXT)
def test_text_reaches_four_and_a_half_on_every_surface(token, theme):
    for surface in SURFACES:
        assert contrast(colour(token, theme), colour(surface, theme)) >= 4.5, surface


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_on_tints_controls_and_fills_are_readable(theme):
    for tint in ("act-soft", "high-soft", "warn-soft", "ok-soft", "low-soft", "unknown-soft", "accent-soft"):
        assert contrast(colour("ink", theme), colour(tint, theme)) >= 7, tint
    for state in ("act", "warn", "unknown", "accent"):
        assert contrast(colour(state, theme), colour(f"{state}-soft", theme)) >= 4.5, state
    for mark in ("out-word", "in-word"):
        assert contrast(colour("ink", theme), colour(mark, theme)) >= 7, mark
    for number in range(1, 6):
        assert contrast(colour(f"person-{number}-ink", theme), colour(f"person-{number}", theme)) >= 6
    assert contrast(colour("control", theme), colour("surface", theme)) >= 3
    assert contrast("#ffffff", colour("accent-fill", theme)) >= 4.5


def test_every_variable_that_is_used_is_defined():
    text = "".join(sheet.read_text() for sheet in SHEETS)
    used = {name for name in re.findall(r"var\(--([\w-]+)", text) if not name.startswith("tblr-")}
    assert used - set(re.findall(r"--([\w-]+):", text)) == set()


def test_colours_stand_in_the_tokens_alone():
    others = [sheet for sheet in SHEETS if sheet.name != "tokens.css"]
    found = [
        (sheet.name, match)
        for sheet in others
        for match in re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text())
    ]
    assert found == []


def test_no_stylesheet_is_longer_than_a_file_may_be():
    assert [sheet.name for sheet in SHEETS if len(sheet.read_text().splitlines()) > 400] == []
