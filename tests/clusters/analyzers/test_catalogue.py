from pathlib import Path

import pytest

from clusters.analyzers.base import Registry
from clusters.analyzers.catalogue import analyzers, table

DOCUMENT = Path(__file__).parents[3] / "docs" / "health.md"


def test_each_analyzer_says_what_it_finds_and_on_what_it_rests():
    found = analyzers()
    assert len(found) >= 10
    for entry in found:
        assert entry.purpose.endswith("."), entry.name
        assert entry.kinds, entry.name
        assert all(source.startswith("https://") for source in entry.sources), entry.name
        assert entry.sources, entry.name


def test_the_page_holds_the_table_of_the_code():
    assert table() in DOCUMENT.read_text(encoding="utf-8")


def test_two_analyzers_cannot_share_a_name():
    registry = Registry()
    register = registry.analyzer("pods", kinds=("Pod",), sources=("https://example.org",))
    register(lambda _: [])
    with pytest.raises(ValueError, match="two analyzers"):
        register(lambda _: [])
