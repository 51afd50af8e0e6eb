"""Free text: bare URLs, bounded length, and a result that stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.wire import text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("see https://example.com/a?token=x#y now", "see https://example.com/a now"),
        ("https://user:pass@example.com/a", "https://example.com/a"),
        ("https://user:p/w?x#@example.com/a", "https://example.com/a"),
        ("postgres://a:b@db.example.com:5432/shop?sslmode=disable", "postgres://db.example.com:5432/shop"),
        ("redis://:hunter2@cache", "redis://cache"),
        ("redis://x:hunter2/0", "redis://[withheld]"),
        (r"https:\/\/user:pass@example.com\/a", r"https:\/\/example.com\/a"),
        ("https%3A%2F%2Fuser%3Apass%40example.com", "https:[url]"),
        ("http://[::1]:8080/a?b", "http://[::1]:8080/a"),
        ("no address at all: a/b", "no address at all: a/b"),
    ],
)
def test_url_loses_userinfo_query_and_fragment(before, after):
    assert text.without_url_secrets(before) == after


def test_long_text_is_cut_at_a_word():
    cut = text.clean("abc " * 1_000 + "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dE4fG6")
    assert len(cut) <= text.LONGEST
    assert cut.endswith("abc ")


def test_no_half_of_a_secret_survives_the_cut():
    secret = "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dE4fG6"
    for shift in range(0, 40, 7):
        assert "ghp_" not in text.clean("a" * 10 + " b" * ((text.LONGEST - 50 + shift) // 2) + " " + secret)


@given(st.text(max_size=300) | st.lists(st.sampled_from(["://", "a:b@", "?", "https", "%3A%2F%2F", " ", "[", "]", "password=", "x@y.org", "\\"])).map("".join))  # fmt: skip
def test_cleaning_twice_changes_nothing(before):
    once = text.clean(before)
    assert text.clean(once) == once
    assert text.is_clean(once) or once == text.WITHHELD


@pytest.mark.parametrize("piece", ["a", ":", "://", "\\", "a:", "@", "%3A%2F%2F", "https://a:b", "[", " "])
def test_hostile_text_is_read_in_linear_time(piece):
    # A quadratic pattern would take minutes here and run into the test run's own timeout.
    once = text.without_url_secrets(piece * 200_000)
    assert text.without_url_secrets(once) == once
