"""One period in which this process sends: from its enrolment until the agent stops or loses the Lease."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from kubernetes.client import Configuration

from clusters.agent import VERSION, discovery
from clusters.agent.catalogue import catalogue
from clusters.agent.cluster_api import (
    PAGE_PATIENCE_SECONDS,
    ClusterApi,
    ClusterError,
    NotPermitted,
    NotServed,
    Unauthorized,
)
from clusters.agent.delta_queue import DeltaQueue
from clusters.agent.heartbeat import HeartbeatSender
from clusters.agent.metrics import Metrics
from clusters.agent.options import Options
from clusters.agent.projector import Projector
from clusters.agent.retries import Patience, Retryable
from clusters.agent.sender import Sender
from clusters.agent.server_api import ServerApi, TokenRefused
from clusters.agent.statuses import StatusBoard
from clusters.agent.watcher import Surroundings, Watcher
from clusters.wire import messages
from clusters.wire.messages import Enrolment

log = logging.getLogger(__name__)

SNAPSHOTS_AT_A_TIME = 2
JOIN_SECONDS = 5.0
SESSIONS_FOR_ONE_SYNC = 3


class CannotIdentify(Exception):
    """The role doesn't let the agent learn which cluster this is."""


@dataclass(frozen=True)
class Setting:
    """What stays the same from one term to the next."""

    options: Options
    configuration: Configuration
    marker_key: bytes
    metrics: Metrics
    may_send: Callable[[], bool] = lambda: True


class Term:
    """Built fresh for each term, so that nothing of an older session can be sent in a new one."""

    def __init__(self, setting: Setting) -> None:
        options, metrics = setting.options, setting.metrics
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        self._enrolled_before = False
        self._todo: deque[str] = deque()
        patience = Patience(
            stopping=self.stopping,
            first_seconds=options.first_retry_seconds,
            longest_seconds=options.longest_retry_seconds,
        )
        if options.once:
            patience = replace(
                patience, give_up_after_seconds=options.give_up_seconds, hopeless=(TokenRefused, Unauthorized)
            )
        page_patience = replace(
            patience, give_up_after_seconds=min(PAGE_PATIENCE_SECONDS, options.give_up_seconds)
        )
        self.queue = DeltaQueue(bound=options.queue_bytes)
        self.board = StatusBoard(catalogue())
        self._api = ClusterApi(setting.configuration, patience=page_patience)
        self._discovery = discovery.Discovery(self._api, catalogue())
        around = Surroundings(
            api=self._api,
            discovery=self._discovery,
            projector=Projector(setting.marker_key, metrics),
            queue=self.queue,
            board=self.board,
            metrics=metrics,
            patience=patience,
            slots=threading.Semaphore(SNAPSHOTS_AT_A_TIME),
            page_size=options.page_size,
            recheck_seconds=options.recheck_seconds,
            watch_seconds=options.watch_seconds,
        )
        self._server = server = ServerApi(
            options.server, token_file=options.token_file, ca_file=options.ca_file, may_send=setting.may_send
        )
        self._watchers = {resource: Watcher(resource, around) for resource in catalogue()}
        self.sender = Sender(
            server=server,
            queue=self.queue,
            enrolment=self._enrolment,
            resync=self._resync_in_turn if options.once else self._resync,
            patience=patience,
            metrics=metrics,
            flush_seconds=options.flush_seconds,
        )
        self._heartbeat = HeartbeatSender(
            server=server,
            sender=self.sender,
            queue=self.queue,
            board=self.board,
            resync=self._resync,
            patience=patience,
            metrics=metrics,
        )
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start sending; watching starts at the enrolment. `failure` is set when a thread ends by an error."""
        self._start("sender", self.sender.run)
        self._start("heartbeat", self._heartbeat.run)

    def stop(self) -> None:
        """Send no more, and let the threads end."""
        self.stopping.set()
        for watcher in self._watchers.values():
            watcher.wake()
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in list(self._threads):
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        self._server.close()
        self._api.close()

    def sync_once(self) -> list[str]:
        """One complete sync of everything. The resources that the API server failed to list."""
        failed: set[str] = set()
        sessions = 0
        self.sender.step()
        while self._todo:
            resource = self._todo.popleft()
            if not self._watchers[resource].sync_once():
                failed.add(resource)
            while self.queue.wait(0):
                self.sender.step()
            sessions += self.sender.session is None
            if sessions >= SESSIONS_FOR_ONE_SYNC:
                raise Retryable("the server ended each session")
        return sorted(failed)

    def _start(self, name: str, target: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                target()
            except Exception as error:  # noqa: BLE001 -- a dead thread must end the process, which then starts anew
                self.failure = error
                self.stopping.set()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _resync(self, resources: Iterable[str] | None) -> None:
        """List these, or all, anew; the first call, at the first enrolment, starts the watchers."""
        if not self._enrolled_before:
            self._enrolled_before = True
            for resource, watcher in self._watchers.items():
                self._start(f"watch-{resource}", watcher.run)
            return
        names = set(self._watchers) if resources is None else set(resources)
        self.queue.await_snapshot(names)
        for name in names:
            self._watchers[name].relist()

    def _resync_in_turn(self, resources: Iterable[str] | None) -> None:
        names = list(self._watchers if resources is None else resources)
        self.queue.await_snapshot(names)
        self._todo = deque(names) if resources is None else self._todo + deque(names)

    def _enrolment(self) -> Enrolment:
        try:
            uid = discovery.cluster_uid(self._api)
        except (NotPermitted, NotServed, ClusterError) as refusal:
            raise CannotIdentify(f"the namespace kube-system can't be read: {refusal}") from None
        version = discovery.kubernetes_version(self._api)
        if not self._enrolled_before:
            self._look_around()
        return Enrolment(
            wire=messages.CURRENT,
            agent_version=VERSION,
            cluster_uid=uid,
            kubernetes_version=version[:253],
            kinds=self.board.all(),
        )

    def _look_around(self) -> None:
        """Which kinds may be listed, so that the first thing that the server hears is right."""
        for resource in self._watchers:
            try:
                kind = self._discovery.locate(resource)
                self._api.probe(kind.path)
                self.board.set(resource, "watched", kind=kind)
            except NotServed as refusal:
                self.board.set(resource, "not_served", str(refusal))
            except NotPermitted as refusal:
                self.board.set(resource, "not_permitted", str(refusal), kind=kind)
            except (Retryable, ClusterError) as failure:
                self.board.set(resource, "failing", str(failure))
