"""Follows one resource: list in pages, watch from there, list again when told or when history was compacted."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from clusters.agent.cluster_api import (
    ClusterApi,
    ClusterError,
    Expired,
    NotPermitted,
    NotServed,
    WatchEvent,
    WatchStream,
)
from clusters.agent.delta_queue import DeltaQueue
from clusters.agent.discovery import Discovery, ServedKind
from clusters.agent.metrics import Metrics
from clusters.agent.projector import Projector
from clusters.agent.retries import Patience, Retryable
from clusters.agent.snapshots import Gone, Snapshot
from clusters.agent.statuses import StatusBoard

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_SECONDS = 300
# A watch that ends sooner than this counts as failed, so that reopening it backs off.
SHORTEST_WATCH_SECONDS = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What the watchers of one agent share. `slots` bounds how many snapshots exist at a time."""

    api: ClusterApi
    discovery: Discovery
    projector: Projector
    queue: DeltaQueue
    board: StatusBoard
    metrics: Metrics
    patience: Patience
    slots: threading.Semaphore
    page_size: int = 500
    recheck_seconds: float = 300.0
    watch_seconds: int = WATCH_SECONDS


class Relist(Exception):
    """Asked for from outside: the server wants this resource compared by manifest."""


class Watcher:
    """One resource of the catalogue; `run` is the body of its thread."""

    def __init__(self, resource: str, around: Surroundings) -> None:
        self.resource = resource
        self._around = around
        self._stopping = around.patience.stopping
        self._relist = threading.Event()
        self._stream: WatchStream | None = None
        self._absences = 0

    def relist(self) -> None:
        """List again soon. Safe from any thread; wakes an open watch."""
        self._relist.set()
        self.wake()

    def wake(self) -> None:
        """Let an open watch end, so that the thread looks at what it was told."""
        stream = self._stream
        if stream is not None:
            stream.interrupt()

    def run(self) -> None:
        """List and watch until the agent stops."""
        while not self._stopping.is_set():
            self._relist.clear()
            try:
                kind = self._locate()
                self._follow(kind, self.sync(kind))
            except (NotPermitted, NotServed, ClusterError) as refusal:
                self._note(refusal)
                # Until the next look at a kind that was refused: its role or its CRD may have come.
                self._pause(self._around.recheck_seconds)
            except (Expired, Relist) as cause:
                self._around.metrics.relists.labels(type(cause).__name__.lower()).inc()
                self._around.queue.await_snapshot([self.resource])
            except Retryable as failure:
                self._fail(failure)
                self._pause(self._around.patience.longest_seconds / 4)

    def sync_once(self) -> bool:
        """One list, for `--once`. False if the API server failed; not permitted and not served are answers."""
        try:
            self.sync(self._locate())
        except (NotPermitted, NotServed) as refusal:
            self._note(refusal)
        except (ClusterError, Retryable) as failure:
            self._fail(failure)
            return False
        return True

    def _locate(self) -> ServedKind:
        return self._retrying(partial(self._around.discovery.locate, self.resource))

    def sync(self, kind: ServedKind) -> str:
        """List everything and offer it. The list's resourceVersion. Raises what the list raised."""
        if not self._take_slot():
            raise Retryable("stopping")
        snapshot = Snapshot(self.resource, finished=self._around.slots.release)
        try:
            version = self._list_into(kind, snapshot)
        except BaseException:
            snapshot.finish()
            raise
        self._around.metrics.listed.labels(self.resource).inc()
        self._around.queue.offer(snapshot)
        self._absences = 0
        self._watched(kind)
        return version

    def _take_slot(self) -> bool:
        while not self._stopping.is_set():
            if self._around.slots.acquire(timeout=0.5):
                return True
        return False

    def _list_into(self, kind: ServedKind, snapshot: Snapshot) -> str:
        def attempt() -> str:
            snapshot.clear()
            version = ""
            for page in self._around.api.pages(
                kind.path, limit=self._around.page_size, on_failure=self._fail
            ):
                version = page.resource_version
                for raw in page.items:
                    projected = self._around.projector.project(kind, raw)
                    if projected is not None:
                        snapshot.add(projected)
            snapshot.close()
            return version

        # 410 in the middle of a list: the continue token is too old, so the list starts again.
        try:
            return self._around.api.patience.call(attempt, retry_on=Expired, on_failure=self._fail)
        except Expired:
            raise Retryable("the list expired each time") from None

    def _follow(self, kind: ServedKind, version: str) -> None:
        """Watch from `version` on. Ends only by an exception or when the agent stops."""
        while not self._stopping.is_set():
            version = self._retrying(partial(self._watch_once, kind, version))
            self._watched(kind)

    def _watch_once(self, kind: ServedKind, version: str) -> str:
        """One watch from its opening to its end. The last resourceVersion seen; Retryable if it was too short."""
        opened = time.monotonic()
        seconds = self._around.watch_seconds
        # Spread, so that forty watches of a thousand agents aren't renewed in the same second.
        lasting = random.randint(seconds, seconds + seconds // 3)  # noqa: S311 -- not for secrets
        first = version
        stream = self._around.api.watch(kind.path, resource_version=version, timeout_seconds=lasting)
        self._stream = stream
        try:
            self._watched(kind)
            self._look_up()
            for event in stream:
                version = event.meta.resource_version or version
                self._apply(kind, event)
                self._look_up()
        except Retryable:
            self._look_up()
            if version == first:
                raise
        finally:
            self._stream = None
            stream.close()
        self._look_up()
        if version == first and time.monotonic() - opened < SHORTEST_WATCH_SECONDS:
            raise Retryable("the watch ended at once")
        return version

    def _look_up(self) -> None:
        """Called once `_stream` can be woken and after each event, so that no word from outside is missed."""
        if self._stopping.is_set():
            raise Retryable("stopping")
        if self._relist.is_set():
            raise Relist

    def _apply(self, kind: ServedKind, event: WatchEvent) -> None:
        if event.type == "BOOKMARK":
            return
        self._around.metrics.events.labels(self.resource).inc()
        if not event.meta.uid:
            return
        if event.type == "DELETED":
            self._around.queue.put(self.resource, Gone(event.meta.uid))
            return
        projected = self._around.projector.project(kind, event.raw)
        # An object that can't be read any more is as good as gone; its old state would be a lie.
        self._around.queue.put(self.resource, projected or Gone(event.meta.uid))

    def _retrying(self, function: Callable[[], T]) -> T:
        return self._around.patience.call(function, on_failure=self._fail)

    def _watched(self, kind: ServedKind) -> None:
        if self._around.board.set(self.resource, "watched", kind=kind):
            log.info("watched", extra={"resource": self.resource, "version": kind.version})

    def _fail(self, failure: BaseException) -> None:
        if self._stopping.is_set():
            return
        self._around.metrics.api_failures.inc()
        if self._around.board.set(self.resource, "failing", str(failure)):
            log.warning("failing", extra={"resource": self.resource, "reason": str(failure)})

    def _note(self, refusal: Exception) -> None:
        status = {NotPermitted: "not_permitted", NotServed: "not_served"}.get(type(refusal), "failing")
        if self._around.board.set(self.resource, status, str(refusal)):
            log.warning(status, extra={"resource": self.resource, "reason": str(refusal)})
        if status == "not_served":
            self._absent()

    def _absent(self) -> None:
        """A kind that is gone has no objects. Said only when seen twice: a starting API server may not know it yet."""
        self._absences += 1
        if self._absences == 2:
            self._around.queue.offer(Snapshot(self.resource))

    def _pause(self, seconds: float) -> None:
        self._stopping.wait(seconds * random.uniform(0.8, 1.2))  # noqa: S311 -- not for secrets
