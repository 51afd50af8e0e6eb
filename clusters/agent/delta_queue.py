"""Changes on their way to the server: coalesced by object, bounded in bytes, behind the snapshots they follow.

Over the bound the bodies of the largest resource are dropped and the resource is marked: when the server answers
again, it is listed anew and compared by manifest. So a server that is away costs bounded memory and no change.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from clusters.agent.snapshots import Gone, ProjectedObject, Snapshot

BATCH_OBJECTS = 1_000
BATCH_BYTES = 2_000_000
DEFAULT_BOUND = 32 * 1024 * 1024
# What an entry costs besides its JSON: uid, hash, two dictionary slots (measured with sys.getsizeof).
ENTRY_OVERHEAD = 400


@dataclass(frozen=True)
class Change:
    """The latest state of one object since it was last sent."""

    resource: str
    state: ProjectedObject | Gone

    @property
    def cost(self) -> int:
        """Bytes this change holds in memory, about."""
        return ENTRY_OVERHEAD + (len(self.state.json) if isinstance(self.state, ProjectedObject) else 0)


@dataclass
class _Lane:
    """One resource: `following` once its snapshot was offered; before that its changes are worth nothing."""

    following: bool = False
    changes: dict[str, Change] = field(default_factory=dict)
    cost: int = 0

    def drop(self) -> None:
        self.changes.clear()
        self.cost = 0


class DeltaQueue:
    """Watchers put, one sender takes."""

    def __init__(self, *, bound: int = DEFAULT_BOUND) -> None:
        self.bound = bound
        self.coalesced = 0
        self.overflows = 0
        self._lanes: dict[str, _Lane] = {}
        self._snapshots: deque[Snapshot] = deque()
        self._overflowed: set[str] = set()
        self._changed = threading.Condition()

    def offer(self, snapshot: Snapshot) -> None:
        """A new list of this resource: what was queued for it is older and goes."""
        with self._changed:
            lane = self._lanes.setdefault(snapshot.resource, _Lane())
            lane.drop()
            lane.following = True
            self._overflowed.discard(snapshot.resource)
            self._forget_snapshots({snapshot.resource})
            self._snapshots.append(snapshot)
            self._changed.notify_all()

    def put(self, resource: str, state: ProjectedObject | Gone) -> None:
        """A change after the resource's snapshot; it replaces an unsent one of the same object."""
        with self._changed:
            lane = self._lanes.setdefault(resource, _Lane())
            if not lane.following:
                return  # the snapshot to come will hold it
            change = Change(resource, state)
            # Popped first, so that the object moves to the end: the oldest unsent change leaves first.
            replaced = lane.changes.pop(state.uid, None)
            if replaced is not None:
                lane.cost -= replaced.cost
                self.coalesced += 1
            lane.changes[state.uid] = change
            lane.cost += change.cost
            self._keep_bound()
            self._changed.notify_all()

    def _keep_bound(self) -> None:
        while sum(lane.cost for lane in self._lanes.values()) > self.bound:
            resource, lane = max(self._lanes.items(), key=lambda entry: entry[1].cost)
            lane.drop()
            lane.following = False
            self._overflowed.add(resource)
            self.overflows += 1

    def await_snapshot(self, resources: Iterable[str]) -> None:
        """Forget what is queued for these resources, and take no change of them before their next snapshot."""
        with self._changed:
            names = set(resources)
            for name in names:
                lane = self._lanes.setdefault(name, _Lane())
                lane.drop()
                lane.following = False
            self._overflowed -= names
            self._forget_snapshots(names)

    def _forget_snapshots(self, resources: set[str]) -> None:
        kept = [snapshot for snapshot in self._snapshots if snapshot.resource not in resources]
        for snapshot in self._snapshots:
            if snapshot.resource in resources:
                snapshot.finish()
        self._snapshots = deque(kept)

    def take_overflowed(self) -> set[str]:
        """The resources whose changes were dropped; the caller lists them anew."""
        with self._changed:
            overflowed, self._overflowed = self._overflowed, set()
            return overflowed

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to take, at most this long."""
        with self._changed:
            return self._changed.wait_for(self._has_work, seconds)

    def _has_work(self) -> bool:
        return bool(self._snapshots) or any(lane.changes for lane in self._lanes.values())

    def only_changes(self) -> bool:
        """Whether no snapshot waits."""
        with self._changed:
            return not self._snapshots

    def take(self) -> Snapshot | list[Change]:
        """The next snapshot, else one batch of changes, else an empty list."""
        with self._changed:
            if self._snapshots:
                return self._snapshots.popleft()
            return self._take_changes()

    def _take_changes(self) -> list[Change]:
        batch: list[Change] = []
        size = 0
        for name, lane in list(self._lanes.items()):
            if len(batch) >= BATCH_OBJECTS or size >= BATCH_BYTES:
                break
            if lane.changes:
                # Served lanes go to the end, so that one busy resource can't hold the others back.
                self._lanes[name] = self._lanes.pop(name)
            while lane.changes and len(batch) < BATCH_OBJECTS and size < BATCH_BYTES:
                uid, change = next(iter(lane.changes.items()))
                del lane.changes[uid]
                lane.cost -= change.cost
                size += change.cost
                batch.append(change)
        return batch

    @property
    def pending(self) -> int:
        """Changes not yet taken."""
        with self._changed:
            return sum(len(lane.changes) for lane in self._lanes.values())

    @property
    def held_bytes(self) -> int:
        """Bytes held by changes and by snapshots not yet taken, about."""
        with self._changed:
            changes = sum(lane.cost for lane in self._lanes.values())
            return changes + sum(snapshot.held_bytes for snapshot in self._snapshots)
