"""The projection: what of a Kubernetes object may leave a cluster, applied by the agent and again at the ingest."""

import hashlib
from functools import cache
from typing import Any

import msgspec

from clusters.wire import storable
from clusters.wire.errors import MalformedObject, UnknownKind, field_and_detail
from clusters.wire.listing import Field, listed
from clusters.wire.registry import KINDS, Kind
from clusters.wire.session import Session
from clusters.wire.walking import Op, cleaner

_encoder = msgspec.json.Encoder(order="sorted")


class Projected(msgspec.Struct, frozen=True, gc=False):
    """An object as it leaves: `json` has sorted keys, `hash` is its hex blake2b-128.

    `rejected` names what had no business there: at the server that means an agent that didn't project.
    """

    resource: str
    uid: str
    kind: str
    api_version: str
    namespace: str
    name: str
    json: bytes
    hash: str
    rejected: list[str]


@cache
def _tools(resource: str) -> tuple[Kind, "msgspec.json.Decoder[Any]", Op]:
    kind = KINDS.get(resource)
    if kind is None:
        raise UnknownKind(resource)
    return kind, msgspec.json.Decoder(kind.type), cleaner(kind.type)


def resources() -> tuple[str, ...]:
    """All resources that are ever projected, as `deployments.apps`; core group: `pods`."""
    return tuple(KINDS)


def fields(kind: str) -> list[Field]:
    """What may leave of a kind, generated from its types: (path, disposition), in the types' order.

    `kind` is a resource (`deployments.apps`) or a kind's name. Raises UnknownKind.
    """
    if kind in KINDS:
        return listed(KINDS[kind].type)
    for known in KINDS.values():
        if known.kind == kind:
            return listed(known.type)
    raise UnknownKind(kind)


def project(
    resource: str, raw: bytes | msgspec.Raw, *, marker_key: bytes | None, api_version: str = ""
) -> Projected:
    """The projection of one object of `resource` from its JSON.

    With `marker_key` (the agent) values become markers with an HMAC under it. Without (the server) valid
    markers stay and anything else in their place is replaced and named in `rejected`. Projecting a projection
    gives the same bytes. `api_version` is that of the list, whose items leave it out.

    Raises UnknownKind, MalformedObject; neither repeats anything of the object.
    """
    kind, decoder, clean = _tools(resource)
    session = Session(marker_key)
    try:
        root = decoder.decode(raw)
        _identify(root, kind, api_version)
        clean(root, session)
        storable.settle(root)
        root.api_version = root.api_version or _version(kind)
        body = storable.without_nul(_encoder.encode(root))
    except MalformedObject:
        raise
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError, ValueError) as error:
        raise MalformedObject(*field_and_detail(error)) from None
    meta = root.metadata
    if not meta.uid:
        raise MalformedObject("metadata.uid", "missing or not a uid")
    if not meta.name:
        raise MalformedObject("metadata.name", "required field is missing")
    return Projected(
        resource=resource,
        uid=meta.uid,
        kind=kind.kind,
        api_version=root.api_version,
        namespace=(meta.namespace or "").replace("\0", "\N{REPLACEMENT CHARACTER}"),
        name=meta.name.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        json=body,
        hash=hashlib.blake2b(body, digest_size=16).hexdigest(),
        rejected=session.rejected,
    )


def _identify(root: Any, kind: Kind, api_version: str) -> None:
    """Fill in kind and version, or refuse an object that says it is of another kind."""
    if root.kind is None:
        root.kind = kind.kind
    elif root.kind != kind.kind:
        raise MalformedObject("kind", f"not {kind.kind}")
    if root.api_version is None:
        root.api_version = api_version or _version(kind)
    if root.api_version.rpartition("/")[0] != kind.group:
        raise MalformedObject("apiVersion", f"not of the group {kind.group or 'core'}")
    if root.metadata is None:
        raise MalformedObject("metadata", "required field is missing")


def _version(kind: Kind) -> str:
    return f"{kind.group}/{kind.version}" if kind.group else kind.version
