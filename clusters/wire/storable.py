"""What a database can't hold is taken out of a projection: NULs, impossible times, names longer than names are."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from clusters.wire.errors import MalformedObject
from clusters.wire.session import Session

_NUL = b"\\u0000"
_NAME = 253
_NAMESPACE = 63
_FIRST, _LAST = 1970, 9998
_LONGEST_TIME = 40
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def settle(root: Any, session: Session) -> None:
    """Refuses names that no API server gives, and leaves out such a node's: they are columns of an index.

    Raises MalformedObject.
    """
    meta = root.metadata
    if len(meta.name or "") > _NAME:
        raise MalformedObject("metadata.name", "longer than 253 characters")
    if len(meta.namespace or "") > _NAMESPACE:
        raise MalformedObject("metadata.namespace", "longer than 63 characters")
    node = getattr(getattr(root, "spec", None), "node_name", None)
    if node is not None and len(node) > _NAME:
        root.spec.node_name = None
        session.rejected.append("spec.nodeName")


class Instants:
    """The shape of an instant that PostgreSQL and Python both hold, used like a compiled pattern."""

    @staticmethod
    def fullmatch(text: str) -> bool | None:
        """True where the text is such an instant, else None as of a pattern."""
        # Longer text must not fill the cache: nothing that long is a time.
        return _instant(text) if len(text) <= _LONGEST_TIME else None


@lru_cache(maxsize=32_768)
def _instant(text: str) -> bool | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return True if _FIRST <= datetime.fromisoformat(text).year <= _LAST else None
    except ValueError:
        return None


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
