"""Lengths of time read as people say them, and never lie by rounding up."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srexpert.web.moments import duration

SIZES = {"s": 1, "min": 60, "h": 3600, "d": 86400}


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (0, "0 s", "0 s"),
        (59, "59 s", "59 s"),
        (60, "1 min", "1 min"),
        (3599, "59 min", "59 min 59 s"),
        (3600, "1 h", "1 h"),
        (47 * 3600, "47 h", "47 h"),
        (48 * 3600, "2 d", "2 d"),
        (616 * 86400, "616 d", "616 d"),
    ],
)
def test_duration_changes_unit_at_its_limits(seconds, short, long):
    assert duration(seconds) == short
    assert duration(timedelta(seconds=seconds), long=True) == long


@given(st.integers(min_value=0, max_value=10**9))
def test_duration_long_is_within_its_smaller_unit(seconds):
    words = duration(seconds, long=True).split()
    total = sum(int(number) * SIZES[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    largest = SIZES[words[1]]
    smaller = {1: 1, 60: 1, 3600: 60, 86400: 3600}[largest]
    assert total <= seconds < total + smaller
