"""Secrets by the words around them: in sentences and commands, and random values under any name."""

import re

from privacy.redaction.assignments import found
from privacy.redaction.keys import Meaning, Strength
from privacy.redaction.randomness import HEX, classes, looks_generated
from privacy.redaction.rules import Judge, Match, Rule, rule, starts_word
from privacy.redaction.spans import Hit
from privacy.redaction.values import OBJECT_NAME, Value

SPOKEN = (
    rb"(?:passw(?:or)?d|passphrase|pwd|[_ ]pass|requirepass|masterauth|token|secret|credentials?|api[ _-]?key|access[ _-]?key"
    rb"|[_ ]key)"
)
ARGUMENT = rb"[\"']?([^\s\"'<>\[\]]+)"
COMMAND = rb"[^\n|;&]*"
GENERATED = rb"[A-Za-z0-9+/_-]{32,}"
SEPARATOR = rb"[A-Za-z0-9_.-]\\{0,7}[\"']?[ \t]{0,2}[=:][ \t]{0,2}\\{0,7}[\"']?"


def context_rules() -> list[Rule]:
    """Return the rules of this module."""
    return [*_prose(), *_commands(), *_shapes()]


def _prose() -> list[Rule]:
    """Secrets in a sentence that says what they are."""
    return [
        rule(
            "password",
            rb"(?i)(?:identified[ \t]+by|encrypted[ \t]+password|with[ \t]+password|set[ \t]+password)[ \t]+[\"']([^\"'\s\[\]]{1,256})[\"']",
            hint=rb"(?:identified[ \t]+by|password)[ \t]+[\"'][^\s]",
            judge=given("password"),
        ),
        rule(
            "secret",
            rb"(?i)" + SPOKEN + rb"(?:[ \t]+(?:is|was|provided|value|of|used))*[ \t]+" + ARGUMENT,
            hint=SPOKEN
            + rb"(?:[ \t]+(?:is|was|provided|value|of|used|:|=)){0,3}[ \t:=]+[\"']?[^\s\"'<>\[\]]{6}",
            judge=spoken,
        ),
    ]


def _commands() -> list[Rule]:
    """Passwords given to well-known commands."""
    return [
        rule(
            "password",
            rb"(?i)(?:curl|wget|http|xh)\b"
            + COMMAND
            + rb"[ \t\"](?:--user|--proxy-user|-u)[ \t\"',=]+([^\s\"':$\[\]]{0,64}:[^\s\"'/$\[\]]{1,256})",
            hint=rb"(?:--user|--proxy-user|[ \t\"]-u)[ \t\"',=]{1,6}[^\s\"':$\[\]]{0,64}:",
            judge=given("password"),
        ),
        rule(
            "password",
            rb"(?i)(?:\b(?:docker|podman|helm|oc|az|registry)[ \t]"
            + COMMAND
            + rb"login\b|\bsshpass\b)"
            + COMMAND
            + rb"[ \t]-p[ \t=]*"
            + ARGUMENT,
            hint=rb"[ \t]-p[ \t=]{0,4}[\"']?[^\s]",
            judge=given("password"),
        ),
        rule(
            "password",
            rb"\b(?:mysql|mariadb)[a-z-]{0,12}[ \t]" + COMMAND + rb"-p" + ARGUMENT,
            hint=rb"[ \t]-p[^\s]",
            judge=given("password"),
        ),
        rule(
            "password",
            rb"\b(?:redis|valkey)-cli\b" + COMMAND + rb"[ \t]-a[ \t]+" + ARGUMENT,
            hint=rb"-cli\b[^\n|;&]{0,100}[ \t]-a[ \t]",
            judge=given("password"),
        ),
    ]


def _shapes() -> list[Rule]:
    """Values that look generated, whatever their name."""
    return [
        rule(
            "bootstrap-token",
            rb"\b[a-z0-9]{6}\.[a-z0-9]{16}\b",
            hint=rb"[a-z0-9]{6}\.[a-z0-9]{16}",
            judge=bootstrap_token,
        ),
        rule(
            "high-entropy",
            SEPARATOR + rb"(" + GENERATED + rb"={0,2})",
            hint=SEPARATOR
            + rb"(?:[a-z0-9+/_-]{0,24}[A-Z][A-Za-z+/_-]{0,24}[0-9]|[a-z+/_-]{0,24}[0-9][a-z0-9+/_-]{0,24}[A-Z])"
            + rb"[A-Za-z0-9+/_-]{8}",
            caseless=False,
            judge=random_value,
        ),
    ]


def given(kind: str) -> Judge:
    """Make a judge for arguments that are passwords by the command they are given to."""

    def judge(data: bytes, match: Match) -> Hit | None:
        start, end = match.span(1)
        if data[start : start + 1] in (b"$", b"-") or not starts_word(data, match.span()[0]):
            return None
        return found(data, Value(start, end, delimited=True), Meaning(kind, Strength.STRONG))

    return judge


def spoken(data: bytes, match: Match) -> Hit | None:
    """Judge what a sentence calls a password, a token or a key: only what is no word and no name."""
    start, end = match.span(1)
    value = data[start:end].rstrip(b".,;:!?)\\")
    if len(value) < 8 or b"[redacted" in data[start : end + 10] or b"=" in value.rstrip(b"="):
        return None
    plain = OBJECT_NAME.fullmatch(value) is not None or not value[:1].isalnum() or b"/" in value
    random = looks_generated(value) and (HEX.fullmatch(value) is None or len(value) >= 20)
    if plain or not (random or (classes(value) >= 3 and len(value) <= 64)):
        return None
    return Hit(start, start + len(value), "secret", 48)


def bootstrap_token(data: bytes, match: Match) -> Hit | None:
    """Take a bootstrap token of kubeadm; both halves must mix letters and digits, and nothing go on after it."""
    start, end = match.span()
    halves = (data[start : start + 6], data[start + 7 : end])
    if data[start - 1 : start] in (b".", b"-", b"/", b"_") or data[end : end + 1] in (b".", b"-", b"_", b"/"):
        return None
    if any(half.isalpha() or half.isdigit() for half in halves) or len(re.findall(rb"[0-9]+", halves[1])) < 3:
        return None
    return Hit(start, end, "bootstrap-token", 20)


# Names under which random values are no secrets: digests, certificates, public keys, positions in a list.
PUBLIC = re.compile(
    rb"(?:sha(?:1|224|256|384|512)?|md5|digest|hash|checksum|integrity|sum|cert(?:ificates?)?|ca|crt|csr|bundle|pem|finger_?print|etag"
    rb"|uid|guid|uuid|id|rev(?:ision)?|commit|ref|version|image|public|pub|public-?key|continue|cursor|nonce|trace|span|path|name|data|url)\Z",
    re.IGNORECASE,
)
DIGITS = b"0123456789"
LAST_WORD = re.compile(rb"(?:[A-Z]?[a-z0-9]+|[A-Z0-9]+)\Z")


def random_value(data: bytes, match: Match) -> Hit | None:
    """Take a long value in three classes of characters that is drawn at random, whatever its name."""
    start, end = match.span(1)
    key_end = match.span()[0] + 1
    value = data[start:end].rstrip(b"=")
    if (
        len(value) > 160
        or sum(byte in DIGITS for byte in value) < 3
        or value.startswith((b"MII", b"LS0t", b"sha", b"eyJ"))
    ):
        return None
    word = LAST_WORD.search(data, max(0, key_end - 64), key_end)
    if word is None or PUBLIC.fullmatch(word.group()) or data[end : end + 1] in (b":", b".", b"/", b"@"):
        return None
    if (
        data[end : end + 1].isalnum()
        or max(map(len, re.split(rb"[/_-]", value))) < 16
        or not looks_random(value)
    ):
        return None
    return Hit(start, end, "high-entropy", 70)


def looks_random(value: bytes) -> bool:
    """Say whether the classes change about as often as they would by chance; names and paths change seldom."""
    if classes(value.translate(None, b"+/_-")) < 3:
        return False
    changes = sum(
        one.isdigit() != two.isdigit() or one.isupper() != two.isupper()
        for one, two in zip(value.decode(), value.decode()[1:], strict=False)
    )
    return changes * 100 >= len(value) * 38 and looks_generated(value)
