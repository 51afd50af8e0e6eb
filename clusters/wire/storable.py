"""What a database can't hold is taken out of a projection: NULs, impossible times, names longer than names are."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from clusters.wire.errors import MalformedObject

_NUL = b"\\u0000"
_NAME = 253
_NAMESPACE = 63
_FIRST, _LAST = 1970, 9998


def settle(root: Any) -> None:
    """Refuses names that no API server gives, and leaves out a creation time that is no time.

    Raises MalformedObject.
    """
    meta = root.metadata
    if len(meta.name or "") > _NAME:
        raise MalformedObject("metadata.name", "longer than 253 characters")
    if len(meta.namespace or "") > _NAMESPACE:
        raise MalformedObject("metadata.namespace", "longer than 63 characters")
    if meta.creation_timestamp is not None and not is_time(meta.creation_timestamp):
        meta.creation_timestamp = None


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Whether a text is an instant that PostgreSQL and Python both hold."""
    try:
        return _FIRST <= datetime.fromisoformat(text).year <= _LAST
    except ValueError:
        return False


def without_nul(body: bytes) -> bytes:
    """The same JSON with U+FFFD for each NUL, which jsonb refuses; costs one search where there is none."""
    if _NUL not in body:
        return body
    return msgspec.json.encode(_replaced(msgspec.json.decode(body)), order="sorted")


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub("\\0", "\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_replaced(inner) for inner in value]
    if isinstance(value, dict):
        return {_replaced(key): _replaced(inner) for key, inner in value.items()}
    return value
