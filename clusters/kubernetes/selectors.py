"""Label selectors: `matchLabels` with `matchExpressions`, plain maps, and the text form of kubectl.

Source: `k8s.io/apimachinery/pkg/labels` (grammar and semantics: `notin` and `!=` also match an absent key).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clusters.kubernetes import fields

_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"(?:[a-z0-9](?:[-a-z0-9.]{{0,251}}[a-z0-9])?/)?{_NAME}", re.ASCII)
_VALUE = re.compile(rf"(?:{_NAME})?", re.ASCII)
_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")


class SelectorError(ValueError):
    """What was written is not a label selector; the message says where."""


class Operator(StrEnum):
    """How a requirement compares."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GREATER = "Gt"
    LESS = "Lt"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label key."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet this requirement."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return value in self.values
            case Operator.NOT_IN:
                return value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        try:
            have, want = int(value or ""), int(self.values[0])
        except (ValueError, IndexError):
            return False
        return have > want if self.operator is Operator.GREATER else have < want

    def __str__(self) -> str:
        many = f"({','.join(self.values)})"
        match self.operator:
            case Operator.IN:
                return f"{self.key}={self.values[0]}" if len(self.values) == 1 else f"{self.key} in {many}"
            case Operator.NOT_IN:
                return (
                    f"{self.key}!={self.values[0]}" if len(self.values) == 1 else f"{self.key} notin {many}"
                )
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"
        return f"{self.key}{'>' if self.operator is Operator.GREATER else '<'}{self.values[0]}"


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements together; with none it matches everything, as `selector: {}` does."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    @property
    def exact(self) -> dict[str, str]:
        """The pairs that a matching object must carry; an index can look them up."""
        return {
            wanted.key: wanted.values[0]
            for wanted in self.requirements
            if wanted.operator is Operator.IN and len(wanted.values) == 1
        }

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


def from_labels(labels: object) -> Selector | None:
    """Return the selector of a plain map (a Service's), or None where there is none: it then selects nothing."""
    pairs = fields.string_pairs(labels)
    if not pairs or len(pairs) != len(fields.mapping(labels)):
        return None
    return Selector(tuple(Requirement(key, Operator.IN, (value,)) for key, value in sorted(pairs.items())))


def from_object(label_selector: object) -> Selector | None:
    """Return the selector of a LabelSelector object, or None where it is absent or malformed (selects nothing)."""
    if not isinstance(label_selector, dict):
        return None
    pairs = fields.string_pairs(label_selector, "matchLabels")
    found = [Requirement(key, Operator.IN, (value,)) for key, value in sorted(pairs.items())]
    for entry in fields.sequence(label_selector, "matchExpressions"):
        key, operator = fields.text(entry, "key"), fields.text(entry, "operator")
        if not key or operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            return None
        values = tuple(value for value in fields.sequence(entry, "values") if isinstance(value, str))
        found.append(Requirement(key, Operator(operator), values))
    return Selector(tuple(found))


def parse(written: str) -> Selector:
    """Return the selector of its text form, as `app=shop,env!=dev,tier in (web,api),!legacy`.

    Raises SelectorError, with the place.
    """
    tokens = _Tokens(written)
    found: list[Requirement] = []
    while not tokens.done():
        if found:
            tokens.expect(",")
        found.append(_requirement(tokens))
    return Selector(tuple(found))


class _Tokens:
    def __init__(self, written: str) -> None:
        self._found = [(match.start(1), match.group(1)) for match in _TOKEN.finditer(written)]
        self._length = len(written)
        self._next = 0

    def done(self) -> bool:
        return self._next >= len(self._found)

    def peek(self) -> str:
        return "" if self.done() else self._found[self._next][1]

    def take(self) -> str:
        token = self.peek()
        self._next += 1
        return token

    def expect(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise self.error(f"expected {wanted!r}")
        self.take()

    def name(self, what: str, form: re.Pattern[str]) -> str:
        if form.fullmatch(self.peek()) is None or not self.peek():
            raise self.error(f"expected a label {what}")
        return self.take()

    def error(self, problem: str) -> SelectorError:
        place = self._length if self.done() else self._found[self._next][0]
        seen = f", found {self.peek()[:40]!r}" if self.peek() else ""
        return SelectorError(f"selector, column {place + 1}: {problem}{seen}")


def _requirement(tokens: _Tokens) -> Requirement:
    if tokens.peek() == "!":
        tokens.take()
        return Requirement(tokens.name("key", _KEY), Operator.DOES_NOT_EXIST)
    key = tokens.name("key", _KEY)
    sign = tokens.peek()
    if sign in ("", ","):
        return Requirement(key, Operator.EXISTS)
    if sign in ("=", "==", "!="):
        tokens.take()
        operator = Operator.NOT_IN if sign == "!=" else Operator.IN
        value = "" if tokens.peek() in ("", ",") else tokens.name("value", _VALUE)
        return Requirement(key, operator, (value,))
    if sign in ("in", "notin"):
        tokens.take()
        return Requirement(key, Operator.IN if sign == "in" else Operator.NOT_IN, tuple(_values(tokens)))
    if sign in ("<", ">"):
        tokens.take()
        if not tokens.peek().lstrip("-").isdecimal():
            raise tokens.error("expected a whole number")
        return Requirement(key, Operator.GREATER if sign == ">" else Operator.LESS, (tokens.take(),))
    raise tokens.error("expected =, ==, !=, in, notin, < or >")


def _values(tokens: _Tokens) -> Iterator[str]:
    tokens.expect("(")
    while True:
        yield "" if tokens.peek() in (",", ")") else tokens.name("value", _VALUE)
        if tokens.peek() == ")":
            tokens.take()
            return
        tokens.expect(",")
