"""Runs the agent: once, or until it is told to stop, alone or as one of several replicas."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable

from clusters.agent.cluster_api import in_cluster, load_configuration
from clusters.agent.election import Election
from clusters.agent.health import HealthServer
from clusters.agent.metrics import Metrics
from clusters.agent.options import Options, load_marker_key, own_namespace
from clusters.agent.server_api import check_url, read_token, tls_context
from clusters.agent.term import Setting, Term

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2


class Agent:
    """Checks its options when made (raises BadConfiguration); `run` returns the exit code."""

    def __init__(self, options: Options) -> None:
        check_url(options.server)
        read_token(options.token_file)
        tls_context(options.ca_file)
        self.options = options
        self.metrics = Metrics()
        self.stopping = threading.Event()
        self.term: Term | None = None
        self.election: Election | None = None
        self._configuration = load_configuration(options.kubeconfig)
        self._marker_key = load_marker_key(options.marker_key_file, options.state_dir)
        self.health: HealthServer | None = None

    def stop(self, *_signal: object) -> None:
        """End `run` soon. Safe from a signal handler."""
        self.stopping.set()

    def handle_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def run(self) -> int:
        """Until stopped: 0. After a failure that a restart may cure: 1, and one line on stderr."""
        return self._run_once() if self.options.once else self._run_on()

    def _setting(self, may_send: Callable[[], bool]) -> Setting:
        return Setting(self.options, self._configuration, self._marker_key, self.metrics, may_send)

    def _run_once(self) -> int:
        self.term = Term(self._setting(lambda: True))
        try:
            failed = self.term.sync_once()
        except Exception as error:  # noqa: BLE001 -- whatever it is, one line and exit code 1
            return _tell(error)
        finally:
            self.term.stop()
        if failed:
            print(f"not listed: {', '.join(failed)}", file=sys.stderr)  # noqa: T201 -- the command's own answer
            return 1
        return 0

    def _run_on(self) -> int:
        options = self.options
        self.health = HealthServer(
            options.health_host, options.health_port, healthy=self._healthy, registry=self.metrics.registry
        )
        log.info("serving /healthz and /metrics", extra={"port": self.health.port})
        held = self._start_election()
        try:
            while not self.stopping.wait(LOOK_SECONDS):
                if held() and self.term is None:
                    self.term = Term(self._setting(held))
                    self.term.start()
                if self.term is not None and self.term.failure is not None:
                    return _tell(self.term.failure)
                if not held():
                    self._end_term()
                self._show(held())
        finally:
            self.stopping.set()
            self._end_term()
            self._end_election()
            self.health.close()
        return 0

    def _start_election(self) -> Callable[[], bool]:
        options = self.options
        if not (options.leader_elect or (in_cluster() and options.kubeconfig is None)):
            return lambda: True
        self.election = Election(
            self._configuration,
            namespace=own_namespace(options.lease_namespace),
            stopping=self.stopping,
            lease_seconds=options.lease_seconds,
            renew_seconds=options.renew_seconds,
            retry_seconds=options.retry_seconds,
        )
        self._election_thread = threading.Thread(target=self.election.run, name="election", daemon=True)
        self._election_thread.start()
        return self.election.held

    def _end_election(self) -> None:
        if self.election is not None:
            self._election_thread.join(timeout=5)

    def _end_term(self) -> None:
        term, self.term = self.term, None
        if term is not None:
            term.stop()

    def _healthy(self) -> bool:
        term = self.term
        return not self.stopping.is_set() and (term is None or term.failure is None)

    def _show(self, leading: bool) -> None:  # noqa: FBT001 -- the gauge's own value
        self.metrics.leader.set(leading)
        if self.term is not None:
            queue = self.term.queue
            self.metrics.pending.set(queue.pending)
            self.metrics.held_bytes.set(queue.held_bytes)
            self.metrics.coalesced.set(queue.coalesced)
            self.metrics.overflows.set(queue.overflows)


def _tell(error: BaseException) -> int:
    """One line: our own errors speak for themselves, of others only the class is told."""
    ours = type(error).__module__.startswith("clusters.agent")
    text = str(error) if ours else f"unexpected {type(error).__name__}"
    if not ours:
        log.critical("crashed", exc_info=error)
    print(text, file=sys.stderr)  # noqa: T201 -- the command's own answer
    return 1
