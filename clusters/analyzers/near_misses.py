"""Explains a selector that matches nothing by the labels that come closest to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from clusters.kubernetes.inventory import Resource
from clusters.kubernetes.selectors import Selector


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The object whose labels come closest, which wanted pairs differ, and how."""

    resource: Resource
    key: str  # the label key that differs
    wanted: str
    found: str | None  # the value there, or None where the key is absent
    other_key: str  # a key that carries the wanted value instead, or an empty string
    typo: bool  # so alike that a slip of the pen is the only likely reason

    @property
    def words(self) -> str:
        """Return the difference, as a sentence without its end."""
        if self.other_key:
            return f"{self.resource} carries {self.other_key}={self.wanted}, not {self.key}={self.wanted}"
        if self.found is None:
            return f"{self.resource} lacks {self.key}={self.wanted}, but carries the rest"
        return f"{self.resource} carries {self.key}={self.found}, not {self.key}={self.wanted}"


def nearest(selector: Selector, candidates: Iterable[Resource]) -> NearMiss | None:
    """Return the candidate that misses one wanted pair only, a slip of the pen first; None where none does."""
    wanted = selector.exact
    best: NearMiss | None = None
    for resource in candidates:
        missing = [key for key, value in wanted.items() if resource.labels.get(key) != value]
        if len(missing) != 1:
            continue
        miss = _compare(resource, missing[0], wanted[missing[0]])
        if not miss.typo and len(wanted) == 1:
            continue  # one pair, and nothing alike: that is no miss but another program
        if best is None or (miss.typo and not best.typo):
            best = miss
            if best.typo:
                return best
    return best


def _compare(resource: Resource, key: str, wanted: str) -> NearMiss:
    found = resource.labels.get(key)
    other_key = next((name for name, value in sorted(resource.labels.items()) if value == wanted), "")
    typo = bool(other_key and _same_tail(key, other_key)) or (found is not None and alike(found, wanted))
    return NearMiss(resource, key, wanted, found, other_key if _same_tail(key, other_key) else "", typo)


def _same_tail(key: str, other: str) -> bool:
    """Say whether two keys mean the same to a person, as `app` and `app.kubernetes.io/name` do."""
    names = {"app", "name", "k8s-app", "app.kubernetes.io/name"}
    return key.rpartition("/")[2].lower() == other.rpartition("/")[2].lower() or (
        key in names and other in names
    )


def alike(one: str, other: str) -> bool:
    """Say whether two values differ by case, by an affix, or by at most two letters in five or more."""
    if one.lower() == other.lower():
        return True
    shorter, longer = sorted((one.lower(), other.lower()), key=len)
    if len(shorter) >= 3 and longer.startswith((f"{shorter}-", f"{shorter}.")):
        return True
    return len(shorter) >= 4 and _distance(shorter, longer) <= (1 if len(shorter) < 6 else 2)


def _distance(one: str, other: str) -> int:
    """Return the edit distance with swaps of neighbours counted once; beyond 2 it may return 3."""
    if abs(len(one) - len(other)) > 2 or len(one) > 63 or len(other) > 63:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, target in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != target))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == target:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
