"""What the agent knows of each kind it watches: seen, not permitted, not served, failing."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from clusters.agent.discovery import ServedKind, split
from clusters.wire.messages import KindStatus

LONGEST_REASON = 300


class StatusBoard:
    """Written by the watchers, read by enrolment, heartbeats and metrics."""

    def __init__(self, resources: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._statuses = {resource: _unknown(resource) for resource in resources}

    def set(self, resource: str, status: str, reason: str = "", *, kind: ServedKind | None = None) -> bool:
        """Note a status, and say whether it changed. `kind` is given when discovery found it."""
        with self._lock:
            old = self._statuses[resource]
            new = KindStatus(
                resource=resource,
                group=old.group,
                version=kind.version if kind else old.version,
                kind=kind.kind if kind else old.kind,
                namespaced=kind.namespaced if kind else old.namespaced,
                status=status,
                reason=reason[:LONGEST_REASON],
            )
            self._statuses[resource] = new
            return (old.status, old.reason) != (new.status, new.reason)

    def all(self) -> list[KindStatus]:
        """Every kind, in the catalogue's order."""
        with self._lock:
            return list(self._statuses.values())

    def status(self, resource: str) -> str:
        with self._lock:
            return self._statuses[resource].status


def _unknown(resource: str) -> KindStatus:
    _, group = split(resource)
    return KindStatus(
        resource=resource,
        group=group,
        version="",
        kind="",
        namespaced=False,
        status="failing",
        reason="not tried yet",
    )
