"""Objects of any shape must be judged without an error: a wrong type reads as absent."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.analyzers import diagnose
from clusters.analyzers.main import main
from tests.clusters.analyzers.objects import NOW
from tests.clusters.analyzers.snapshots import HEALTHY, SICK

SNAPSHOTS = [build()[0] for build in SICK.values()] + [build() for build in HEALTHY.values()]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.just("2026-11-24T10:24:30Z")
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.just("name"), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = sorted({body["kind"] for objects in SNAPSHOTS for body in objects})
WORDS = sorted(
    {
        key
        for objects in SNAPSHOTS
        for body in objects
        for part in (body, body.get("spec", {}), body.get("status", {}))
        for key in part
    }
)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, entry in entries:
        yield from places(entry, (*path, key))


def put(value, path, new):
    if not path:
        return new
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_snapshot_with_a_few_wrong_values_is_judged_all_the_same(data):
    objects = copy.deepcopy(data.draw(st.sampled_from(SNAPSHOTS)))
    for _ in range(data.draw(st.integers(1, 5))):
        where = data.draw(st.sampled_from(list(places(objects))[1:]))
        try:
            put(objects, where, data.draw(anything))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier change has taken that place away
    findings = diagnose(objects, NOW)
    json.dumps([finding.as_json() for finding in findings])
    assert findings == diagnose(copy.deepcopy(objects), NOW)


objects_of_words = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "metadata": st.fixed_dictionaries({"name": st.sampled_from("ab"), "namespace": anything}),
    },
    optional={
        word: st.recursive(
            scalars,
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
            ),
            max_leaves=6,
        )
        for word in ("spec", "status", "subsets", "endpoints", "apiVersion", "message", "involvedObject")
    },
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(objects_of_words, max_size=6))
def test_objects_of_the_right_words_and_the_wrong_types_are_judged(objects):
    json.dumps([finding.as_json() for finding in diagnose(objects, NOW)])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_file_is_read_or_refused_in_one_line(content, tmp_path, capsys):
    file = tmp_path / "input.yaml"
    file.write_bytes(content)
    code = main([str(file)])
    told = capsys.readouterr().err
    assert code in (0, 2)
    assert told.count("\n") == (1 if code else 0)
