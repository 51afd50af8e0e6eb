"""metadata.managedFields: who set which field last, as server-side field management records it."""

from typing import Any

from clusters.simulator.apiserver.patches import list_keys
from clusters.simulator.apiserver.store import Object

Fields = dict[str, Any]

_UNTRACKED = frozenset({"apiVersion", "kind"})
_UNTRACKED_METADATA = frozenset({
    "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
    "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
})  # fmt: skip


def _item_name(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    inside = ",".join(
        f'"{key}":{item[key]}' if isinstance(item[key], int) else f'"{key}":"{item[key]}"'
        for key in sorted(keys)
        if key in item
    )
    return f"k:{{{inside}}}"


def fields_of(value: Any, field: str = "") -> Fields:
    """The FieldsV1 set of a value: nested maps and keyed lists open up, everything else is a leaf."""
    if isinstance(value, dict):
        return {f"f:{key}": fields_of(inner, key) for key, inner in value.items()}
    if isinstance(value, list) and (keys := list_keys(field, value)):
        return {_item_name(item, keys): {".": {}, **fields_of(item)} for item in value}
    return {}


def _tracked(obj: Object) -> dict[str, Any]:
    kept = {key: value for key, value in obj.items() if key not in _UNTRACKED and key != "metadata"}
    metadata = {k: v for k, v in obj.get("metadata", {}).items() if k not in _UNTRACKED_METADATA}
    return {"metadata": metadata, **kept} if metadata else kept


def _changed(old: Any, new: Any, field: str = "") -> Fields | None:
    """The fields of `new` whose value isn't that of `old`; None when none differs."""
    if old == new:
        return None
    if isinstance(new, dict) and isinstance(old, dict):
        found = {f"f:{key}": _changed(old.get(key), value, key) for key, value in new.items()}
        return {key: inner for key, inner in found.items() if inner is not None} or None
    if isinstance(new, list) and isinstance(old, list) and (keys := list_keys(field, new)):
        before = {_item_name(item, keys): item for item in old if isinstance(item, dict)}
        named = ((_item_name(item, keys), item) for item in new)
        parts = {name: _changed(before.get(name), item) for name, item in named}
        return {name: inner for name, inner in parts.items() if inner is not None} or None
    return fields_of(new, field)


def _union(one: Fields, other: Fields) -> Fields:
    merged = dict(one)
    for key, inner in other.items():
        merged[key] = _union(merged[key], inner) if key in merged else inner
    return merged


def _without(one: Fields, taken: Fields) -> Fields:
    left: Fields = {}
    for key, inner in one.items():
        if key not in taken:
            left[key] = inner
        elif inner and taken[key]:
            rest = _without(inner, taken[key])
            if any(name != "." for name in rest):
                left[key] = rest
    return left


def record(
    old: Object | None, new: Object, *, manager: str, operation: str, subresource: str, at: str
) -> None:
    """Write into `new` who manages what after this write; nothing when no tracked field changed."""
    entries: list[dict[str, Any]] = list((old or {}).get("metadata", {}).get("managedFields", ()))
    changed = _changed(_tracked(old), _tracked(new)) if old is not None else fields_of(_tracked(new))
    if not changed:
        if entries:
            new["metadata"]["managedFields"] = entries
        return
    kept: list[dict[str, Any]] = []
    mine: Fields = {}
    for entry in entries:
        if (entry["manager"], entry["operation"], entry.get("subresource", "")) == (
            manager,
            operation,
            subresource,
        ):
            mine = entry["fieldsV1"]
        elif rest := _without(entry["fieldsV1"], changed):
            kept.append(dict(entry, fieldsV1=rest))
    entry = {
        "manager": manager, "operation": operation, "apiVersion": new["apiVersion"], "time": at,
        "fieldsType": "FieldsV1", "fieldsV1": _union(mine, changed),
    }  # fmt: skip
    if subresource:
        entry["subresource"] = subresource
    new["metadata"]["managedFields"] = [*kept, entry]
