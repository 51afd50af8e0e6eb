"""The dispositions that a field's type carries, and the closed shapes that most kept strings must have.

A kept string either matches its shape whole, or it is not what the field is for: then it is left out
(closed domains) or treated as free text (names and paths that a person chose).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec

from clusters.wire import text
from clusters.wire.session import Session

Disposition = Literal["keep", "redact", "mark", "drop", "pseudonym"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one string, or of one list or mapping as a whole.

    Either `shape` (a full match is kept, else `otherwise` says what leaves, None for nothing) or `clean`
    (gets value and session, gives what leaves) is set.
    """

    disposition: Disposition
    shape: re.Pattern[str] | None = None
    otherwise: Callable[[str], str | None] | None = None
    clean: Callable[[Any, Session], Any] | None = None


class Part(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False, rename=lambda name: camel_case(name)):  # noqa: PLW0108 -- defined below
    """Base of every projected type: fields that aren't declared don't exist.

    `dropped` names fields that the contract mentions and that never leave; it is for the published list.
    A subclass may define `begin(session)` and `settle(session)`, run before and after its fields.
    """


_INITIALISMS: Final = {
    "ip": "IP", "ips": "IPs", "pid": "PID", "ipc": "IPC", "cidr": "CIDR", "cidrs": "CIDRs", "id": "ID",
    "uuid": "UUID", "cpu": "CPU", "url": "URL", "urls": "URLs", "fqdn": "FQDN", "io": "IO", "api": "API",
}  # fmt: skip


def camel_case(name: str) -> str:
    """The Kubernetes spelling of a field: `host_ip` is `hostIP`, `from_` is `from`."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(_INITIALISMS.get(word) or word[:1].upper() + word[1:] for word in rest)


def left_out(_: str) -> None:
    """Nothing leaves: the string isn't of the closed domain."""


def closed(pattern: str) -> Rule:
    """Keep what matches, and the empty string; leave out the rest."""
    return Rule("keep", shape=re.compile(f"(?:{pattern})?"), otherwise=left_out)


def chosen(pattern: str) -> Rule:
    """Keep what matches, treat the rest as free text: names that a person chose."""
    return Rule("keep", shape=re.compile(pattern), otherwise=text.clean)


def scalar(rule: Rule) -> Rule:
    """The same for a field that may be a number, too: numbers pass."""

    def clean(value: Any, _: Session) -> Any:
        if not isinstance(value, str) or (rule.shape and rule.shape.fullmatch(value)):
            return value
        return rule.otherwise(value) if rule.otherwise else None

    return Rule(rule.disposition, clean=clean)


def _redacted(value: str, _: Session) -> str:
    return text.clean(value)


_DIGEST = r"@[a-z0-9]{2,16}:[0-9a-f]{32,128}"
_IMAGE = re.compile(
    r"(?:(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,10}|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+|/[a-z0-9]+){0,60}"
    rf"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:{_DIGEST})?|[a-z0-9]{{2,16}}:[0-9a-f]{{32,128}}"
)
_SCHEME = re.compile(r"(?:docker-pullable|docker|containerd|cri-o|https?)://")


def bare_image(reference: str) -> str:
    """An image reference without userinfo; what isn't one is treated as free text."""
    scheme = _SCHEME.match(reference)
    prefix, rest = (scheme[0], reference[scheme.end() :]) if scheme else ("", reference)
    while not _IMAGE.fullmatch(rest):
        # A password may hold an `@` itself, and a digest begins with one: try what follows each.
        _, found, rest = rest.partition("@")
        if not found:
            return text.clean(reference)
    return prefix + rest


def url_path(path: str) -> str:
    """A path without query and fragment, redacted."""
    return text.clean(re.split(r"[?#]", path, maxsplit=1)[0])


_NAME = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}"
_QUALIFIED = r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}/)?[A-Za-z0-9*][A-Za-z0-9._-]{0,62}"
_IP = r"[0-9a-fA-F:.]{2,45}(?:/\d{1,3})?"
_HOST = r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63}){0,20}\.?"
_QUANTITY = r"[+-]?\d{1,20}(?:\.\d{0,12})?(?:[eE][+-]?\d{1,3}|[numkMGTPE]i?)?"

Time = Annotated[str, closed(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")]
Duration = Annotated[str, closed(r"(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|us|m|s)){1,4}|0")]
Word = Annotated[str, closed(r"[A-Za-z]{1,40}[0-9]{0,2}")]
KindName = Annotated[str, closed(r"[A-Z][A-Za-z0-9]{0,62}")]
Boolean = Annotated[str, closed(r"True|False|Unknown")]
Version = Annotated[
    str, closed(r"(?:[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}/)?v\d{1,3}(?:(?:alpha|beta)\d{1,3})?")
]
Release = Annotated[str, closed(r"v?\d{1,4}(?:\.\d{1,5}){1,3}(?:[-+.][A-Za-z0-9]{1,20}){0,8}")]
Uid = Annotated[str, closed(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")]
Number = Annotated[str, closed(r"\d{1,20}")]
Hexadecimal = Annotated[str, closed(r"[0-9a-fA-F-]{1,64}")]
Address = Annotated[str, closed(_IP)]
Quantity = Annotated[str | int | float, scalar(closed(_QUANTITY))]
Name = Annotated[str, chosen(_NAME)]
RoleName = Annotated[str, chosen(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,252}")]
Qualified = Annotated[str, chosen(_QUALIFIED)]
EnvName = Annotated[str, chosen(r"[A-Za-z_.-][A-Za-z0-9_.-]{0,252}")]
HeaderName = Annotated[str, chosen(r"[A-Za-z][A-Za-z0-9-]{0,62}")]
Host = Annotated[str, chosen(rf"{_HOST}|{_IP}")]
Reason = Annotated[str, chosen(r"[A-Z][A-Za-z]{0,63}")]
LabelValue = Annotated[str, chosen(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,62})?")]
Port = Annotated[str | int, scalar(closed(r"[a-z0-9][a-z0-9-]{0,14}"))]
Share = Annotated[str | int, scalar(closed(r"\d{1,9}%?"))]
Cron = Annotated[
    str,
    closed(
        r"@[a-z]{4,10}|(?:(?:CRON_)?TZ=[A-Za-z_/+-]{1,40} )?[0-9A-Za-z*/,?#-]{1,60}(?: {1,3}[0-9A-Za-z*/,?#-]{1,60}){4}"
    ),
]
Image = Annotated[str, Rule("keep", shape=_IMAGE, otherwise=bare_image)]
ContainerId = Annotated[str, closed(r"[a-z0-9-]{2,20}://[0-9a-f]{12,128}")]
FilePath = Annotated[str, chosen(r"(?:/[A-Za-z]{0,20}|/[A-Za-z]{1,20}[._-][A-Za-z]{1,20}){1,12}")]
FieldPath = Annotated[str, chosen(r"[a-zA-Z]{1,20}(?:\.[a-zA-Z]{1,40}){0,6}(?:\{[a-z0-9-]{1,63}\})?")]
UrlPath = Annotated[
    str, Rule("redact", shape=re.compile(r"/|(?:/[A-Za-z]{1,20}){1,12}/?"), otherwise=url_path)
]
Text = Annotated[str, Rule("redact", clean=_redacted)]
