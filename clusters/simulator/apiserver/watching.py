"""Watches: changes from a version on, with bookmarks, and 410 for a version whose changes are forgotten."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from clusters.simulator.apiserver import statuses, views
from clusters.simulator.apiserver.reading import Keep, filters, version_parameter
from clusters.simulator.apiserver.requests import Answer, Request, Target
from clusters.simulator.apiserver.store import Change, Collection, ExpiredError, Record, Store
from clusters.simulator.apiserver.tables import columns

_DEFAULT_SECONDS = 1800
_WAIT_SECONDS = 1.0  # so that a stopping server is noticed
_INITIAL_END = {"k8s.io/initial-events-end": "true"}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an idle watch gets a bookmark (seconds), and what ends all watches."""

    bookmark_seconds: float
    closing: threading.Event


def _event(kind: str, shown: bytes) -> bytes:
    return b'{"type":"' + kind.encode() + b'","object":' + shown + b"}\n"


def _as_seen(change: Change, keep: Keep | None) -> tuple[str, Record] | None:
    """What a change means to someone who sees only what passes the selectors: it may come into view or leave it."""
    if keep is None:
        return change.type, change.record
    before = change.previous is not None and keep(change.previous.obj)
    after = change.type != "DELETED" and keep(change.record.obj)
    if before and after:
        return "MODIFIED", change.record
    if after:
        return "ADDED", change.record
    return ("DELETED", change.record) if before else None


class Watch:
    """One watch of one collection."""

    def __init__(self, store: Store, request: Request, target: Target, rhythm: Rhythm) -> None:
        self._store = store
        self._target = target
        self._rhythm = rhythm
        self._keep = filters(request, target)
        self._form = views.form_of(request.headers.get("accept", ""))
        self._show: Callable[[Record], bytes] = views.shower(target.resource, self._form)
        self._bookmarks = request.flag("allowWatchBookmarks")
        self._initial = request.flag("sendInitialEvents")
        self._since = version_parameter(request)
        self._until = time.monotonic() + (request.number("timeoutSeconds") or _DEFAULT_SECONDS)
        self._rows_sent = 0

    def __iter__(self) -> Iterator[bytes]:
        collection = self._store.collection(self._target.resource.storage)
        rv = self._since or 0
        if not rv or self._initial:
            snapshot = self._store.snapshot(self._target.resource.storage)
            first, end = snapshot.span(self._target.namespace or None)
            for record in snapshot.records[first:end]:
                if self._keep is None or self._keep(record.obj):
                    yield self._sent("ADDED", record)
            rv = snapshot.rv
            if self._initial and self._bookmarks:
                yield self._bookmark(rv, _INITIAL_END)
        yield from self._follow(collection, rv)

    def _follow(self, collection: Collection, rv: int) -> Iterator[bytes]:
        bookmark_due = time.monotonic() + self._rhythm.bookmark_seconds
        while time.monotonic() < self._until and not self._rhythm.closing.is_set():
            try:
                changes, rv_after = self._next(collection, rv)
            except ExpiredError:
                told = f"too old resource version: {rv} ({collection.compacted})"
                yield _event("ERROR", msgspec.json.encode(statuses.expired(told).status))
                return
            rv = rv_after
            for change in changes:
                if sent := self._seen(change):
                    yield sent
            if self._bookmarks and time.monotonic() >= bookmark_due:
                yield self._bookmark(rv, None)
                bookmark_due = time.monotonic() + self._rhythm.bookmark_seconds
        if self._bookmarks and not self._rhythm.closing.is_set():
            yield self._bookmark(rv, None)  # so that the next watch begins where this one ended

    def _next(self, collection: Collection, rv: int) -> tuple[list[Change], int]:
        """Wait a little for changes; with them the version up to which nothing is missed."""
        with self._store.lock:
            changes = collection.since(rv)
            if not changes:
                left = max(self._until - time.monotonic(), 0.0)
                collection.changed.wait(min(_WAIT_SECONDS, self._rhythm.bookmark_seconds, left))
                changes = collection.since(rv)
            return changes, max(rv, self._store.rv)

    def _seen(self, change: Change) -> bytes | None:
        if self._target.namespace and change.key[0] != self._target.namespace:
            return None
        seen = _as_seen(change, self._keep)
        return None if seen is None else self._sent(*seen)

    def _sent(self, kind: str, record: Record) -> bytes:
        shown = self._show(record)
        if self._form == "Table":
            # Only the first event of a table's watch carries the columns.
            head = columns(self._target.resource) if not self._rows_sent else []
            self._rows_sent += 1
            table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": str(record.rv)},
                     "columnDefinitions": head, "rows": [msgspec.Raw(shown)]}  # fmt: skip
            shown = msgspec.json.encode(table)
        return _event(kind, shown)

    def _bookmark(self, rv: int, annotations: dict[str, str] | None) -> bytes:
        resource = self._target.resource
        metadata: dict[str, Any] = {"resourceVersion": str(rv), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        kind, version = resource.kind, resource.group_version
        if self._form == "PartialObjectMetadata":
            kind, version = "PartialObjectMetadata", "meta.k8s.io/v1"
        return _event(
            "BOOKMARK", msgspec.json.encode({"kind": kind, "apiVersion": version, "metadata": metadata})
        )


def watch(store: Store, request: Request, target: Target, rhythm: Rhythm) -> Answer:
    """A stream of the changes of one resource.

    Raises ApiError (400) for unreadable parameters; a version that's too old is told inside the stream.
    """
    return Answer(stream=iter(Watch(store, request, target, rhythm)))
