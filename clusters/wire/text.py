"""Free text on its way out of a cluster: URLs lose userinfo and query, then the redactor reads it."""

import re
from functools import lru_cache
from typing import Final

from privacy import redaction

LONGEST: Final = 2_048
WITHHELD: Final = "[withheld]"
_ROUNDS: Final = 4

# `:` and two slashes, plain, JSON-escaped or URL-encoded, up to the next space, quote or bracket.
_URL = re.compile(r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<slashes>(?:\\*/){2})(?P<rest>[^\s"'<>`\\]*)""")
_ENCODED_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]*%3a(?:%2f){2}[^\s\"'<>]*")
_PORT = re.compile(r"\d{0,5}")
_AUTHORITY_END = re.compile(r"[/?#]")


def without_url_secrets(text: str) -> str:
    """`text` with userinfo, query and fragment of each URL removed; encoded URLs go wholly."""
    if "%" in text:
        text = _ENCODED_URL.sub("[url]", text)
    if "/" in text and ":" in text:
        text = _URL.sub(_bare_url, text)
    return text


def _bare_url(found: re.Match[str]) -> str:
    rest = found["rest"]
    end = _AUTHORITY_END.search(rest)
    authority = rest[: end.start()] if end else rest
    host, _, port = authority.rpartition(":")
    if "@" in authority or (host and not host.endswith("]") and not _PORT.fullmatch(port)):
        # A password may itself hold `/`, `?` or `#`: what stands before the last `@` is never the host.
        rest = rest.rpartition("@")[2] if "@" in rest else "[withheld]"
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    return f"{found['scheme']}:{found['slashes']}{rest}"


@lru_cache(maxsize=32_768)
def clean(text: str) -> str:
    """The text as it may leave: at most 2,048 characters, URLs bare, redacted; cleaning it again changes nothing.

    The placeholders of one pass could be read anew in the next, so passes repeat until nothing changes;
    text that never settles is withheld.
    """
    for _ in range(_ROUNDS):
        text, before = redaction.redact(without_url_secrets(text[:LONGEST])).text, text
        if text == before:
            return text
    return WITHHELD


def is_clean(text: str) -> bool:
    """Whether nothing in the text would be removed."""
    return redaction.is_clean(text) and without_url_secrets(text) == text
