"""Markers: what stays of a value that must not leave (length bucket, looks-like-a-credential, an HMAC).

The HMAC is keyed by bytes that never leave the cluster, so a change shows and nothing can be guessed.
"""

import hmac
import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from clusters.wire import text
from privacy import redaction

BUCKETS: Final = ((0, "0"), (8, "1-8"), (16, "9-16"), (64, "17-64"), (256, "65-256"), (1024, "257-1024"))
LONG: Final = "1025+"
UNKNOWN: Final = "unknown"
LENGTHS: Final = frozenset({name for _, name in BUCKETS} | {LONG, UNKNOWN})

_HMAC = re.compile(r"[0-9a-f]{32}")
# `--name`, `-n`, and Java's `-Dname=`; a single dash with more letters may be `-p` and a password.
_LONG_FLAG = re.compile(r"--[a-z][A-Za-z0-9]{0,39}(?:[._-][A-Za-z0-9]{1,39}){0,7}")
_PROPERTY = re.compile(r"-D[a-zA-Z][A-Za-z0-9]{0,39}(?:[._-][A-Za-z0-9]{1,39}){0,7}")
_LETTER_FLAG = re.compile(r"-[A-Za-z]")
_DIGITS = re.compile(r"\d{4}|(?:\d\D?){6}")
_SECRET_NAME = re.compile(
    r"(?i)pass(?:wd|word|phrase)?|pwd|secret|token|api.?key|access.?key|private.?key|credential|auth|dsn|"
    r"connection.?string|database.?url|signing|salt|session.?key|bearer|cookie"
)
_URL_USER = re.compile(r"://[^/\s]*@")


class Marked(Struct, gc=False):
    """`length` is a bucket of LENGTHS in characters, `hmac` 32 hex digits or null."""

    length: str
    credential: bool
    hmac: str | None = None


class Marker(Struct, omit_defaults=True, gc=False):
    """Stands where a value stood; `flag` is the flag's name when the value was an argument."""

    marked: Marked
    flag: str | None = None


def bucket(length: int) -> str:
    """The name of the bucket that `length` characters fall in."""
    return next((name for most, name in BUCKETS if length <= most), LONG)


@lru_cache(maxsize=8_192)
def is_flag(name: str) -> bool:
    """Whether `name` has the shape of a flag's name and of nothing else.

    Upper-case names, long numbers and what the redactor would take are refused: that is how a value
    would look that somebody put where the name belongs.
    """
    shaped = _LETTER_FLAG.fullmatch(name) or (
        len(name) <= 100 and (_LONG_FLAG.fullmatch(name) or _PROPERTY.fullmatch(name))
    )
    return bool(shaped) and not _DIGITS.search(name) and text.is_clean(name)


def flag_of(argument: str) -> str | None:
    """The name of the flag in one command-line argument, if it has one that is safe to keep."""
    if not argument.startswith("-"):
        return None
    name, assigned, _ = argument.partition("=")
    if not name.startswith("--") and not (assigned and name.startswith("-D")):
        name = name[:2]
    return name if is_flag(name) else None


def looks_like_credential(name: str, value: str) -> bool:
    """A hint for people, by the name beside the value and by the value's shape; never proof."""
    if not value or value.lower() in {"true", "false"} or value.isdigit():
        return False
    return bool(_SECRET_NAME.search(name) or _URL_USER.search(value)) or redaction.looks_like_credential(
        value
    )


def mark(value: str, *, key: bytes | None, name: str = "", flag: str | None = None) -> Marker:
    """The marker of `value`. Without `key` it has no HMAC.

    The HMAC covers `name` too, so that equal values under different names can't be linked.
    """
    digest = hmac.digest(key, f"{name}\0{value}".encode(errors="surrogatepass"), "sha256") if key else None
    payload = value[len(flag) :].removeprefix("=") if flag else value
    return Marker(
        Marked(
            length=bucket(len(payload)),
            credential=looks_like_credential(flag or name, payload),
            hmac=digest.hex()[:32] if digest else None,
        ),
        flag,
    )


def is_valid(marker: Marker) -> bool:
    """Whether the marker could have come from `mark`: a forged one must not carry anything else."""
    marked = marker.marked
    return (
        marked.length in LENGTHS
        and (marked.hmac is None or _HMAC.fullmatch(marked.hmac) is not None)
        and (marker.flag is None or is_flag(marker.flag))
    )


def replacement(marker: Marker) -> Marker:
    """What takes the place of a forged marker."""
    length = marker.marked.length
    return Marker(Marked(length if length in LENGTHS else UNKNOWN, marker.marked.credential))
