"""Tells the server that the agent lives and what it can see, and hears which resources to compare again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from clusters.agent.delta_queue import DeltaQueue
from clusters.agent.metrics import Metrics
from clusters.agent.retries import Patience, Retryable
from clusters.agent.sender import Sender
from clusters.agent.server_api import Refused, ServerApi, SessionLost, pack
from clusters.agent.statuses import StatusBoard
from clusters.wire import messages
from clusters.wire.messages import Acknowledged, Heartbeat, Queue

log = logging.getLogger(__name__)

FIRST_SECONDS = 1.0


class HeartbeatSender:
    """`run` is the body of its thread. A missed beat isn't repeated: the next one says more."""

    def __init__(
        self,
        *,
        server: ServerApi,
        sender: Sender,
        queue: DeltaQueue,
        board: StatusBoard,
        resync: Callable[[Iterable[str] | None], None],
        patience: Patience,
        metrics: Metrics,
    ) -> None:
        self._server = server
        self._sender = sender
        self._queue = queue
        self._board = board
        self._resync = resync
        self._stopping = patience.stopping
        self._metrics = metrics

    def run(self) -> None:
        """Beat as often as the server asked, until the agent stops."""
        while not self._stopping.wait(self._interval):
            self.beat()

    @property
    def _interval(self) -> float:
        session = self._sender.session
        return FIRST_SECONDS if session is None else max(1.0, float(session.heartbeat_seconds))

    def beat(self) -> None:
        """One heartbeat, if there is a session."""
        session = self._sender.session
        if session is None:
            return
        body = Heartbeat(
            wire=messages.CURRENT,
            session=session.id,
            sent_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            kinds=self._board.all(),
            queue=Queue(pending=self._queue.pending, coalesced=self._queue.coalesced),
        )
        try:
            answer = self._server.post("heartbeat", pack(messages.encode(body)), Acknowledged)
        except SessionLost:
            self._sender.lose_session(session)
        except (Retryable, Refused) as failure:
            self._metrics.send_failures.labels("heartbeat").inc()
            log.warning("a heartbeat failed", extra={"reason": str(failure)})
        else:
            self._heard(answer)

    def _heard(self, answer: Acknowledged) -> None:
        known = {status.resource for status in self._board.all()}
        # The names come from outside: what isn't in our catalogue is ignored, never asked of the API server.
        wanted = {resource for resource in answer.resync if resource in known} | self._queue.take_overflowed()
        if wanted:
            self._metrics.relists.labels("server").inc(len(wanted))
            self._resync(wanted)
