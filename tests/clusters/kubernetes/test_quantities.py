from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.kubernetes.quantities import MAXIMUM, QuantityError, millicores, parse, whole


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0"),
        ("250m", "0.25"),
        ("1.5Gi", "1610612736"),
        ("2e3", "2000"),
        ("1E3", "1000"),
        ("1E", "1000000000000000000"),
        ("128Mi", "134217728"),
        ("100k", "100000"),
        ("5n", "0.000000005"),
        ("-3", "-3"),
        (".5", "0.5"),
        ("+1.", "1"),
        (2, "2"),
        (0.5, "0.5"),
    ],
)
def test_parse_reads_every_form(written, value):
    assert parse(written) == Decimal(value)


@pytest.mark.parametrize(
    "written", ["", "m", "1 Gi", "1KiB", "1ki", "0x10", "1e", "١", "1" * 200, True, None, [], {}]
)
def test_parse_refuses_what_is_no_quantity(written):
    with pytest.raises(QuantityError):
        parse(written)


def test_parse_caps_and_rounds_as_kubernetes_does():
    assert parse("1e999999999") == MAXIMUM
    assert parse("0.1n") == Decimal("1e-9")


def test_millicores_and_whole_round_up():
    assert millicores("0.0001") == 1
    assert millicores("1500m") == 1500
    assert whole("1.2") == 2
    assert whole("1Ki") == 1024


@given(st.integers(0, 10**6), st.sampled_from(["", "m", "k", "Mi", "Gi"]))
def test_parse_grows_with_the_number(number, suffix):
    assert parse(f"{number + 1}{suffix}") > parse(f"{number}{suffix}")


@given(st.text(max_size=20))
def test_parse_raises_nothing_but_its_own_error(written):
    with suppress(QuantityError):
        assert isinstance(parse(written), Decimal)
