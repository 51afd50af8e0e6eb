"""The redactor: text in, redacted text and spans out."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from privacy.redaction.assignments import assignment_rules
from privacy.redaction.context import context_rules
from privacy.redaction.credentials import credential_rules
from privacy.redaction.encodings import Encodings
from privacy.redaction.personal import personal_rules
from privacy.redaction.places import joined, located, replaced
from privacy.redaction.randomness import UUID, looks_generated
from privacy.redaction.rules import WORD, starts_word
from privacy.redaction.scanner import Hyperscan, Re2Set, Scanner
from privacy.redaction.spans import PLACEHOLDER, Category, Hit, Redaction, Span, merged
from privacy.redaction.vendors import vendor_rules

EVERYTHING = frozenset(Category)
WRITINGS = frozenset(("base64", "hex", "percent", "escapes"))


class Redactor:
    """All rules together with a prefilter; made once a process, since compiling takes a moment."""

    def __init__(self, engine: type[Hyperscan] | type[Re2Set] | None = None) -> None:
        self._encodings = Encodings()
        rules = [
            *vendor_rules(),
            *credential_rules(),
            *assignment_rules(),
            *context_rules(),
            *personal_rules(),
            *self._encodings.rules(),
        ]
        self.scanner = Scanner(rules, engine)

    def find(self, data: bytes, depth: int = 0) -> list[Hit]:
        """Return the joined finds in a text, those in other writings included."""
        hits: list[Hit] = []
        for hit in self.scanner.hits(data):
            if hit.type in WRITINGS:
                hits.extend(self._encodings.inside(data, hit, self.find, depth))
            else:
                hits.append(hit)
        return widened(data, merged(hits))


RUN = re.compile(rb"[A-Za-z0-9_-]*")
RUN_BEFORE = re.compile(rb"[A-Za-z0-9_-]*\Z")


def widened(data: bytes, hits: list[Hit]) -> list[Hit]:
    """Let each find take the letters and digits that are glued to it.

    They may be its rest, and left alone beside a placeholder they would begin a word and be judged anew.
    """
    out: list[Hit] = []
    for hit in hits:
        start, end = hit.start, hit.end
        first, last = start, end
        if out and first < out[-1].end:
            first = last = out[-1].end
        if last > first:
            if data[end - 1] in WORD and data[end : end + 1].isalnum():
                last = RUN.match(data, end).end()  # type: ignore[union-attr]  # matches the empty run too
            if not starts_word(data, start):
                first = RUN_BEFORE.search(data, max(out[-1].end if out else 0, start - 4096), start).start()  # type: ignore[union-attr]  # the same
        if end > first:
            out.append(hit._replace(start=first, end=max(last, end)))
    return out


@cache
def redactor() -> Redactor:
    """Return the process's redactor."""
    return Redactor()


ROUNDS = 4
NEIGHBOURHOOD = 1024


def redact(text: str, *, categories: Iterable[Category] = EVERYTHING) -> Redaction:
    """Replace secrets and personal data by typed placeholders.

    The spans are sorted, don't overlap, and count in characters of `text`. Time is linear in the length
    of the text. Redacting the result again changes nothing.
    """
    if _plain(text):
        return Redaction(text, ())
    wanted = frozenset(categories)
    spans = _found(text, wanted)
    if not spans:
        return Redaction(text, ())
    redacted = replaced(text, spans)
    for _ in range(ROUNDS):
        # A placeholder is another neighbour than the secret was: what stands beside it is judged again.
        more = [
            span
            for first, last in _neighbourhoods(redacted, spans)
            for span in _found(redacted[first:last], wanted, first)
        ]
        if not more:
            break
        spans = joined(spans, more)
        redacted = replaced(text, spans)
    return Redaction(redacted, spans)


def _found(text: str, wanted: frozenset[Category], offset: int = 0) -> tuple[Span, ...]:
    data = text.encode("utf-8", "surrogatepass")
    hits = [hit for hit in redactor().find(data) if hit.category in wanted]
    return located(text, data, hits, offset) if hits else ()


def _neighbourhoods(redacted: str, spans: tuple[Span, ...]) -> list[tuple[int, int]]:
    """Return the parts of a redacted text around its placeholders; of a short text the whole."""
    if len(redacted) <= 8 * NEIGHBOURHOOD:
        return [(0, len(redacted))]
    parts: list[tuple[int, int]] = []
    shift = 0
    for span in spans:
        first = max(0, span.start + shift - NEIGHBOURHOOD)
        shift += len(span.placeholder) - (span.end - span.start)
        last = span.end + shift + NEIGHBOURHOOD
        if parts and first <= parts[-1][1]:
            first = parts.pop()[0]
        parts.append((first, last))
    return parts


# Names as Kubernetes has them, whose parts are too short for any token: no dotted numbers, no digits in fours.
NAME = re.compile(
    r"(?!\d+[.\d]|.*\d{4}-\d{4})[a-z0-9]{1,15}(?:(?:[-_/]|\.(?=[a-z]))[a-z0-9]{1,15})*|[A-Z]{0,3}[a-z]{1,15}(?:[A-Z]{1,3}[a-z]{1,15}){0,6}"
)


def _plain(text: str) -> bool:
    return not text or (len(text) < 254 and NAME.fullmatch(text) is not None)


@lru_cache(maxsize=1 << 16)
def _clean(text: str) -> bool:
    return _plain(text) or not redact(text).spans


def is_clean(text: str) -> bool:
    """Say whether nothing in a text would be redacted; fast for the short names that fill an inventory."""
    return _clean(text) if len(text) < 512 else not redact(text).spans


def looks_like_credential(text: str) -> bool:
    """Say whether a value is, or holds, a credential by its own look, without a name beside it."""
    value = text.strip()
    if not value or len(value) > 1 << 20 or _plain(value):
        return False
    if redact(text, categories=(Category.SECRET,)).spans:
        return True
    data = value.encode("utf-8", "surrogatepass")
    if len(data) < 16 or any(byte in b" \t\n/:" for byte in data) or UUID.fullmatch(data):
        return False
    return PLACEHOLDER.search(value) is None and looks_generated(data)
