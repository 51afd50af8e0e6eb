from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from clusters.kubernetes import fields

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_dig_follows_mappings_and_lists():
    body = {"status": {"conditions": [{"type": "Ready"}]}}
    assert fields.dig(body, "status", "conditions", 0, "type") == "Ready"
    assert fields.dig(body, "status", "conditions", 4, "type") is None
    assert fields.dig(body, "status", "conditions", "type") is None


def test_moment_reads_rfc_3339_with_its_zone():
    assert fields.moment("2026-11-24T10:24:30Z") == datetime(2026, 11, 24, 10, 24, 30, tzinfo=UTC)
    assert fields.moment("2026-11-24T11:24:30.5+01:00") == datetime(
        2026, 11, 24, 10, 24, 30, 500_000, tzinfo=UTC
    )
    assert fields.moment("0001-01-01T00:00:00+14:00") is None
    assert fields.moment("yesterday") is None
    assert fields.moment(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)  # noqa: DTZ001 -- as YAML gives it


def test_integer_takes_no_booleans():
    assert fields.integer(True, default=4) == 4
    assert fields.integer(3.0) == 3
    assert fields.integer("3", default=1) == 1


def test_condition_gives_index_and_body():
    body = {"status": {"conditions": [None, {"type": "A"}, {"type": "Ready", "status": "True"}]}}
    assert fields.condition(body, "Ready") == (2, {"type": "Ready", "status": "True"})
    assert fields.condition(body, "Other") is None


@given(anything)
def test_readers_take_any_json_value(value):
    assert isinstance(fields.mapping(value, "a"), dict)
    assert isinstance(fields.sequence(value, "a", 0), list)
    assert isinstance(fields.text(value, "a"), str)
    assert isinstance(fields.integer(value), int)
    assert isinstance(fields.string_pairs(value), dict)
    assert all(isinstance(entry, dict) for _, entry in fields.indexed(value))
    fields.moment(value)
    fields.condition(value, "Ready")
