"""Objects with versions: what etcd and the watch cache are to the API server.

Each write takes the next resourceVersion and goes into its collection's history, so that a watch resumes, and a
paged list stays at the version of its first page by undoing what came later. Stored objects are never changed in
place: a write stores a new one, readers may keep the old. Collections share one lock.
"""

import threading
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

Key = tuple[str, str]  # namespace ("" for cluster-scoped), name
Object = dict[str, Any]

_SNAPSHOTS_KEPT = 16
_encoder = msgspec.json.Encoder()


class ExpiredError(Exception):
    """The asked version is older than what the history still holds."""


class Record:
    """One version of one object, with its JSON made when first asked for."""

    __slots__ = ("_raw", "obj", "rv")

    def __init__(self, rv: int, obj: Object) -> None:
        self.rv = rv
        self.obj = obj
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = _encoder.encode(self.obj)
        return self._raw


@dataclass(frozen=True, slots=True)
class Change:
    """One write: ADDED, MODIFIED or DELETED, with the version before it."""

    rv: int
    type: str
    key: Key
    record: Record
    previous: Record | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection at one version, in key order."""

    rv: int
    keys: list[Key]
    records: list[Record]

    def span(self, namespace: str | None) -> tuple[int, int]:
        """The index range of one namespace's records; all of them for None."""
        if namespace is None:
            return 0, len(self.keys)
        return bisect_left(self.keys, (namespace, "")), bisect_left(self.keys, (namespace + "\0", ""))

    def after(self, key: Key) -> int:
        """The index of the first record behind a key."""
        return bisect_left(self.keys, (key[0], key[1] + "\0"))


class Collection:
    """The objects of one resource and what changed lately."""

    def __init__(self, lock: threading.RLock, window: int) -> None:
        self.records: dict[Key, Record] = {}
        self.history: deque[Change] = deque()
        self.compacted = 0  # versions up to here can't be watched or listed any more
        self.changed = threading.Condition(lock)
        self.namespaces: dict[str, dict[str, Record]] = {}
        self._window = window

    def remember(self, change: Change) -> None:
        """Add to the history, and forget what is beyond the window."""
        self.history.append(change)
        while len(self.history) > self._window:
            self.compacted = self.history.popleft().rv
        self.changed.notify_all()

    def since(self, rv: int) -> list[Change]:
        """The changes after a version, oldest first.

        Raises ExpiredError if some of them are forgotten.
        """
        if rv < self.compacted:
            raise ExpiredError
        found: list[Change] = []
        for change in reversed(self.history):
            if change.rv <= rv:
                break
            found.append(change)
        found.reverse()
        return found

    def put(self, key: Key, record: Record | None) -> None:
        """Set or remove the current version of one object."""
        if record is None:
            self.records.pop(key, None)
            self.namespaces.get(key[0], {}).pop(key[1], None)
        else:
            self.records[key] = record
            self.namespaces.setdefault(key[0], {})[key[1]] = record


class Store:
    """All collections, one counter of versions, and indexes by owner and by node."""

    def __init__(self, window: int = 20_000) -> None:
        self.lock = threading.RLock()
        self._rv = 1
        self._window = window
        self._collections: dict[str, Collection] = {}
        self._listeners: list[Callable[[str, Change], None]] = []
        self._owned: dict[str, dict[tuple[str, Key], None]] = {}
        self._on_node: dict[str, dict[Key, None]] = {}
        self._snapshots: OrderedDict[tuple[str, int], Snapshot] = OrderedDict()

    @property
    def rv(self) -> int:
        """The version of the latest write."""
        return self._rv

    def collection(self, name: str) -> Collection:
        """The collection of one resource; empty when nothing was stored yet."""
        with self.lock:
            return self._collections.setdefault(name, Collection(self.lock, self._window))

    def listen(self, listener: Callable[[str, Change], None]) -> None:
        """Call `listener(resource name, change)` after each write, under the lock: it must be quick."""
        self._listeners.append(listener)

    def get(self, name: str, namespace: str, key: str) -> Object | None:
        """The current object, not to be changed in place."""
        record = self.collection(name).records.get((namespace, key))
        return None if record is None else record.obj

    def all(self, name: str, namespace: str | None = None) -> list[Object]:
        """The current objects of one resource, of one namespace or of all."""
        with self.lock:
            collection = self.collection(name)
            found: Iterable[Record]
            found = (
                collection.records if namespace is None else collection.namespaces.get(namespace, {})
            ).values()
            return [record.obj for record in found]

    def owned(self, uid: str, name: str | None = None) -> list[Object]:
        """The objects that name this uid as an owner, of one resource or of all."""
        with self.lock:
            keys = [(res, key) for res, key in self._owned.get(uid, ()) if name is None or res == name]
            return [self._collections[res].records[key].obj for res, key in keys]

    def owned_keys(self, uid: str) -> list[tuple[str, Key]]:
        """Resource and key of the objects that name this uid as an owner."""
        with self.lock:
            return list(self._owned.get(uid, ()))

    def pods_on(self, node: str) -> list[Object]:
        """The pods that are bound to a node."""
        with self.lock:
            pods = self.collection("pods").records
            return [pods[key].obj for key in self._on_node.get(node, ())]

    def write(self, name: str, obj: Object) -> Object:
        """Store a new version of an object (created when it wasn't there) and give it back with its version.

        Nothing is written when it equals what is stored, as in the API server.
        """
        metadata = obj["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        with self.lock:
            collection = self.collection(name)
            previous = collection.records.get(key)
            if previous is not None:
                metadata["resourceVersion"] = previous.obj["metadata"]["resourceVersion"]
                if previous.obj == obj:
                    return previous.obj
            self._rv += 1
            metadata["resourceVersion"] = str(self._rv)
            record = Record(self._rv, obj)
            kind = "ADDED" if previous is None else "MODIFIED"
            self._commit(name, collection, Change(self._rv, kind, key, record, previous))
            return obj

    def remove(self, name: str, namespace: str, key: str) -> Object | None:
        """Remove an object for good; its last state carries the version of the removal."""
        with self.lock:
            collection = self.collection(name)
            previous = collection.records.get((namespace, key))
            if previous is None:
                return None
            self._rv += 1
            last = dict(previous.obj, metadata=dict(previous.obj["metadata"], resourceVersion=str(self._rv)))
            change = Change(self._rv, "DELETED", (namespace, key), Record(self._rv, last), previous)
            self._commit(name, collection, change)
            return last

    def snapshot(self, name: str, rv: int | None = None) -> Snapshot:
        """A collection as it was at a version; the current one for None.

        Raises ExpiredError if that version is beyond the history.
        """
        with self.lock:
            collection = self.collection(name)
            current = collection.history[-1].rv if collection.history else collection.compacted
            at = self._rv if rv is None else rv
            if at < collection.compacted:
                raise ExpiredError
            effective = min(at, current)
            kept = self._snapshots.get((name, effective))
            if kept is None:
                kept = self._at(collection, at, effective)
                self._snapshots[name, effective] = kept
                if len(self._snapshots) > _SNAPSHOTS_KEPT:
                    self._snapshots.popitem(last=False)
            self._snapshots.move_to_end((name, effective))
            return Snapshot(at, kept.keys, kept.records)

    def compact(self) -> None:
        """Forget all history, as etcd's compaction does: older versions answer 410 from now on."""
        with self.lock:
            self._rv += 1
            for collection in self._collections.values():
                collection.history.clear()
                collection.compacted = self._rv
            self._snapshots.clear()

    def _at(self, collection: Collection, at: int, effective: int) -> Snapshot:
        records = dict(collection.records)
        for change in reversed(collection.since(at)):
            if change.previous is None:
                records.pop(change.key, None)
            else:
                records[change.key] = change.previous
        keys = sorted(records)
        return Snapshot(effective, keys, [records[key] for key in keys])

    def _commit(self, name: str, collection: Collection, change: Change) -> None:
        gone = change.type == "DELETED"
        if change.previous is not None:
            self._index(name, change.key, change.previous.obj, present=False)
        if not gone:
            self._index(name, change.key, change.record.obj, present=True)
        collection.put(change.key, None if gone else change.record)
        collection.remember(change)
        for listener in self._listeners:
            listener(name, change)

    def _index(self, name: str, key: Key, obj: Object, *, present: bool) -> None:
        for owner in obj["metadata"].get("ownerReferences", ()):
            _note(self._owned, owner["uid"], (name, key), present=present)
        if name == "pods" and obj["spec"].get("nodeName"):
            _note(self._on_node, obj["spec"]["nodeName"], key, present=present)


def _note(index: dict[str, dict[Any, None]], at: str, entry: Any, *, present: bool) -> None:
    if present:
        index.setdefault(at, {})[entry] = None
        return
    entries = index.get(at, {})
    entries.pop(entry, None)
    if not entries:
        index.pop(at, None)


def copy_of(obj: Object) -> Object:
    """A deep copy that may be changed; through JSON, which is several times faster than `copy.deepcopy`."""
    copied: Object = msgspec.json.decode(_encoder.encode(obj))
    return copied
