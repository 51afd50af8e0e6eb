"""The patch formats of the API: JSON merge patch, JSON patch, and strategic merge patch.

Strategic merge merges lists of objects by the key that the API's types declare for that list; the keys here are
those of the served kinds. Server-side apply is taken as a strategic merge by its field manager.
"""

from typing import Any

import jsonpatch
import jsonpointer

from clusters.simulator.apiserver import statuses

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

# The merge key of each list of objects, by the field's name; a list that isn't named is replaced whole.
_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",), "initContainers": ("name",), "ephemeralContainers": ("name",), "env": ("name",),
    "volumes": ("name",), "volumeMounts": ("mountPath",), "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",), "hostAliases": ("ip",), "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",), "conditions": ("type",), "webhooks": ("name",), "secrets": ("name",),
    "addresses": ("type",), "resourceClaims": ("name",), "schedulingGates": ("name",),
}  # fmt: skip
_MERGED_SCALARS = frozenset({"finalizers"})


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386: objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def json_patch(target: dict[str, Any], patch: Any) -> dict[str, Any]:
    """RFC 6902.

    Raises ApiError (422) when an operation can't be applied or a test fails.
    """
    try:
        patched: dict[str, Any] = jsonpatch.JsonPatch(patch).apply(target)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError) as wrong:
        raise statuses.bad_patch() from wrong
    return patched


def list_keys(field: str, items: list[Any]) -> tuple[str, ...]:
    """The keys that tell the items of this list apart; empty for a list that counts as one value."""
    if not items or not all(isinstance(item, dict) for item in items):
        return ()
    if field == "ports":  # containers' and services' ports are both called so, with different keys
        inside = "containerPort" if "containerPort" in items[0] else "port"
        return (inside, "protocol") if all(inside in item for item in items) else ()
    return _MERGE_KEYS.get(field, ())


def strategic(target: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """Strategic merge patch, with its directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList`, `$setElementOrder`."""
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    merged = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        merged = {key: value for key, value in merged.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.split("/", 1)[1]
            merged[field] = [item for item in merged.get(field) or [] if item not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            _merge_object(merged, key, value)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            merged[key] = _merge_list(key, merged.get(key) or [], value, order)
        else:
            merged[key] = value
    return merged


def _merge_object(merged: dict[str, Any], key: str, value: dict[str, Any]) -> None:
    if value.get("$patch") == "delete":
        merged.pop(key, None)
    else:
        merged[key] = strategic(merged.get(key), value)


def _merge_list(field: str, current: list[Any], patch: list[Any], order: list[Any] | None) -> list[Any]:
    if field in _MERGED_SCALARS:
        return current + [item for item in patch if item not in current]
    entries = [item for item in patch if not (isinstance(item, dict) and item.get("$patch") == "replace")]
    keys = list_keys(field, [*current, *(e for e in entries if isinstance(e, dict) and set(e) - {"$patch"})])
    if not keys or len(entries) < len(patch):
        return [strategic({}, item) if isinstance(item, dict) else item for item in entries]
    merged = list(current)
    for entry in entries:
        at = next((i for i, item in enumerate(merged) if _same(item, entry, keys)), None)
        if entry.get("$patch") == "delete":
            if at is not None:
                merged.pop(at)
        elif at is None:
            merged.append(strategic({}, entry))
        else:
            merged[at] = strategic(merged[at], entry)
    return _ordered(merged, entries if order is None else order, keys, len(current))


def _ordered(merged: list[Any], named: list[Any], keys: tuple[str, ...], known: int) -> list[Any]:
    """Items that the patch names, in its order, woven into the others as the API server does.

    Another item goes before a named one only if both stood in the list before, in that order.
    """
    found = ((i, item) for entry in named for i, item in enumerate(merged) if _same(item, entry, keys))
    ours = list(found)
    others = [(i, item) for i, item in enumerate(merged) if i not in {place for place, _ in ours}]
    woven: list[Any] = []
    while ours and others:
        stood_before = others[0][0] < ours[0][0] < known
        woven.append((others if stood_before else ours).pop(0)[1])
    return woven + [item for _, item in ours + others]


def _same(item: dict[str, Any], entry: dict[str, Any], keys: tuple[str, ...]) -> bool:
    # A patch may leave out the protocol, whose default makes it part of the key all the same.
    return all(item.get(key, "TCP") == entry.get(key, "TCP" if key == "protocol" else None) for key in keys)
