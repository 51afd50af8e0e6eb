"""Sends snapshots and changes in numbered batches: the one place that holds session and sequence.

A batch is encoded once and repeated as the same bytes under the same number until it is answered. A lost session
or a gap makes the agent enrol again; then every resource is listed anew and compared by manifest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from clusters.agent.delta_queue import BATCH_BYTES, BATCH_OBJECTS, Change, DeltaQueue
from clusters.agent.metrics import Metrics
from clusters.agent.retries import Patience, Retryable
from clusters.agent.server_api import Refused, ServerApi, SessionLost, pack
from clusters.agent.snapshots import ProjectedObject, Snapshot
from clusters.wire import messages
from clusters.wire.messages import Delta, Enrolled, Enrolment, Item, Manifest, Synced

log = logging.getLogger(__name__)

T = TypeVar("T")

MANIFEST_PAIRS = 5_000
IDLE_SECONDS = 0.5


@dataclass(frozen=True)
class Session:
    """What the server gave at enrolment."""

    id: str
    heartbeat_seconds: int


class Sender:
    """`run` is the body of its thread; `session` is read by the heartbeat."""

    def __init__(
        self,
        *,
        server: ServerApi,
        queue: DeltaQueue,
        enrolment: Callable[[], Enrolment],
        resync: Callable[[Iterable[str] | None], None],
        patience: Patience,
        metrics: Metrics,
        flush_seconds: float = 0.5,
    ) -> None:
        self.session: Session | None = None
        self._server = server
        self._queue = queue
        self._enrolment = enrolment
        self._resync = resync
        self._patience = patience
        self._metrics = metrics
        self._flush_seconds = flush_seconds
        self._sequence = 1
        self._lost = threading.Event()

    def lose_session(self, session: Session) -> None:
        """The heartbeat learned that this session is over; safe from any thread."""
        if self.session is session:
            self._lost.set()

    def run(self) -> None:
        """Enrol and send until the agent stops. Raises Refused when the server won't have this agent at all."""
        while not self._patience.stopping.is_set():
            try:
                self.step()
            except Retryable:
                # Only raised when told to stop or, with `--once`, out of patience.
                if not self._patience.stopping.is_set():
                    raise

    def step(self) -> None:
        """Enrol if there is no session, then send the next piece of work, if any comes soon."""
        if self._lost.is_set():
            self.session = None
        if self.session is None:
            self._enrol()
        if self._queue.wait(IDLE_SECONDS):
            self._send(self._next_work())

    def _next_work(self) -> Snapshot | list[Change]:
        # A short wait before changes are taken lets several changes of one object become one.
        if self._queue.only_changes():
            self._patience.stopping.wait(self._flush_seconds)
        return self._queue.take()

    def _enrol(self) -> None:
        self._lost.clear()
        # Built for each attempt: who may see what can change while the server is away.
        answer = self._call(
            lambda: self._server.post("enrol", pack(messages.encode(self._enrolment())), Enrolled)
        )
        self.session = Session(answer.session, answer.heartbeat_seconds)
        self._sequence = answer.sequence
        self._metrics.sessions.inc()
        log.info("enrolled", extra={"cluster": answer.cluster})
        self._resync(None)

    def _send(self, work: Snapshot | list[Change]) -> None:
        try:
            if isinstance(work, Snapshot):
                self._send_snapshot(work)
            else:
                self._send_changes(work)
        except SessionLost as loss:
            log.warning("the session is over", extra={"reason": str(loss)[:60]})
            self._metrics.send_failures.labels("session").inc()
            self.session = None
        finally:
            if isinstance(work, Snapshot):
                work.finish()

    def _send_snapshot(self, snapshot: Snapshot) -> None:
        wanted: set[str] = set()
        parts = range(0, max(1, len(snapshot.pairs)), MANIFEST_PAIRS)
        for part, start in enumerate(parts):
            pairs = snapshot.pairs[start : start + MANIFEST_PAIRS]
            manifest = Manifest(
                wire=messages.CURRENT,
                session=self._session_id,
                sequence=self._sequence,
                resource=snapshot.resource,
                part=part,
                last=start == parts[-1],
                pairs=pairs,
            )
            try:
                answer = self._post(manifest, "manifest")
            except Refused as refusal:
                self._note_refusal("a manifest was refused", snapshot.resource, refusal)
                return
            # The repeat of a part whose answer was lost may name nothing: then all of it is wanted.
            wanted.update(answer.want if answer.applied or answer.want else [uid for uid, _ in pairs])
        for chunk in _chunks(snapshot.objects(wanted)):
            self._send_changes([Change(snapshot.resource, item) for item in chunk])
        if wanted or len(parts) > 1:
            self._post(self._delta([], completes=[snapshot.resource]), "delta")

    def _send_changes(self, changes: list[Change]) -> None:
        if not changes:
            return
        try:
            answer = self._post(self._delta(changes), "delta")
        except Refused as refusal:
            self._halve(changes, refusal)
            return
        if answer.rejected:
            self._metrics.rejected.inc(len(answer.rejected))
            log.warning("the server did not take all as sent", extra={"count": len(answer.rejected)})

    def _halve(self, changes: list[Change], refusal: Refused) -> None:
        """Refused as a whole: find the object at fault, so that the others still arrive."""
        if len(changes) > 1:
            middle = len(changes) // 2
            self._send_changes(changes[:middle])
            self._send_changes(changes[middle:])
            return
        self._metrics.rejected.inc()
        self._note_refusal("an object was refused", changes[0].resource, refusal)

    def _note_refusal(self, text: str, resource: str, refusal: Refused) -> None:
        log.error(text, extra={"resource": resource, "reason": str(refusal)})

    def _delta(self, changes: list[Change], *, completes: list[str] | None = None) -> Delta:
        delta = Delta(
            wire=messages.CURRENT,
            session=self._session_id,
            sequence=self._sequence,
            completes=completes or [],
        )
        for change in changes:
            state = change.state
            if isinstance(state, ProjectedObject):
                item = Item(
                    resource=change.resource, uid=state.uid, hash=state.hash, object=msgspec.Raw(state.json)
                )
                delta.upserts.append(item)
            else:
                delta.deletes.append(messages.Gone(resource=change.resource, uid=state.uid))
        return delta

    @property
    def _session_id(self) -> str:
        if self.session is None:
            raise SessionLost("session")
        return self.session.id

    def _post(self, message: Delta | Manifest, name: str) -> Synced:
        packed = pack(messages.encode(message))
        answer = self._call(lambda: self._post_once(packed))
        if answer.sequence != message.sequence + 1:
            # Someone else counts in this session, or the server was put back to an older state.
            raise SessionLost("sequence")
        self._sequence = answer.sequence
        self._metrics.batches.labels(name).inc()
        self._metrics.sent_bytes.inc(len(packed))
        self._metrics.last_success.set(time.time())
        self._resync_overflowed()
        return answer

    def _post_once(self, packed: bytes) -> Synced:
        if self._lost.is_set():
            raise SessionLost("session")
        return self._server.post("sync", packed, Synced)

    def _resync_overflowed(self) -> None:
        """The server answers again: what was dropped meanwhile is compared by manifest."""
        overflowed = self._queue.take_overflowed()
        if overflowed:
            self._resync(overflowed)

    def _call(self, function: Callable[[], T]) -> T:
        return self._patience.call(function, on_failure=self._note_failure)

    def _note_failure(self, failure: BaseException) -> None:
        self._metrics.send_failures.labels("retried").inc()
        log.warning("sending failed, will be repeated", extra={"reason": str(failure)})


def _chunks(items: Iterator[ProjectedObject]) -> Iterator[list[ProjectedObject]]:
    """Lists of at most `BATCH_OBJECTS` objects or a little over `BATCH_BYTES`."""
    chunk: list[ProjectedObject] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.json)
        if len(chunk) >= BATCH_OBJECTS or size >= BATCH_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
