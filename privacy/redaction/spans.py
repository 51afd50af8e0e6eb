"""What a redaction is: typed spans, their placeholders, and how overlapping finds become one span."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

PLACEHOLDER = re.compile(r"\[redacted:[a-z0-9-]+\]")


class Category(StrEnum):
    """The families of what is taken out; a caller may ask for some of them only."""

    SECRET = "secret"  # noqa: S105 -- the name of a family, not a secret
    PERSONAL = "personal"


class Hit(NamedTuple):
    """A find, in bytes of the text that was scanned."""

    start: int
    end: int
    type: str
    rank: int = 50
    category: Category = Category.SECRET


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the input that was taken out; offsets in characters of the input."""

    type: str
    start: int
    end: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text with its secrets and personal data replaced, and where they stood in the input."""

    text: str
    spans: tuple[Span, ...]


def placeholder(kind: str) -> str:
    """Return what stands in place of a span; no rule matches it, so redaction is idempotent."""
    return f"[redacted:{kind}]"


def merged(hits: Iterable[Hit]) -> list[Hit]:
    """Sort the hits and join those that overlap; the joined one takes the type of the most telling.

    The union is taken, never the better of two: cutting a find short would leave a piece of a secret.
    """
    out: list[Hit] = []
    for hit in sorted(hits):
        if out and hit.start < out[-1].end:
            last = out[-1]
            best = min(last, hit, key=lambda one: (one.category != Category.SECRET, one.rank))
            out[-1] = Hit(last.start, max(last.end, hit.end), best.type, best.rank, best.category)
        else:
            out.append(hit)
    return out
