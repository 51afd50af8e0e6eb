"""Finds which rules can match where: all hints at once by hyperscan, or by re2 where it has no wheel."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import re2

from privacy.redaction.rules import HINT_WIDTH, Rule, compiled
from privacy.redaction.spans import Hit

CHUNK = 4096


class Prefilter(Protocol):
    """Tells which hints occur in a piece of text, each at most once."""

    def present(self, piece: bytes) -> Sequence[int]: ...


class Hyperscan:
    """All hints in one pass with Intel's automata; reports each hint once a piece, so that a hostile
    text can't cost a callback a byte.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        import hyperscan  # noqa: PLC0415 -- has no wheel on every platform

        flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[rule.hint for rule in rules],
            ids=list(range(len(rules))),
            elements=len(rules),
            flags=[flags | (hyperscan.HS_FLAG_CASELESS if rule.caseless else 0) for rule in rules],
        )
        self._scratch = hyperscan.Scratch(self._database)
        self._local = threading.local()  # a scratch space serves one scan at a time

    def present(self, piece: bytes) -> Sequence[int]:
        found: list[int] = []
        try:
            scratch = self._local.scratch
        except AttributeError:
            scratch = self._local.scratch = self._scratch.clone()
        self._database.scan(piece, _note, context=found, scratch=scratch)
        return found


def _note(rule: int, _start: int, _end: int, _flags: int, found: Any) -> None:
    found.append(rule)


class Re2Set:
    """The same from re2: one automaton over all hints."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.log_errors = False
        options.max_mem = 256 << 20
        self._set = re2.Set.SearchSet(options)
        for rule in rules:
            self._set.Add((b"(?si)" if rule.caseless else b"(?s)") + rule.hint)
        self._set.Compile()

    def present(self, piece: bytes) -> Sequence[int]:
        return self._set.Match(piece) or ()


def prefilter(rules: Sequence[Rule]) -> Prefilter:
    """Return the fastest prefilter that this machine has."""
    try:
        return Hyperscan(rules)
    except ImportError:
        return Re2Set(rules)


class Scanner:
    """Runs a list of rules over a text.

    Each rule's expression sees each byte at most once, in regions around the pieces that hold its hint;
    so the time is at most (bytes x rules), whatever the text.
    """

    def __init__(self, rules: Sequence[Rule], engine: type[Hyperscan] | type[Re2Set] | None = None) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: not rule.literal))
        literal = [rule for rule in self.rules if rule.literal]
        self._prefilter = engine(literal) if engine else prefilter(literal)
        shapes = self.rules[len(literal) :]
        self._shapes = compiled(
            b"|".join((b"(?i:" if rule.caseless else b"(?:") + rule.hint + b")" for rule in shapes) or b"^$^"
        )
        self._shaped = range(len(literal), len(self.rules))

    def hinted(self, data: bytes) -> bool:
        """Say whether any rule could match."""
        return any(True for _ in self._hints(data))

    def hits(self, data: bytes) -> list[Hit]:
        """Return all finds, unsorted and possibly overlapping."""
        regions: dict[int, list[tuple[int, int]]] = {}
        for index, start in self._hints(data):
            rule = self.rules[index]
            first, last = max(0, start - rule.before), start + CHUNK + HINT_WIDTH + rule.after
            known = regions.setdefault(index, [])
            if known and first <= known[-1][1]:
                known[-1] = (known[-1][0], last)
            else:
                known.append((first, last))
        found: list[Hit] = []
        for index, parts in regions.items():
            for first, last in parts:
                found.extend(search(self.rules[index], data, first, min(last, len(data))))
        return found

    def _hints(self, data: bytes) -> Iterator[tuple[int, int]]:
        for start in range(0, len(data), CHUNK):
            for index in self._prefilter.present(data[start : start + CHUNK + HINT_WIDTH]):
                yield index, start
            if any(True for _ in self._shapes.finditer(data, start, start + CHUNK + HINT_WIDTH)):
                for index in self._shaped:
                    yield index, start


def search(rule: Rule, data: bytes, start: int, stop: int) -> Iterator[Hit]:
    """Yield the finds of one rule in a region; a find is never searched again from its inside."""
    position = start
    while position < stop:
        for match in rule.expression.finditer(data, position, stop):
            hit = rule.judge(data, match)
            if hit is None or hit.end <= hit.start:
                continue
            yield hit
            if hit.end > match.span()[1]:
                position = hit.end
                break
        else:
            return
