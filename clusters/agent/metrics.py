"""The agent's own figures, for its /metrics. Labels are names of resources and nothing that an object holds."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """One registry an agent, so that two in one process don't mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.listed = self._counter("lists", "Complete lists read from the API server.", "resource")
        self.events = self._counter("watch_events", "Watch events read.", "resource")
        self.relists = self._counter("relists", "Lists made anew, by what asked for it.", "cause")
        self.unprojectable = self._counter(
            "unprojectable_objects", "Objects left out: not readable by their type.", "resource"
        )
        self.api_failures = self._counter(
            "api_failures", "Failed calls of the API server that will be retried."
        )
        self.batches = self._counter("batches_sent", "Batches that the server took, by type.", "type")
        self.sent_bytes = self._counter("sent_bytes", "Compressed bytes of the batches that the server took.")
        self.send_failures = self._counter(
            "send_failures", "Failed calls of the server, by what became of them.", "outcome"
        )
        self.rejected = self._counter("rejected_objects", "Objects that the server did not take as sent.")
        self.sessions = self._counter("sessions", "Enrolments that gave a session.")
        self.pending = self._gauge("queue_pending", "Changes that wait to be sent.")
        self.held_bytes = self._gauge("queue_held_bytes", "Bytes held by changes and snapshots that wait.")
        self.coalesced = self._gauge(
            "queue_coalesced", "Changes merged into a later one of the same object, so far."
        )
        self.overflows = self._gauge(
            "queue_overflows", "Times the bound was reached and a resource was dropped."
        )
        self.leader = self._gauge("leader", "1 if this replica sends.")
        self.last_success = self._gauge(
            "last_success_timestamp_seconds", "When the server last took something."
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"srexpert_agent_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"srexpert_agent_{name}", text, registry=self.registry)
