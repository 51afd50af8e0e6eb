"""Markers: buckets, flags, HMACs, the hint about credentials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.wire import markers
from clusters.wire.markers import Marked, Marker

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (0, "0"),
        (1, "1-8"),
        (8, "1-8"),
        (9, "9-16"),
        (17, "17-64"),
        (65, "65-256"),
        (257, "257-1024"),
        (1025, "1025+"),
    ],
)
def test_bucket_has_its_bounds(length, name):
    assert markers.bucket(length) == name
    assert name in markers.LENGTHS


@pytest.mark.parametrize(
    ("argument", "flag"),
    [
        ("--token=abc", "--token"),
        ("--verbose", "--verbose"),
        ("--leader.elect-x_y", "--leader.elect-x_y"),
        ("--enableFoo=1", "--enableFoo"),
        ("-p", "-p"),
        ("-phunter2", "-p"),
        ("-Dspring.datasource.password=hunter2", "-Dspring.datasource.password"),
        ("-Dhunter2", "-D"),
        ("hunter2", None),
        ("--", None),
        ("-", None),
        ("", None),
        ("-----BEGIN PRIVATE KEY-----", None),
        ("--ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dE4fG6", None),
        ("--AKIAIOSFODNN7EXAMPLE=x", None),
        ("--4111111111111111", None),
        ("--a" + "b" * 200, None),
        ("--two words=x", None),
    ],
)
def test_flag_keeps_a_name_and_never_a_value(argument, flag):
    assert markers.flag_of(argument) == flag


@pytest.mark.parametrize(
    ("name", "value", "credential"),
    [
        ("DB_PASSWORD", "x", True),
        ("DATABASE_URL", "db", True),
        ("ENDPOINT", "https://user:pass@host/", True),
        ("X", "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dE4fG6", True),
        ("X", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", True),
        ("MODE", "fast", False),
        ("TOKEN_ENABLED", "true", False),
        ("PASSWORD_LENGTH", "12", False),
        ("PASSWORD", "", False),
    ],
)
def test_looks_like_credential_is_a_hint_by_name_and_shape(name, value, credential):
    assert markers.looks_like_credential(name, value) is credential


def test_mark_without_key_has_no_hmac():
    assert markers.mark("fast", key=None) == Marker(Marked("1-8", credential=False, hmac=None))


@given(value=st.text(max_size=50) | st.just("\ud800"), other=st.text(max_size=50))
def test_hmac_shows_a_change_and_nothing_else(value, other):
    one = markers.mark(value, key=KEY, name="A").marked.hmac
    assert (one == markers.mark(other, key=KEY, name="A").marked.hmac) is (value == other)
    assert one != markers.mark(value, key=b"another", name="A").marked.hmac
    assert markers.is_valid(markers.mark(value, key=KEY))


def test_replacement_keeps_only_what_is_closed():
    forged = Marker(Marked("hunter2", credential=True, hmac="hunter2"), flag="hunter2")
    assert not markers.is_valid(forged)
    assert markers.replacement(forged) == Marker(Marked("unknown", credential=True))
    assert markers.is_valid(markers.replacement(forged))
