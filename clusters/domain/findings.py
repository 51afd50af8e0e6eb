"""Keeps the stored findings equal to what was judged, and publishes each difference as a signal."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clusters.analyzers.base import Finding as Judged
from clusters.analyzers.base import Status
from clusters.models import Cluster, Finding
from srexpert import clock
from srexpert.events import ObjectReference, SignalCleared, SignalRaised, publish

SOURCE = "health"
_COMPARED = (
    "status", "severity", "title", "detail", "evidence", "fix", "cause_key",
)  # fmt: skip
# What a change of makes the signal another one; evidence may move without anyone being told.
_TOLD = ("status", "severity", "title", "detail", "fix", "cause_key")
# Hygiene is shown, and nobody is woken for it.
_SILENT = frozenset({"low"})


def reconcile(
    *, cluster: Cluster, judged: list[Judged], known: QuerySet[Finding], scopes: set[str] | None = None
) -> None:
    """Raises what is new, updates what changed, clears what is gone, among the findings in `known`.

    With `scopes` only findings of those namespaces (empty: of cluster-scoped objects) are taken: what else was
    judged had not all of its objects there, and only tells what the others follow from.
    """
    now = clock.now()
    stored = {finding.key: finding for finding in known.select_for_update().order_by("pk")}
    wanted = {finding.key: finding for finding in judged if scopes is None or finding.namespace in scopes}
    causes = _cause_keys(judged)
    for key, finding in wanted.items():
        values = _values(finding, causes)
        if key not in stored:
            _raise(Finding(cluster=cluster, key=key, raised_at=now, changed_at=now, **values), cluster)
        elif stored[key].cleared_at or any(getattr(stored[key], n) != values[n] for n in _COMPARED):
            _change(stored[key], values, cluster, now)
    for key, row in stored.items():
        if key not in wanted and row.cleared_at is None:
            _clear(row, cluster, now)


def _cause_keys(judged: list[Judged]) -> dict[tuple[str, str, str], str]:
    """The key of the failing finding on each object, by which those that follow from it name it."""
    keys: dict[tuple[str, str, str], str] = {}
    for finding in judged:
        if finding.status == Status.FAILING:
            keys.setdefault((finding.kind, finding.namespace, finding.name), finding.key)
    return keys


def _values(finding: Judged, causes: dict[tuple[str, str, str], str]) -> dict[str, Any]:
    cause = (
        causes.get((finding.cause.kind, finding.cause.namespace, finding.cause.name), "")
        if finding.cause
        else ""
    )
    return {
        "analyzer": finding.analyzer,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "kind": finding.kind,
        "namespace": finding.namespace,
        "name": finding.name,
        "title": finding.title[:500],
        "detail": finding.detail,
        "evidence": [entry._asdict() for entry in finding.evidence],
        "fix": finding.fix,
        "cause_key": "" if cause == finding.key else cause,
    }


def _raise(row: Finding, cluster: Cluster) -> None:
    row.save(force_insert=True)
    _tell(row, cluster)


def _change(row: Finding, values: dict[str, Any], cluster: Cluster, now: datetime) -> None:
    returned = row.cleared_at is not None
    told = returned or any(getattr(row, name) != values[name] for name in _TOLD)
    was_silent = row.severity in _SILENT or row.status != Status.FAILING
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = now
    row.version += 1
    if returned:
        row.raised_at, row.cleared_at = now, None
    row.save()
    if not told:
        return
    if _is_silent(row) and not was_silent:
        _tell_cleared(row, cluster, now)
    else:
        _tell(row, cluster)


def _clear(row: Finding, cluster: Cluster, now: datetime) -> None:
    row.cleared_at = row.changed_at = now
    row.version += 1
    row.save(update_fields=("cleared_at", "changed_at", "version"))
    if not _is_silent(row):
        _tell_cleared(row, cluster, now)


def _is_silent(row: Finding) -> bool:
    return row.severity in _SILENT or row.status != Status.FAILING


def signal_key(cluster: Cluster, key: str) -> str:
    """The key of a finding's signal: unique within the organization."""
    return f"{cluster.pk}/{key}"


def _tell(row: Finding, cluster: Cluster) -> None:
    if _is_silent(row):
        return
    publish(
        SignalRaised(
            source=SOURCE,
            key=signal_key(cluster, row.key),
            version=row.version,
            object=ObjectReference(cluster.pk, row.kind, row.namespace, row.name),
            severity=row.severity,
            title=row.title,
            detail=row.detail,
            fix=row.fix,
            cause=signal_key(cluster, row.cause_key) if row.cause_key else None,
            labels={"cluster": cluster.name, "namespace": row.namespace, "analyzer": row.analyzer},
            at=row.changed_at,
        ),
        key=f"{row.pk}:{row.version}",
    )


def _tell_cleared(row: Finding, cluster: Cluster, now: datetime) -> None:
    publish(
        SignalCleared(source=SOURCE, key=signal_key(cluster, row.key), version=row.version, at=now),
        key=f"{row.pk}:{row.version}",
    )
