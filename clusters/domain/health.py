"""Judges what became stale: loads the objects, runs the analyzers, and tells upper apps what changed."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from clusters.analyzers import diagnose
from clusters.analyzers.base import Finding as Judged
from clusters.analyzers.catalogue import analyzers
from clusters.analyzers.diagnosis import UNJUDGED_KIND
from clusters.domain import contact, findings
from clusters.domain.staleness import EVERYTHING
from clusters.models import AgentSession, Cluster, Finding, KindStatus, KubernetesObject
from srexpert import clock

logger = logging.getLogger(__name__)

# After this long a session that never became whole is judged as it is: late is better than never.
_PATIENCE = timedelta(minutes=10)


def evaluate(cluster_id: UUID) -> bool:
    """Judges the stale scopes of a cluster; gives whether there was anything to judge.

    Runs in the caller's transaction, one at a time for a cluster. While a session is still bringing its
    first lists nothing is judged: half a list would make healthy things look broken.
    """
    _one_at_a_time(cluster_id)
    scopes = _take_scopes(cluster_id)
    if not scopes or not _is_whole(cluster_id):
        return False
    cluster = Cluster.objects.get(pk=cluster_id)
    known = Finding.objects.filter(cluster=cluster)
    if EVERYTHING not in scopes:
        known = known.filter(namespace__in=scopes)
    objects = _objects(cluster, scopes)
    judged, failed = _apart(diagnose(objects, now=clock.now(), collected=_kinds_held(cluster)))
    findings.reconcile(
        cluster=cluster,
        judged=judged,
        known=known.exclude(analyzer__in=[contact.ANALYZER, *failed]),
        scopes=None if EVERYTHING in scopes else scopes,
    )
    return True


def _apart(judged: list[Judged]) -> tuple[list[Judged], list[str]]:
    """The findings, and the analyzers that failed: what those found before is neither confirmed nor cleared."""
    failed = [finding.analyzer for finding in judged if finding.kind == UNJUDGED_KIND]
    if failed:
        logger.error("analyzers failed: %s", ", ".join(failed))
    return [finding for finding in judged if finding.kind != UNJUDGED_KIND], failed


def _one_at_a_time(cluster_id: UUID) -> None:
    """Waits for another evaluation of the same cluster; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"evaluate {cluster_id}"])


def _take_scopes(cluster_id: UUID) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM clusters_stalescope WHERE cluster_id = %s AND due_at <= %s RETURNING namespace",
            [cluster_id, clock.now()],
        )
        return {row[0] for row in cursor.fetchall()}


def _is_whole(cluster_id: UUID) -> bool:
    session = AgentSession.objects.filter(cluster=cluster_id, closed_at=None).first()
    if session is None:
        return False
    missing = KindStatus.objects.filter(cluster=cluster_id, status="watched").exclude(
        completed_session=session.pk
    )
    return clock.now() - session.started_at > _PATIENCE or not missing.exists()


def kinds_read() -> list[str]:
    """The kinds that any analyzer looks at."""
    return sorted({kind for a in analyzers() for kind in (*a.kinds, *a.reads)})


def _kinds_held(cluster: Cluster) -> list[str]:
    """The kinds of which we hold all objects, so that the absence of one means something."""
    held = KindStatus.objects.filter(cluster=cluster, status="watched", completed_at__isnull=False)
    return list(held.values_list("kind", flat=True))


def _objects(cluster: Cluster, scopes: set[str]) -> Iterable[dict[str, Any]]:
    """The projections that the scopes' findings rest on.

    The cluster's own scope is always among them, since what follows from a node lies in a namespace. When it
    is to be judged itself, so are all pods (a node is told by what runs on it) and the events about its
    objects, which lie in the namespace `default`.
    """
    rows: QuerySet[KubernetesObject] = KubernetesObject.objects.filter(cluster=cluster).of_kinds(kinds_read())
    if EVERYTHING not in scopes:
        near = Q(namespace__in={"", *scopes})
        if "" in scopes:
            near |= Q(kind="Pod") | Q(kind="Event", namespace="default")
        rows = rows.filter(near)
    return rows.values_list("projection", flat=True).iterator(chunk_size=2000)
