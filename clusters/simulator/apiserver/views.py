"""The shapes in which one stored object is shown: as stored, as an events.k8s.io Event, metadata only, as a table row."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.store import Object, Record
from clusters.simulator.apiserver.tables import row

_encode = msgspec.json.Encoder().encode
_EVENTS = "events.k8s.io"
_MOVED = {
    "involvedObject": "regarding", "message": "note", "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp", "count": "deprecatedCount", "source": "deprecatedSource",
    "reportingComponent": "reportingController",
}  # fmt: skip
_MOVED_BACK = {new: old for old, new in _MOVED.items()}

Show = Callable[[Record], bytes]


def shown(resource: Resource, obj: Object) -> Object:
    """A stored object in the shape of this resource."""
    if resource.group != _EVENTS:
        return obj
    moved = {_MOVED.get(key, key): value for key, value in obj.items()}
    return moved | {"apiVersion": "events.k8s.io/v1", "kind": "Event"}


def stored(resource: Resource, obj: Object) -> Object:
    """What a client sent for this resource, in the shape that is stored."""
    if resource.group != _EVENTS:
        return obj
    return {_MOVED_BACK.get(key, key): value for key, value in obj.items()} | {
        "apiVersion": "v1",
        "kind": "Event",
    }


def metadata_only(obj: Object) -> Object:
    """A PartialObjectMetadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def shower(resource: Resource, form: str) -> Show:
    """How to write one object in the negotiated form: '', 'PartialObjectMetadata' or 'Table' (a row)."""
    if form == "Table":
        return lambda record: _encode(row(resource, shown(resource, record.obj), datetime.now(UTC)))
    if form == "PartialObjectMetadata":
        return lambda record: _encode(metadata_only(record.obj))
    if resource.group == _EVENTS:
        return lambda record: _encode(shown(resource, record.obj))
    return lambda record: record.raw


def form_of(accept: str) -> str:
    """The form that an Accept header asks for first: '', 'PartialObjectMetadata' or 'Table'."""
    for option in accept.split(","):
        parameters: dict[str, Any] = dict(part.strip().partition("=")[::2] for part in option.split(";")[1:])
        wanted = parameters.get("as", "")
        if wanted in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList"):
            return str(wanted).removesuffix("List")
        if option.strip().startswith(("application/json", "*/*")):
            return ""
    return ""
