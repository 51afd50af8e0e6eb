from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.simulator.apiserver.store import ExpiredError, Store

_WRITES = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 3) | st.none()), max_size=40)


def _obj(name: str, value: int = 0, namespace: str = "x") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, "value": value}


def _apply(store: Store, writes: list[tuple[str, int | None]]) -> dict[int, dict[str, int]]:
    """The content at each version, as a plain dictionary tells it."""
    content: dict[str, int] = {}
    at = {store.rv: {}}
    for name, value in writes:
        if value is None:
            store.remove("things", "x", name)
            content.pop(name, None)
        else:
            store.write("things", _obj(name, value))
            content[name] = value
        at[store.rv] = dict(content)
    return at


@given(_WRITES)
def test_snapshot_shows_what_stood_at_each_version(writes: list[tuple[str, int | None]]) -> None:
    store = Store()
    for rv, content in _apply(store, writes).items():
        found = store.snapshot("things", rv)
        assert {record.obj["metadata"]["name"]: record.obj["value"] for record in found.records} == content
        assert found.keys == sorted(found.keys)


@given(_WRITES, st.data())
def test_changes_since_a_version_lead_to_the_current_content(
    writes: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    store = Store()
    at = _apply(store, writes)
    rv = data.draw(st.sampled_from(sorted(at)))
    content = dict(at[rv])
    for change in store.collection("things").since(rv):
        if change.type == "DELETED":
            del content[change.key[1]]
        else:
            content[change.key[1]] = change.record.obj["value"]
    assert content == at[max(at)]


def test_write_of_the_same_content_takes_no_version() -> None:
    store = Store()
    store.write("things", _obj("a", 1))
    rv = store.rv
    store.write("things", _obj("a", 1))
    assert store.rv == rv


def test_history_beyond_the_window_is_expired() -> None:
    store = Store(window=3)
    for value in range(6):
        store.write("things", _obj("a", value))
    assert [change.record.obj["value"] for change in store.collection("things").since(store.rv - 3)] == [
        3,
        4,
        5,
    ]
    with pytest.raises(ExpiredError):
        store.collection("things").since(store.rv - 4)
    with pytest.raises(ExpiredError):
        store.snapshot("things", store.rv - 4)


def test_compaction_expires_all_older_versions_and_keeps_the_content() -> None:
    store = Store()
    store.write("things", _obj("a"))
    before = store.rv
    store.compact()
    with pytest.raises(ExpiredError):
        store.collection("things").since(before)
    assert [record.obj["metadata"]["name"] for record in store.snapshot("things").records] == ["a"]


def test_span_holds_one_namespace_only() -> None:
    store = Store()
    for namespace in ("a", "ab", "b"):
        store.write("things", _obj("one", namespace=namespace))
    found = store.snapshot("things")
    first, end = found.span("a")
    assert found.keys[first:end] == [("a", "one")]


def test_owned_follows_the_owner_references() -> None:
    store = Store()
    child = _obj("child")
    child["metadata"]["ownerReferences"] = [{"uid": "u1"}]
    store.write("things", child)
    assert [obj["metadata"]["name"] for obj in store.owned("u1")] == ["child"]
    store.remove("things", "x", "child")
    assert store.owned("u1") == []
