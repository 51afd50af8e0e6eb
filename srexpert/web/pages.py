"""Keyset pages: a list loads what it shows and one row more, however far down it is."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


class BadCursor(ValueError):
    """The cursor in the address wasn't made by us."""


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the cursor of the next ones (empty at the end)."""

    rows: list[M]
    next_cursor: str


def _encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _no_number(name: str) -> float:
    """NaN and Infinity are no values of any column."""
    raise ValueError(name)


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(text, parse_constant=_no_number)
    except (ValueError, UnicodeDecodeError) as error:
        raise BadCursor("that page does not exist") from error
    if not isinstance(values, list) or len(values) != length or "\\u0000" in json.dumps(values):
        raise BadCursor("that page does not exist")
    return values


def keyset(queryset: QuerySet[M], *, order: list[str], cursor: str = "", size: int = 50) -> Page[M]:
    """The page of `queryset` after `cursor`, in `order` (field names, `-` for descending; the last unique).

    Never counts and never skips rows by OFFSET. Raises BadCursor for a cursor that isn't ours.
    """
    try:
        if cursor:
            queryset = queryset.filter(_after(order, _decode(cursor, len(order))))
        rows = list(queryset.order_by(*order)[: size + 1])
    except BadCursor:
        raise
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise BadCursor("that page does not exist") from error
    more = len(rows) > size
    rows = rows[:size]
    last = [_value(rows[-1], name.lstrip("-")) for name in order] if more else []
    return Page(rows, _encode(last) if more else "")


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _after(order: list[str], values: list[Any]) -> Q:
    """The lexicographic 'greater than' over the order's fields."""
    condition = Q()
    for position in range(len(order)):
        step = Q()
        for name, value in zip(order[:position], values[:position], strict=True):
            step &= Q(**{name.lstrip("-"): value})
        name, value = order[position], values[position]
        comparison = "lt" if name.startswith("-") else "gt"
        step &= Q(**{f"{name.lstrip('-')}__{comparison}": value})
        condition |= step
    return condition
