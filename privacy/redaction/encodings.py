"""Secrets in another writing: base64, hexadecimal, percent and JSON escapes, lines continued."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

from privacy.redaction.rules import Match, Rule, compiled
from privacy.redaction.spans import Hit

DEEPEST = 4
Find = Callable[[bytes, int], list[Hit]]

# Base64 of ASCII: the top bit of each of the three bytes is 0, which leaves half, half and half of the
# alphabet at three of four places. So the expression finds the start of a group wherever it stands, and
# random base64 (certificates, digests, images) hardly ever matches five groups in a row.
GROUP = rb"[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
BREAK = rb"(?:\\{1,7}[nr]|\\?\r?\n)[ \t]{0,40}"
BASE64 = (
    rb"(?:"
    + GROUP
    + rb"){4,}(?:"
    + BREAK
    + rb"(?:"
    + GROUP
    + rb"){2,})*(?:(?:"
    + BREAK
    + rb")?[A-Za-z0-9+/_-]{2,3})?={0,2}"
)
HEX = rb"(?:(?:\\x|%)?[2-7][0-9a-fA-F]|(?:\\x|%)?0[9adAD]){8,}"
SPACED_HEX = rb"(?:(?:0x)?[2-7][0-9a-fA-F][ ,:]{1,2}){7,}(?:0x)?[2-7][0-9a-fA-F]"
PERCENT = rb"[^\s\"'<>\[\]]*%[2-7][0-9a-fA-F][^\s\"'<>\[\]]*"
ESCAPES = rb"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n[ \t]*|[\"'\\/bfnrt])"
ESCAPE = re.compile(ESCAPES)
ESCAPED = rb"[^\n]*(?:\\[^\n]|\\\r?\n)(?:[^\n\\]|\\[^\n]|\\\r?\n)*"
SIMPLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def decode_base64(text: bytes) -> bytes:
    """Decode either alphabet, line breaks and missing padding forgiven."""
    text = re.sub(BREAK, b"", text).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if len(text) % 4 == 1:
        text = text[:-1]
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def decode_hex(text: bytes) -> bytes:
    """Decode pairs of hexadecimal digits, whatever marks or separates them."""
    return bytes.fromhex(re.sub(rb"\\x|0x|%|[ ,:]", b"", text).decode("ascii"))


def unescaped(escape: bytes) -> bytes:
    """Return what one backslash escape stands for; a continued line for nothing."""
    body = escape[1:]
    if body[:1] in (b"u", b"x"):
        return chr(int(body[1:], 16)).encode("utf-8", "surrogatepass")
    if body[:1] in (b"\n", b"\r"):
        return b""
    return SIMPLE.get(body, body)


def decode_escapes(text: bytes) -> bytes:
    """Undo one level of backslash escapes and join continued lines."""
    return ESCAPE.sub(lambda match: unescaped(match.group()), text)


def offsets(
    text: bytes, unit: re.Pattern[bytes], decode: Callable[[bytes], bytes], marks: set[int]
) -> dict[int, int]:
    """Map offsets of the decoded text back to the text, for the marks that are asked for."""
    wanted = sorted(marks)
    out: dict[int, int] = {}
    index = decoded = last = 0
    for match in unit.finditer(text):
        plain = match.start() - last
        size = len(decode(match.group()))
        while index < len(wanted) and wanted[index] <= decoded + plain:
            out[wanted[index]] = last + wanted[index] - decoded
            index += 1
        decoded += plain
        while index < len(wanted) and wanted[index] < decoded + size:
            out[wanted[index]] = match.end()
            index += 1
        decoded += size
        last = match.end()
    for mark in wanted[index:]:
        out[mark] = last + mark - decoded
    return out


PERCENT_UNIT = re.compile(rb"%[0-9a-fA-F]{2}")


class Encodings:
    """Finds pieces in another writing, decodes them and searches what comes out, to a bounded depth."""

    def __init__(self) -> None:
        self.expressions = {
            "base64": compiled(BASE64),
            "hex": compiled(HEX + rb"|" + SPACED_HEX),
            "percent": compiled(PERCENT),
            "escapes": compiled(ESCAPED),
        }

    def rules(self) -> list[Rule]:
        """Return rules that only locate the pieces; their hits are given to `inside`."""

        def located(name: str) -> Callable[[bytes, Match], Hit]:
            return lambda _data, match: Hit(*match.span(), name, 99)

        hints = {
            "base64": rb"(?:" + GROUP + rb"){4}",
            "hex": rb"(?:(?:\\x|%)?[2-7][0-9a-f]){8}|(?:(?:0x)?[2-7][0-9a-f][ ,:]{1,2}){7}",
            "percent": rb"%[2-7][0-9a-f]",
            "escapes": rb"\\[nrtux\"\\/\r\n]",
        }
        return [
            Rule(
                name,
                hints[name],
                expression,
                located(name),
                4096,
                65536,
                caseless=name != "base64",
                literal=name in ("percent", "escapes"),
            )
            for name, expression in self.expressions.items()
        ]

    def inside(self, data: bytes, piece: Hit, find: Find, depth: int) -> Iterator[Hit]:
        """Yield what is found in a piece once it is decoded, at its place in `data`."""
        if depth >= DEEPEST:
            return
        text = data[piece.start : piece.end]
        if piece.type in ("base64", "hex"):
            decoded = decode_base64(text) if piece.type == "base64" else decode_hex(text)
            best = min(find(decoded, depth + 1), key=lambda hit: hit.rank, default=None)
            if best is not None:
                yield Hit(piece.start, piece.end, best.type, best.rank, best.category)
            return
        percent = piece.type == "percent"
        decoded = unquote_to_bytes(text) if percent else decode_escapes(text)
        if decoded == text:
            return
        hits = find(decoded, depth + 1)
        marks = {mark for hit in hits for mark in (hit.start, hit.end)}
        places = (
            offsets(
                text, PERCENT_UNIT if percent else ESCAPE, unquote_to_bytes if percent else unescaped, marks
            )
            if hits
            else {}
        )
        for hit in hits:
            yield Hit(
                piece.start + places[hit.start],
                piece.start + places[hit.end],
                hit.type,
                hit.rank,
                hit.category,
            )
