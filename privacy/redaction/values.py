"""Where the value of an assignment ends, and whether it is a secret or only a reference to one."""

import re
from typing import NamedTuple

from privacy.redaction.keys import Strength
from privacy.redaction.randomness import HEX, classes, looks_generated

LONGEST = 1 << 16


class Value(NamedTuple):
    """A value in the text: its extent without quotes, whether it was quoted or stood alone on its line."""

    start: int
    end: int
    delimited: bool
    quoted: bool = False


VARIABLE = re.compile(
    rb"(?:\$\([^)\n]*\)|\$?\{\{[^}\n]*\}\}|\$\{[^}\n]*\}|\$[A-Za-z_]\w*|%[A-Z_]+%|%\(\w+\)s)(?=[\s\"'`,;&<)\]}\\@/:]|\Z)"
)
TAG = re.compile(rb"!!?[A-Za-z][\w:/.-]*[ \t]+")
QUOTE = re.compile(rb"[bfru]?(\\*)([\"'`])")
BLOCK = re.compile(rb"[|>][+-]?[0-9]?[+-]?[ \t]*(?:#[^\n]*)?\r?\n")
LINE_START = re.compile(rb"(?:^|\n)[ \t]*(?:[-?#+] ?|export |set |ENV |ARG )*\Z")
UNQUOTED = re.compile(rb"[^\s\"'<>`{}]+")
# A comma, semicolon or ampersand ends a bare value when a space, another key or the end follows.
NEXT_KEY = re.compile(
    rb"[,;&|](?=\s|\Z|\\?[\"']|[A-Za-z_][\w.-]{0,60}(?:=|:|%3D))|\\[nrt](?=[\s\"'\\]|\Z|-|[A-Za-z_#])|\\+[\"']"
)


def read(data: bytes, at: int, key_start: int, *, colon: bool) -> Value | None:
    """Read the value that begins at `at`; None where a structure or nothing begins.

    `colon` says that a colon came before, after which a YAML value goes to the end of its line.
    """
    block = BLOCK.match(data, at)
    if block:
        return read_block(data, block.end(), key_start)
    tag = TAG.match(data, at)
    at = tag.end() if tag else at
    quote = QUOTE.match(data, at)
    if quote:
        return read_quoted(data, quote)
    if VARIABLE.match(data, at, at + 256):
        return None
    bare = UNQUOTED.match(data, at, min(len(data), at + LONGEST))
    if bare is None:
        return None
    end = at + len(bare.group().rstrip(b"\\"))
    alone = LINE_START.search(data, max(0, key_start - 64), key_start) is not None
    if alone and colon:
        return Value(at, line_end(data, at), delimited=True)
    stop = NEXT_KEY.search(data, at + 1, end)
    if stop:
        end = stop.start()
    return Value(at, closed(data, at, end), delimited=alone and data[end : end + 1] in (b"", b"\n", b"\r"))


def read_quoted(data: bytes, quote: re.Match[bytes]) -> Value | None:
    """Read to the quote that closes: the same sign behind no more backslashes than the opening one."""
    depth, sign, start = len(quote.group(1)), quote.group(2), quote.end()
    position = start
    limit = min(len(data), start + LONGEST)
    while (position := data.find(sign, position, limit)) >= 0:
        slashes = len(data[max(start, position - 32) : position]) - len(
            data[max(start, position - 32) : position].rstrip(b"\\")
        )
        if sign == b"'" and depth == 0 and data[position + 1 : position + 2] == sign:
            position += 2  # YAML and SQL double the quote inside
            continue
        if slashes <= depth:
            return Value(start, position - slashes, delimited=True, quoted=True)
        position += 1
    bare = UNQUOTED.match(data, start, limit)
    return Value(start, bare.end(), delimited=False) if bare else None


def read_block(data: bytes, start: int, key_start: int) -> Value | None:
    """Read a YAML block scalar: the lines that are indented deeper than the key's."""
    line = data.rfind(b"\n", max(0, key_start - 256), key_start) + 1
    indent = len(data[line:key_start]) - len(data[line:key_start].lstrip(b" -"))
    end, position = start, start
    limit = min(len(data), start + LONGEST)
    while position < limit:
        stop = data.find(b"\n", position, limit)
        stop = limit if stop < 0 else stop
        text = data[position:stop]
        depth = len(text) - len(text.lstrip(b" "))
        if text.strip() and depth <= indent:
            break
        if text.strip():
            end = stop
        position = stop + 1
    first = start + len(data[start:end]) - len(data[start:end].lstrip())
    return Value(first, end, delimited=True) if end > first else None


def line_end(data: bytes, at: int) -> int:
    """Return the end of a YAML plain value: before the line end, a comment, and trailing space."""
    end = data.find(b"\n", at, at + LONGEST)
    end = min(len(data), at + LONGEST) if end < 0 else end
    comment = data.find(b" #", at, end)
    end = comment if comment > 0 else end
    return at + len(data[at:end].rstrip(b" \t\r,"))


def closed(data: bytes, start: int, end: int) -> int:
    """Drop signs that belong to the sentence around a bare value: brackets that it didn't open, a stop."""
    while end > start and (
        data[end - 1] in b",;:"
        or (data[end - 1] in b")]" and not any(sign in data[start:end] for sign in (b"(", b"[")))
        or (data[end - 1] in b"." and end - start > 1)
    ):
        end -= 1
    return end


# Nothing, a placeholder, a variable, a template, a reference to where the secret is kept.
REFERENCE = re.compile(
    rb"(?:null|nil|none|~|true|false|yes|no|on|off|undefined|n/a|empty|unset|expired|invalid|missing|disabled|enabled|revoked|none|redacted|hidden|masked|required|optional|unknown|string"
    rb"|\*+|x+|\.+|-+|_+|\?+|\.\.\.|%[a-z]|<[^>]*>|&lt;.*|\[redacted.*|\[[a-z ]*\]?|\$\{?\{?[\w.:?!/ -]*\}?\}?|\$\([^)]*\)|\{\{.*|%\([^)]*\)s?|%[A-Z_]+%|\{[\w.]*\}?"
    rb"|(?:arn:aws|vault:|sm://|ref\+|secretref|op://|kms:|gcpkms|keyvault|projects/[^/]+/secrets|file:|env:)\S*"
    rb"|process\.env\S*|os\.environ\S*|os\.getenv\S*|getenv\S*|system\.getenv\S*|var\.\S+|local\.\S+|data\.\S+|module\.\S+)",
    re.IGNORECASE,
)
# An expression of a program: a call, an attribute of a well-known name, a type.
CODE = re.compile(
    rb"(?:await )?[A-Za-z_][A-Za-z_]+(?:\.[A-Za-z_]+)*\(|(?:self|cls|this|settings|request|config|args|kwargs|options|obj|os|app|ctx|context)\.[a-zA-Z_]"
    rb"|(?:str|bytes|bool|int|float|object|Any|None)(?:[\s,=)|]|\Z)|(?:Optional|Union|[Ll]ist|[Dd]ict)\[|_[a-z]+(?:_[a-z]+)+\Z"
)
PATH = re.compile(rb"(?:~|\.{0,2})?/(?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]*|[A-Za-z]:\\\S*")
NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|[KMGT]i?B?|%)?")
OBJECT_NAME = re.compile(rb"[a-z][a-z0-9]*(?:[-./_:][a-z0-9]+)*|(?:[A-Z]?[a-z]+)+")
PROSE = frozenset(
    b"must is was are were not has have had invalid incorrect expired required missing cannot can could should too does did"
    b" authentication failed no unable wrong the a an for from in of to and or file field length changed reset error"
    b" request requests review rotation mismatch verification signature denied based only using with without rejected"
    b" accepted updated created deleted rotated already will would may if when on by at be been being".split()
)


def is_secret(data: bytes, value: Value, strength: Strength) -> bool:
    """Say whether a value under a telling name is to go: sure names take any value, vague ones a random one."""
    text = data[value.start : min(value.end, value.start + 512)]
    if is_reference(text) or (not value.quoted and (CODE.match(text) or in_sentence(data, value, text))):
        return False
    if strength == Strength.FAINT:
        return (
            len(text) >= 16
            and HEX.fullmatch(text) is None
            and not OBJECT_NAME.fullmatch(text)
            and looks_generated(text)
        )
    return strength == Strength.STRONG or is_random(text)


def is_reference(text: bytes) -> bool:
    """Say whether a value only says where the secret is, or that there is none."""
    if not text.strip() or REFERENCE.fullmatch(text):
        return True
    return PATH.fullmatch(text) is not None and not any(random_part(part) for part in text.split(b"/"))


def is_random(text: bytes) -> bool:
    """Say whether a value is no number, no sentence and no name of an object."""
    if len(text) < 5 or b" " in text or NUMBER.fullmatch(text):
        return False
    if OBJECT_NAME.fullmatch(text):
        return mixed(text) or any(random_part(part) for part in re.split(rb"[-./_:]", text))
    return HEX.fullmatch(text) is not None or classes(text) >= 2


def random_part(part: bytes) -> bool:
    """Say whether a part of a name is too random for one: pods' own suffixes have at most 10 characters."""
    return (len(part) >= 16 and looks_generated(part)) or (len(part) >= 20 and classes(part) >= 2)


def mixed(text: bytes) -> bool:
    """Say whether letters and digits alternate: 'abc123def456', not 'tls2024'."""
    return len(text) >= 8 and text.isalnum() and len(re.findall(rb"[0-9]+", text)) >= 2


def in_sentence(data: bytes, value: Value, text: bytes) -> bool:
    """Say whether the value is the next word of a sentence: 'invalid token: signature mismatch'."""
    word, _, rest = text.lower().partition(b" ")
    word = word.strip(b".,;:!")
    if word in PROSE:
        return bool(rest) or not value.delimited
    goes_on = not value.delimited and data[value.end : value.end + 1] == b" "
    return goes_on and word.isalpha() and word.endswith((b"ed", b"ing"))
