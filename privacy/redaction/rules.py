"""The frame of a rule: a cheap hint for the prefilter, a linear expression, and a judge of what matched."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import re2

from privacy.redaction.spans import Category, Hit


class Match(Protocol):
    """What the rules use of a match, of re2's or the standard library's."""

    def span(self, group: int = 0, /) -> tuple[int, int]: ...


class Pattern(Protocol):
    """What the rules use of a compiled expression."""

    def finditer(self, text: bytes, pos: int = 0, endpos: int = ..., /) -> Iterator[Match]: ...


Judge = Callable[[bytes, Match], Hit | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for.

    `hint` must occur within `HINT_WIDTH` bytes in every text that the rule could match: the prefilter
    looks for all hints at once, and `expression` runs only where one was found. `before` and `after`
    are how far from the hint a match may reach.
    """

    type: str
    hint: bytes
    expression: Pattern
    judge: Judge
    before: int = 256
    after: int = 1024
    category: Category = Category.SECRET
    caseless: bool = True  # of the hint
    literal: bool = True  # the hint holds some text; without any, re2 finds it faster than hyperscan


HINT_WIDTH = 160


def compiled(expression: bytes) -> Pattern:
    """Compile with re2, whose matching time is linear in the text whatever the expression."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 64 << 20
    return cast("Pattern", re2.compile(expression, options=options))


# Letters that the escape before them left behind: in "\nAKIA…" the n belongs to the escape.
ESCAPE = re.compile(rb"(?:\\[nrtbf]|\\u00[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}|\x1b\[[0-9;]*m)\Z")
WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def starts_word(data: bytes, start: int) -> bool:
    """Say whether no letter or digit stands before `start`, other than the end of an escape."""
    if start == 0 or data[start - 1] not in WORD or data[start] not in WORD:
        return True
    return ESCAPE.search(data, max(0, start - 8), start) is not None


def whole(kind: str, *, rank: int = 20, category: Category = Category.SECRET, group: int = 0) -> Judge:
    """Make a judge that takes the group as it stands, if the match begins a word."""

    def judge(data: bytes, match: Match) -> Hit | None:
        start, end = match.span(group)
        if not starts_word(data, match.span()[0]):
            return None
        return Hit(start, end, kind, rank, category)

    return judge


def rule(
    kind: str,
    expression: bytes,
    *,
    hint: bytes,
    judge: Judge | None = None,
    group: int = 0,
    before: int = 256,
    after: int = 1024,
    rank: int = 20,
    category: Category = Category.SECRET,
    caseless: bool = True,
    literal: bool = True,
) -> Rule:
    """Make a rule from its expression; without a judge the match (or its group) is taken whole."""
    judge = judge or whole(kind, rank=rank, category=category, group=group)
    return Rule(kind, hint, compiled(expression), judge, before, after, category, caseless, literal)
