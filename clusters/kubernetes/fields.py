"""Reads fields out of objects whose shape nobody has checked: a wrong type reads as absent, never as an error.

Objects come from files, from an agent and from people's tests, as manifests or as projections, so every reader
here takes any JSON value and a path into it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]


def dig(value: object, *path: str | int) -> Any:
    """Return what stands at the path, or None where the path leads nowhere."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def mapping(value: object, *path: str | int) -> Object:
    """Return the mapping at the path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, dict) else {}


def sequence(value: object, *path: str | int) -> list[Any]:
    """Return the list at the path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, list) else []


def indexed(value: object, *path: str | int) -> Iterator[tuple[int, Object]]:
    """Yield the mappings of the list at the path with their index, which evidence paths need."""
    for index, item in enumerate(sequence(value, *path)):
        if isinstance(item, dict):
            yield index, item


def text(value: object, *path: str | int) -> str:
    """Return the string at the path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def integer(value: object, *path: str | int, default: int = 0) -> int:
    """Return the whole number at the path, or the default; true and false are no numbers."""
    found = dig(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    if isinstance(found, float) and found.is_integer():
        return int(found)
    return default


def moment(value: object, *path: str | int) -> datetime | None:
    """Return the RFC 3339 time at the path in UTC, or None."""
    found = dig(value, *path)
    if isinstance(found, str):
        return _parse_time(found)
    if isinstance(found, datetime):  # a YAML loader that resolves timestamps
        return found.replace(tzinfo=found.tzinfo or UTC)
    return None


@lru_cache(maxsize=65_536)
def _parse_time(written: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(written)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def string_pairs(value: object, *path: str | int) -> dict[str, str]:
    """Return the pairs of text of the mapping at the path, as labels, annotations and plain selectors are."""
    found = mapping(value, *path)
    if all(type(key) is str and type(entry) is str for key, entry in found.items()):
        return found
    return {key: entry for key, entry in found.items() if isinstance(key, str) and isinstance(entry, str)}


def condition(value: object, kind: str, *path: str) -> tuple[int, Object] | None:
    """Return index and body of the status condition of that type; `path` leads to the list."""
    for index, entry in indexed(value, *(path or ("status", "conditions"))):
        if entry.get("type") == kind:
            return index, entry
    return None
