"""Get and list, in pages that stay at the version of the first one."""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from clusters.simulator.apiserver import selectors, statuses, views
from clusters.simulator.apiserver.requests import Answer, Request, Target
from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.store import ExpiredError, Object, Record, Snapshot, Store
from clusters.simulator.apiserver.tables import columns

_CONTINUE_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
_LIST_TOO_OLD = "The resourceVersion for the provided list is too old."
_INCONSISTENT = -1  # a token with this version goes on with the current state

Keep = Callable[[Object], bool]


@dataclass(frozen=True, slots=True)
class Token:
    """What a continue token holds: the version of the list and the last key shown."""

    rv: int
    namespace: str
    name: str

    def text(self) -> str:
        inside = {"v": "meta.k8s.io/v1", "rv": self.rv, "start": f"{self.namespace}/{self.name}\0"}
        return base64.urlsafe_b64encode(msgspec.json.encode(inside)).decode().rstrip("=")


def _token(text: str) -> Token:
    try:
        inside = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        namespace, _, name = str(inside["start"]).rstrip("\0").partition("/")
        return Token(int(inside["rv"]), namespace, name)
    except (binascii.Error, ValueError, KeyError, TypeError) as wrong:
        raise statuses.bad_request(f"invalid continue token: continue key is not valid: {wrong}") from wrong


def filters(request: Request, target: Target) -> Keep | None:
    """The test that labelSelector and fieldSelector ask for; None when everything passes.

    Raises ApiError (400) for selectors that can't be read.
    """
    by_label = selectors.label_selector(request.query.get("labelSelector", ""))
    by_field = selectors.field_selector(request.query.get("fieldSelector", ""), target.resource)
    name = target.name  # a watch of a single object by its path
    if by_label is None and by_field is None and not name:
        return None

    def keep(obj: Object) -> bool:
        metadata = obj["metadata"]
        if name and metadata["name"] != name:
            return False
        if by_label is not None and not by_label(metadata.get("labels") or {}):
            return False
        return by_field is None or by_field(obj)

    return keep


def version_parameter(request: Request) -> int | None:
    """The resourceVersion parameter; None when it isn't given.

    Raises ApiError for what isn't a number, as the API server does.
    """
    text = request.query.get("resourceVersion", "")
    if not text:
        return None
    if not text.isdecimal():
        told = (
            f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
        raise statuses.ApiError(500, "", told)
    return int(text)


def get(store: Store, request: Request, target: Target) -> Answer:
    """One object.

    Raises ApiError (404) if it isn't there.
    """
    resource = target.resource
    record = store.collection(resource.storage).records.get((target.namespace, target.name))
    if record is None:
        raise statuses.not_found(resource, target.name)
    form = views.form_of(request.headers.get("accept", ""))
    shown = views.shower(resource, form)(record)
    if form == "Table":
        return Answer(_table(resource, {"resourceVersion": str(record.rv)}, [shown]))
    return Answer(shown)


def list_objects(store: Store, request: Request, target: Target) -> Answer:
    """All objects that the selectors keep, or one page of them.

    Raises ApiError: 400 for unreadable parameters, 410 for a version or token that's too old, 504 for a future one.
    """
    keep = filters(request, target)
    limit = request.number("limit")
    snapshot, start = _start(store, request, target)
    first, end = snapshot.span(target.namespace or None)
    position = max(first, start)
    chosen, position = _choose(snapshot, position, end, limit, keep)
    metadata: Object = {"resourceVersion": str(snapshot.rv)}
    if limit and position < end:
        namespace, name = snapshot.keys[position - 1]
        metadata["continue"] = Token(snapshot.rv, namespace, name).text()
        if keep is None:
            metadata["remainingItemCount"] = end - position
    return _listed(request, target.resource, metadata, chosen)


def _start(store: Store, request: Request, target: Target) -> tuple[Snapshot, int]:
    """The snapshot to list from, and the index to begin at."""
    name = target.resource.storage
    if text := request.query.get("continue", ""):
        token = _token(text)
        try:
            snapshot = store.snapshot(name, None if token.rv == _INCONSISTENT else token.rv)
        except ExpiredError:
            error = statuses.expired(_CONTINUE_TOO_OLD)
            again = Token(_INCONSISTENT, token.namespace, token.name).text()
            error.status["metadata"] = {"continue": again}
            raise error from None
        return snapshot, snapshot.after((token.namespace, token.name))
    asked = version_parameter(request)
    if asked and asked > store.rv:
        raise statuses.version_too_large(asked, store.rv)
    exact = request.query.get("resourceVersionMatch") == "Exact"
    try:
        return store.snapshot(name, asked if exact else None), 0
    except ExpiredError:
        raise statuses.expired(_LIST_TOO_OLD) from None


def _choose(
    snapshot: Snapshot, position: int, end: int, limit: int, keep: Keep | None
) -> tuple[list[Record], int]:
    """The records of one page, and the index behind its last one."""
    if keep is None:
        stop = min(end, position + limit) if limit else end
        return snapshot.records[position:stop], stop
    chosen: list[Record] = []
    while position < end and not (limit and len(chosen) == limit):
        record = snapshot.records[position]
        if keep(record.obj):
            chosen.append(record)
        position += 1
    if limit and not any(keep(record.obj) for record in snapshot.records[position:end]):
        position = end  # nothing more to show, so no token that would lead to an empty page
    return chosen, position


def _listed(request: Request, resource: Resource, metadata: Object, records: list[Record]) -> Answer:
    form = views.form_of(request.headers.get("accept", ""))
    show = views.shower(resource, form)
    items: Iterator[bytes] = (show(record) for record in records)
    if form == "Table":
        return Answer(_table(resource, metadata, list(items)))
    kind, version = f"{resource.kind}List", resource.group_version
    if form:
        kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
    return Answer(_wrapped({"kind": kind, "apiVersion": version, "metadata": metadata}, "items", list(items)))


def _table(resource: Resource, metadata: Object, rows: list[bytes]) -> bytes:
    head: dict[str, Any] = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                            "columnDefinitions": columns(resource)}  # fmt: skip
    return _wrapped(head, "rows", rows)


def _wrapped(head: Object, field: str, items: list[bytes]) -> bytes:
    # Stored objects are joined as the bytes they are kept as; decoding 20,000 pods to encode them again would cost.
    return b"".join((msgspec.json.encode(head)[:-1], b',"', field.encode(), b'":[', b",".join(items), b"]}"))
