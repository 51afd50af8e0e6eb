"""Meters and sparklines stay inside their frame, and gaps stay gaps."""

import re

from hypothesis import given
from hypothesis import strategies as st

from srexpert.web import pictures

VALUES = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=40)


def bar(svg: str) -> float:
    return float(re.findall(r'width="([\d.e+-]+)"', svg)[-1])


def test_meter_fills_by_its_share_and_never_over():
    assert bar(pictures.meter(0.5)) == 28
    assert bar(pictures.meter(7)) == 56
    assert bar(pictures.meter(0)) == 0
    assert bar(pictures.meter(0.0001)) == 2


def test_sparkline_breaks_its_line_at_a_gap():
    path = re.search(r' d="([^"]*)"', pictures.sparkline([1, 2, None, 3, 4])).group(1)
    assert path.count("M") == 2
    assert path.count("L") == 2


def test_sparkline_of_nothing_is_an_empty_picture():
    assert "path" not in pictures.sparkline([])
    assert "path" not in pictures.sparkline([None, None])


@given(VALUES)
def test_sparkline_stays_in_its_frame(values):
    path = re.search(r' d="([^"]*)"', pictures.sparkline(values))
    for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path.group(1) if path else ""):
        assert 0 <= float(x) <= pictures.SPARK_WIDTH
        assert 0 <= float(y) <= pictures.SPARK_HEIGHT
