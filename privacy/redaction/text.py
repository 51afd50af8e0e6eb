"""The redactor: text in, redacted text and spans out."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from privacy.redaction.assignments import assignment_rules
from privacy.redaction.credentials import credential_rules
from privacy.redaction.encodings import Encodings
from privacy.redaction.personal import personal_rules
from privacy.redaction.randomness import UUID, looks_generated
from privacy.redaction.scanner import Prefilter, Scanner
from privacy.redaction.spans import PLACEHOLDER, Category, Hit, Redaction, Span, merged, placeholder
from privacy.redaction.vendors import vendor_rules

EVERYTHING = frozenset(Category)
WRITINGS = frozenset(("base64", "hex", "percent", "escapes"))


class Redactor:
    """All rules together with a prefilter; made once a process, since compiling takes a moment."""

    def __init__(self, engine: Prefilter | None = None) -> None:
        self._encodings = Encodings()
        rules = [
            *vendor_rules(),
            *credential_rules(),
            *assignment_rules(),
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
        return merged(hits)


@cache
def redactor() -> Redactor:
    """Return the process's redactor."""
    return Redactor()


def redact(text: str, *, categories: Iterable[Category] = EVERYTHING) -> Redaction:
    """Replace secrets and personal data by typed placeholders.

    The spans are sorted, don't overlap, and count in characters of `text`. Time is linear in the length
    of the text. Redacting the result again changes nothing.
    """
    if _plain(text):
        return Redaction(text, ())
    data = text.encode("utf-8", "surrogatepass")
    wanted = frozenset(categories)
    hits = [hit for hit in redactor().find(data) if hit.category in wanted]
    if not hits:
        return Redaction(text, ())
    spans = _spans(text, data, hits)
    return Redaction(_replaced(text, spans), spans)


def _spans(text: str, data: bytes, hits: list[Hit]) -> tuple[Span, ...]:
    """Turn finds in bytes into spans in characters; no span cuts a character or an older placeholder."""
    spans: list[Span] = []
    ascii_only = len(data) == len(text)
    byte = char = 0
    for hit in hits:
        start, end = hit.start, hit.end
        if not ascii_only:
            while start > byte and data[start] & 0xC0 == 0x80:
                start -= 1
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end += 1
            char += len(data[byte:start].decode("utf-8", "surrogatepass"))
            start, end, byte = char, char + len(data[start:end].decode("utf-8", "surrogatepass")), end
            char = end
        spans.append(Span(hit.type, start, end, placeholder(hit.type)))
    return tuple(spans)


def _replaced(text: str, spans: Iterable[Span]) -> str:
    parts: list[str] = []
    last = 0
    for span in spans:
        parts += (text[last : span.start], span.placeholder)
        last = span.end
    parts.append(text[last:])
    return "".join(parts)


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
