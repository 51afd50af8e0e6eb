"""How two texts differ, as lines for the diff component: unified, with the changed words marked and the unchanged rest folded."""

import difflib
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from django.utils.translation import ngettext

Pieces = list[tuple[str, bool]]
# A word, a run of spaces, or a single sign: versions change by their parts, so `1.42.0` against `1.42.1` marks whole values.
_WORDS = re.compile(r"[\w.+-]+|\s+|.")


class Line(NamedTuple):
    """One line: its kind, its numbers before and after (from 1), and its text in pieces (text, changed)."""

    kind: Literal["same", "out", "in", "skip"]
    old: int | None
    new: int | None
    pieces: Pieces


_MOST_WORDS = 200


def compare(before: str, after: str, *, context: int = 3) -> list[Line]:
    """The differing lines of two texts with `context` lines around; longer unchanged runs become one `skip` line."""
    old, new = before.splitlines(), after.splitlines()
    groups = list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context))
    lines: list[Line] = []
    reached = 0
    for group in groups:
        lines += _skipped(group[0][1] - reached)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [
                    Line("same", i1 + n + 1, j1 + n + 1, [(old[i1 + n], False)]) for n in range(i2 - i1)
                ]
            else:
                lines += _changed(old[i1:i2], new[j1:j2], i1, j1)
        reached = group[-1][2]
    return lines + (_skipped(len(old) - reached) if groups else [])


def _skipped(count: int) -> list[Line]:
    if count <= 0:
        return []
    text = ngettext("%(count)d unchanged line", "%(count)d unchanged lines", count) % {"count": count}
    return [Line("skip", None, None, [(text, False)])]


def _changed(old: list[str], new: list[str], old_start: int, new_start: int) -> Iterator[Line]:
    pairs = [_words(before, after) for before, after in zip(old, new, strict=False)]
    for number, text in enumerate(old):
        pieces = pairs[number][0] if number < len(pairs) else [(text, False)]
        yield Line("out", old_start + number + 1, None, pieces)
    for number, text in enumerate(new):
        pieces = pairs[number][1] if number < len(pairs) else [(text, False)]
        yield Line("in", None, new_start + number + 1, pieces)


def _words(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Both lines in pieces; lines with little in common aren't marked word by word, since all of them changed."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:  # the comparison of words is quadratic
        return [(before, False)], [(after, False)]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:  # below, marks hide more than they show
        return [(before, False)], [(after, False)]
    left: Pieces = []
    right: Pieces = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        _append(left, "".join(old[i1:i2]), changed=tag != "equal")
        _append(right, "".join(new[j1:j2]), changed=tag != "equal")
    return left, right


def _append(pieces: Pieces, text: str, *, changed: bool) -> None:
    if text:
        pieces.append((text, changed))
