"""The messages of `/api/agent/v1/…`: enrol, sync, heartbeat and commands, with strict decoding.

Wire version 2 is current, 1 is still taken: 1 has no `kinds[].reason` and no `upserts[].hash`
(the server computes the hash). Bodies are JSON; compression is the transport's business.
"""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from clusters.wire.errors import MalformedMessage, field_and_detail

CURRENT: Final = 2
PREVIOUS: Final = 1
VERSIONS: Final = frozenset({CURRENT, PREVIOUS})

# The limits below bound what one request can make the server hold; the agent's chunks stay far under them.
MAX_ITEMS: Final = 5_000
MAX_PAIRS: Final = 50_000
MAX_WAIT_SECONDS: Final = 30

Wire = Annotated[int, Meta(ge=0, le=1_000)]
Session = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", max_length=36)]
Sequence = Annotated[int, Meta(ge=1, le=2**53)]
Uid = Annotated[str, Meta(min_length=1, max_length=64)]
# Only the length is checked: patterns cost too much at 50,000 pairs, and hashes are compared, never shown.
Hash = Annotated[str, Meta(min_length=32, max_length=32)]
Resource = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{0,62}(\.[a-z0-9]([-a-z0-9.]{0,189}[a-z0-9])?)?\Z")]
Short = Annotated[str, Meta(max_length=253)]
Reason = Annotated[str, Meta(max_length=500)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Request(Struct, kw_only=True, forbid_unknown_fields=True):
    """What every body of an agent carries: the version of the wire it speaks."""

    wire: Wire


class KindStatus(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the agent can see of one resource (`deployments.apps`; core group: `pods`), and if not, why not.

    `status` is one of watched, not_permitted, not_served, failing.
    """

    resource: Resource
    group: Short
    version: Short
    kind: Short
    namespaced: bool
    status: Annotated[str, Meta(pattern=r"^(watched|not_permitted|not_served|failing)\Z")]
    reason: Reason = ""


Kinds = Annotated[list[KindStatus], Meta(max_length=1_000)]


class Enrolment(Request):
    """Asks for a session. `cluster_uid` is the uid of the namespace kube-system."""

    agent_version: Short
    cluster_uid: Uid
    kubernetes_version: Short
    kinds: Kinds


class Enrolled(Struct, kw_only=True):
    """A new session; `sequence` is the number that the first sync must carry."""

    session: str
    cluster: str
    sequence: int = 1
    heartbeat_seconds: int = 30


class Item(Struct, kw_only=True, forbid_unknown_fields=True):
    """One projected object; `hash` is the hex blake2b-128 of its bytes, empty from a version-1 agent."""

    resource: Resource
    uid: Uid
    object: Raw
    hash: Hash | None = None


class Gone(Struct, kw_only=True, forbid_unknown_fields=True):
    """One object that the cluster no longer has."""

    resource: Resource
    uid: Uid


class Sync(Request):
    """What delta and manifest share: the session and the place in its order."""

    session: Session
    sequence: Sequence


class Delta(Sync, tag="delta"):
    """Objects that are new, changed or gone.

    `completes` names the resources of which, with this batch, the server has everything that it wanted
    from the last manifest; until then their absence means nothing (a wire-1 agent never says so).
    """

    upserts: Annotated[list[Item], Meta(max_length=MAX_ITEMS)] = msgspec.field(default_factory=list)
    deletes: Annotated[list[Gone], Meta(max_length=MAX_PAIRS)] = msgspec.field(default_factory=list)
    completes: Annotated[list[Resource], Meta(max_length=1_000)] = msgspec.field(default_factory=list)


class Manifest(Sync, tag="manifest"):
    """One part of the list of (uid, hash) of all objects of a resource; parts count from 0."""

    resource: Resource
    part: Annotated[int, Meta(ge=0, le=1_000)]
    last: bool
    pairs: Annotated[list[tuple[Uid, Hash]], Meta(max_length=MAX_PAIRS)]


class Rejected(Struct, kw_only=True):
    """An object that was not taken, or taken with replacements."""

    uid: str
    reason: str


class Synced(Struct, kw_only=True):
    """The answer to a sync; `sequence` is the next expected, `want` the uids that the server lacks."""

    sequence: int
    applied: bool
    want: list[str] = msgspec.field(default_factory=list)
    rejected: list[Rejected] = msgspec.field(default_factory=list)


class Queue(Struct, kw_only=True, forbid_unknown_fields=True):
    """The agent's queue: changes that wait, and changes that were merged into a later one."""

    pending: Count = 0
    coalesced: Count = 0


class Heartbeat(Request):
    """The agent lives; `sent_at` is RFC 3339 in UTC by the agent's own clock."""

    session: Session
    sent_at: Annotated[str, Meta(max_length=40, pattern=r"^\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)\Z")]
    kinds: Kinds
    queue: Queue


class Acknowledged(Struct, kw_only=True):
    """The answer to a heartbeat: resources to send a manifest of again."""

    resync: list[str] = msgspec.field(default_factory=list)
    heartbeat_seconds: int = 30


class Poll(Request):
    """Waits for commands, at most `wait_seconds`."""

    session: Session
    wait_seconds: Annotated[int, Meta(ge=0, le=MAX_WAIT_SECONDS)] = MAX_WAIT_SECONDS


class Commands(Struct, kw_only=True):
    """The answer to a poll; always empty until actions exist."""

    commands: list[dict[str, Any]] = msgspec.field(default_factory=list)


class Problem(Struct, kw_only=True, omit_defaults=True):
    """The body of every refusal: `error` is a word (gap, session, field, …), `expected` goes with gap."""

    error: str
    detail: str = ""
    field: str = ""
    expected: int | None = None


class Versioned(Struct):
    """Only the version of a body whose other fields can't be read."""

    wire: int


T = TypeVar("T")
R = TypeVar("R", bound=Request)
_sync: msgspec.json.Decoder[Delta | Manifest] = msgspec.json.Decoder(Delta | Manifest)
_enrolment = msgspec.json.Decoder(Enrolment)
_heartbeat = msgspec.json.Decoder(Heartbeat)
_poll = msgspec.json.Decoder(Poll)
_version = msgspec.json.Decoder(Versioned)


def _refused(body: bytes, error: Exception) -> MalformedMessage:
    """Another version explains its own unknown fields, so it is named before they are."""
    try:
        wire = _version.decode(body).wire
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return MalformedMessage(*field_and_detail(error))
    return MalformedMessage(*field_and_detail(error)) if wire in VERSIONS else _unsupported()


def _unsupported() -> MalformedMessage:
    return MalformedMessage("wire", f"this server takes wire versions {PREVIOUS} and {CURRENT}")


def _decoded(decoder: msgspec.json.Decoder[R], body: bytes) -> R:
    try:
        message = decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _refused(body, error) from None
    if message.wire not in VERSIONS:
        raise _unsupported()
    return message


def decode_enrolment(body: bytes) -> Enrolment:
    """Raises MalformedMessage."""
    return _decoded(_enrolment, body)


def decode_sync(body: bytes) -> Delta | Manifest:
    """Raises MalformedMessage. The objects stay raw views into `body`."""
    message = _decoded(_sync, body)
    if message.wire >= CURRENT and isinstance(message, Delta):
        for index, item in enumerate(message.upserts):
            if item.hash is None:
                raise MalformedMessage(f"upserts[{index}].hash", "required field is missing")
    return message


def decode_heartbeat(body: bytes) -> Heartbeat:
    """Raises MalformedMessage."""
    return _decoded(_heartbeat, body)


def decode_poll(body: bytes) -> Poll:
    """Raises MalformedMessage."""
    return _decoded(_poll, body)


def decode_answer(body: bytes, answer: type[T]) -> T:
    """The server's answer as `answer`; fields that a newer server added are ignored.

    Raises MalformedMessage.
    """
    try:
        return msgspec.json.decode(body, type=answer)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise MalformedMessage(*field_and_detail(error)) from None


def encode(message: Struct) -> bytes:
    """The JSON body of any message above."""
    return msgspec.json.encode(message)
