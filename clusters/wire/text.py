"""Free text on its way out of a cluster: URLs lose userinfo and query, then the redactor reads it."""

import re
from functools import lru_cache
from typing import Final

from privacy import redaction

LONGEST: Final = 2_048
WITHHELD: Final = "[withheld]"
_ROUNDS: Final = 4

# `:` and two slashes, plain or JSON-escaped, up to the next space, quote or bracket; and URL-encoded.
# The scheme before them is left alone, so that a search takes time linear in the text.
_URL = re.compile(r"""(?P<slashes>:(?:\\*/){2})(?P<rest>[^\s"'<>`\\]*)""")
_ENCODED_URL = re.compile(r"(?i)%3a(?:%2f){2}[^\s\"'<>]*")
_LAST_WORD = re.compile(r"(?<=\s)\S{1,512}\Z")
# A host or a bracketed address (or a placeholder of the redactor), and a port: no userinfo.
_BARE_AUTHORITY = re.compile(r"(?:\[[^\]\[@]*\]|[^:@\[\]]*)(?::\d{0,5})?")
_AUTHORITY_END = re.compile(r"[/?#]")


def without_url_secrets(text: str) -> str:
    """`text` with userinfo, query and fragment of each URL removed; encoded URLs go wholly."""
    if "%" in text:
        text = _ENCODED_URL.sub(":[url]", text)
    if "/" in text and ":" in text:
        text = _URL.sub(_bare_url, text)
    return text


def _bare_url(found: re.Match[str]) -> str:
    rest = found["rest"]
    end = _AUTHORITY_END.search(rest)
    if not _BARE_AUTHORITY.fullmatch(rest[: end.start()] if end else rest):
        # A password may itself hold `/`, `?` or `#`: what stands before the last `@` is never the host.
        rest = rest.rpartition("@")[2] if "@" in rest else WITHHELD
    return found["slashes"] + re.split(r"[?#]", rest, maxsplit=1)[0]


def clean(text: str) -> str:
    """The text as it may leave: at most 2,048 characters, URLs bare, redacted; cleaning it again changes nothing."""
    return _settled(_cut(text))


def _cut(text: str) -> str:
    """The beginning of a long text, without the word that the cut would halve: half a secret has no shape."""
    if len(text) <= LONGEST:
        return text
    whole = _LAST_WORD.sub("", text[:LONGEST])
    return whole or text[:LONGEST]


@lru_cache(maxsize=16_384)
def _settled(text: str) -> str:
    """One pass must not find anything in the result of the one before; text that never settles is withheld."""
    for _ in range(_ROUNDS):
        text, before = _cut(redaction.redact(without_url_secrets(text)).text), text
        if text == before:
            return text
    return WITHHELD


def is_clean(text: str) -> bool:
    """Whether nothing in the text would be removed."""
    return redaction.is_clean(text) and without_url_secrets(text) == text
