"""Malformed input gives the declared error and nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.wire.errors import MalformedObject
from clusters.wire.projection import project, resources
from tests.clusters.wire.maximal import maximal
from tests.clusters.wire.objects import KEY

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
KNOWN = st.sampled_from(
    ["metadata", "spec", "status", "containers", "template", "env", "name", "value", "labels", "uid"]
)
OBJECTS = st.recursive(
    JSON, lambda inner: st.dictionaries(KNOWN, inner, max_size=4) | st.lists(inner, max_size=2), max_leaves=12
)


@settings(max_examples=200, deadline=None)
@given(
    resource=st.sampled_from(resources()),
    raw=st.binary(max_size=200) | OBJECTS.map(json.dumps).map(str.encode),
)
def test_anything_gives_a_projection_or_the_declared_error(resource, raw):
    try:
        one = project(resource, raw, marker_key=KEY)
    except MalformedObject:
        return
    assert project(resource, one.json, marker_key=None).json == one.json


@settings(max_examples=100, deadline=None)
@given(resource=st.sampled_from(resources()), texts=st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_any_text_in_any_position_is_stable(resource, texts):
    state = iter(range(1 << 20))
    raw = json.dumps(maximal(resource, lambda _: texts[next(state) % len(texts)])).encode()
    try:
        one = project(resource, raw, marker_key=KEY)
    except MalformedObject:
        return
    again = project(resource, one.json, marker_key=None)
    assert (again.json, again.rejected) == (one.json, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"{", b'"x"', b"\xff\xfe", b'{"metadata":{"name":"\\ud800","uid":"a"}}',
        b'{"metadata":{"name":"a","uid":"a","generation":1e999}}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"metadata":{"name":"a","uid":"a","managedFields":[{"fieldsV1":' + b'{"f:a":' * 5_000 + b"{}" + b"}" * 5_000 + b"}]}}",
        b'{"metadata":{"name":"a","uid":"a","generation":' + b"9" * 500 + b"}}",
    ],
)  # fmt: skip
def test_hostile_bytes_are_refused_or_survived(raw):
    try:
        assert project("pods", raw, marker_key=None).uid == "a"
    except MalformedObject:
        return
