"""Values that are secret by the name they are assigned to: env, YAML, JSON, flags, properties, queries, logs."""

import re

from privacy.redaction.keys import KEYWORDS, NOTHING, Meaning, Strength, meaning
from privacy.redaction.rules import Match, Rule, rule
from privacy.redaction.spans import Hit
from privacy.redaction.values import Value, is_secret, read

NAME = rb"[A-Za-z0-9_.-]"
Q = rb"(?:\\*[\"'`])"
KEY_NAME = re.compile(rb"[A-Za-z0-9_.-]*(?: (?:key|string|code)\b)?", re.IGNORECASE)
NAME_BEFORE = re.compile(rb"[A-Za-z0-9_.-]*\Z")


def assignment_rules() -> list[Rule]:
    """Return the rules for values after telling names."""
    name = rb"(?i)(?:" + KEYWORDS + rb")" + NAME + rb"{0,48}"
    return [
        rule(
            "assignment",
            name + rb"(?:" + Q + rb"\]?)?[ \t]{0,8}(?:=>|:=|==?|:|>)[ \t]{0,8}(?:\\?\r?\n[ \t]{1,40})?",
            hint=rb"(?:" + KEYWORDS + rb")" + NAME + rb"{0,48}(?:\\{0,7}[\"'`]\]?)?[ \t]{0,8}[=:>]",
            judge=assigned,
            after=8192,
        ),
        rule(
            "pair",
            name
            + Q
            + rb"?\s{0,4}[,;]?\s{0,80}(?:"
            + Q
            + rb"|-\s)?(?:value|val|content|default)"
            + Q
            + rb"?\s{0,4}[:=]\s{0,4}",
            hint=rb"(?:"
            + KEYWORDS
            + rb")"
            + NAME
            + rb"{0,48}(?:\\{0,7}[\"'`])?\s{0,4}[,;]?\s{0,80}(?:\\{0,7}[\"'`]|-\s)?(?:val|content|default)",
            judge=paired,
            after=8192,
        ),
        rule(
            "pair",
            name + Q + rb"?\s{0,4}[,;}\]\n]",
            hint=rb"(?:name|key)\\{0,7}[\"']?\s{0,4}[:=]\s{0,4}\\{0,7}[\"']?"
            + NAME
            + rb"{0,48}(?:"
            + KEYWORDS
            + rb")",
            judge=paired_before,
            before=4096,
        ),
        rule(
            "flag",
            name
            + rb"(?:[ \t]{1,4}|"
            + Q
            + rb"\s{0,8},\s{0,80}|"
            + Q
            + rb"?[ \t]*\r?\n[ \t]*-[ \t]{1,4}|\\n\s{0,40}-\s{1,4})",
            hint=rb"-[a-z0-9_.-]{0,48}(?:" + KEYWORDS + rb")" + NAME + rb"{0,48}(?:\s|\\{0,7}[\"'`]|\\n)",
            judge=flagged,
            after=8192,
        ),
    ]


def key_before(data: bytes, start: int, end: int) -> tuple[int, str]:
    """Return the start and the text of the whole name around a keyword that was found at `start`."""
    head = NAME_BEFORE.search(data, max(0, start - 64), start)
    begin = head.start() if head else start
    name = KEY_NAME.match(data, begin, end)
    if data.startswith(b"[redacted:", max(0, begin - 10)):
        return begin, ""
    return begin, (name.group() if name else b"").decode("ascii", "replace")


def found(data: bytes, value: Value | None, sense: Meaning) -> Hit | None:
    """Make the hit of a value under a name of that meaning, if it is a secret."""
    if value is None or sense.strength == Strength.NONE or not is_secret(data, value, sense.strength):
        return None
    if data.find(b"[redacted:", value.start, value.end) >= 0:
        return None  # judged before; what is left of it must not be judged differently
    return Hit(value.start, value.end, sense.type, 45)


def assigned(data: bytes, match: Match) -> Hit | None:
    """Judge `name = value` in its many spellings."""
    start, end = match.span()
    begin, name = key_before(data, start, end)
    operator = data[start:end].rstrip()
    sense = meaning(name)
    if sense == NOTHING:
        return None
    if operator.endswith(b"\n") or data[end - 1 : end] == b"\n":
        return None
    wrapped = b"\n" in data[start:end]
    if (
        wrapped
        and b"\\" not in data[start:end]
        and not re.match(rb"[^\s:]+[ \t]*\r?$", data[end : end + 512].split(b"\n")[0])
    ):
        return None  # a mapping begins on the next line
    return found(data, read(data, end, begin, colon=operator.endswith(b":")), sense)


NAMED = re.compile(
    rb"(?:name|key|param|parameter|variable|field|property)\\*[\"'`]?\s{0,4}[:=]\s{0,4}\\*[\"'`]?\Z",
    re.IGNORECASE,
)


def is_named(data: bytes, begin: int) -> bool:
    """Say whether `name:` or the like stands before a name, as in the environment of a container."""
    return NAMED.search(data, max(0, begin - 40), begin) is not None


def paired(data: bytes, match: Match) -> Hit | None:
    """Judge `name: X` / `value: V`, on one line or two."""
    start, end = match.span()
    begin, name = key_before(data, start, end)
    if not is_named(data, begin):
        return None
    where = data[start:end].lower()
    label = start + max(
        where.rfind(b"value"), where.rfind(b"val"), where.rfind(b"content"), where.rfind(b"default")
    )
    return found(data, read(data, end, label, colon=data[start:end].rstrip().endswith(b":")), meaning(name))


VALUE_BEFORE = re.compile(
    rb"(?<![A-Za-z])(?:value|val)\\*[\"']?\s{0,4}[:=]\s{0,4}(\\*[\"'])?([^\n]{1,2048}?)(?(1)\\*[\"'])\s*,?\s*(?:-\s)?\\*[\"']?(?:name|key)\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?\Z",
    re.IGNORECASE,
)


def paired_before(data: bytes, match: Match) -> Hit | None:
    """Judge `value: V` / `name: X`, in that order."""
    start, end = match.span()
    begin, name = key_before(data, start, end)
    sense = meaning(name)
    if sense == NOTHING or not is_named(data, begin):
        return None
    window = data.rfind(b"value", max(0, begin - 2200), begin)
    before = VALUE_BEFORE.search(data, window, begin) if window >= 0 else None
    if before is None:
        return None
    first, last = before.span(2)
    return found(data, Value(first, last, delimited=True), sense)


def flagged(data: bytes, match: Match) -> Hit | None:
    """Judge `--name value` and the same as items of a list."""
    start, end = match.span()
    begin, name = key_before(data, start, end)
    if not name.startswith("-") or data[end : end + 1] in (b"-", b""):
        return None
    return found(data, read(data, end, begin, colon=False), meaning(name))
