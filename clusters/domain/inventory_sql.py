"""The set-based statements of the ingest: staging, one upsert that writes only what changed, its history.

COPY into a table under row-level security is refused, so rows are copied into a temporary table of the
connection first. `xmax = 0` tells an inserted row from an updated one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from clusters.models import Cluster
from clusters.wire.projection import Projected

_STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS staging_object (
    uid text, resource text, api_version text, kind text, namespace text, name text, hash text, projection jsonb
) ON COMMIT DELETE ROWS
"""
_COPY = "COPY staging_object (uid, resource, api_version, kind, namespace, name, hash, projection) FROM STDIN"

# `noted`: resources of which we held everything before, so that a new object is news and not a first sight.
_UPSERT = """
WITH before AS MATERIALIZED (
    SELECT o.uid, o.projection FROM kubernetes_object o JOIN staging_object s ON s.uid = o.uid
    WHERE o.cluster_id = %(cluster)s AND o.hash <> s.hash
), written AS (
    INSERT INTO kubernetes_object AS o (organization_id, cluster_id, uid, resource, api_version, kind,
        namespace, name, hash, node, owner_uid, created_at, received_at, projection)
    SELECT %(organization)s, %(cluster)s, s.uid, s.resource, s.api_version, s.kind, s.namespace, s.name, s.hash,
        left(coalesce(s.projection #>> '{spec,nodeName}', ''), 253),
        left(coalesce(s.projection #>> '{metadata,ownerReferences,0,uid}', ''), 64),
        (s.projection #>> '{metadata,creationTimestamp}')::timestamptz, %(now)s, s.projection
    FROM staging_object s
    ON CONFLICT (cluster_id, uid) DO UPDATE SET
        resource = EXCLUDED.resource, kind = EXCLUDED.kind,
        api_version = EXCLUDED.api_version, namespace = EXCLUDED.namespace, name = EXCLUDED.name,
        hash = EXCLUDED.hash, node = EXCLUDED.node, owner_uid = EXCLUDED.owner_uid,
        received_at = EXCLUDED.received_at, projection = EXCLUDED.projection
    WHERE o.hash <> EXCLUDED.hash
    RETURNING o.uid, o.resource, o.kind, o.namespace, o.name, o.node, (xmax = 0) AS added
), noted AS (
    INSERT INTO object_change (organization_id, cluster_id, uid, kind, namespace, name, verb, at, before)
    SELECT %(organization)s, %(cluster)s, w.uid, w.kind, w.namespace, w.name,
        CASE WHEN w.added THEN 'added' ELSE 'changed' END, %(now)s, b.projection
    FROM written w LEFT JOIN before b ON b.uid = w.uid
    WHERE NOT w.added OR w.resource = ANY(%(noted)s)
)
SELECT DISTINCT namespace, kind, CASE WHEN kind = 'Node' THEN name ELSE '' END FROM written
"""

_REMOVE = """
WITH removed AS (
    DELETE FROM kubernetes_object o WHERE o.cluster_id = %(cluster)s AND {condition}
    RETURNING o.uid, o.kind, o.namespace, o.name, o.projection
), noted AS (
    INSERT INTO object_change (organization_id, cluster_id, uid, kind, namespace, name, verb, at, before)
    SELECT %(organization)s, %(cluster)s, uid, kind, namespace, name, 'removed', %(now)s, projection FROM removed
)
SELECT DISTINCT namespace, kind, CASE WHEN kind = 'Node' THEN name ELSE '' END FROM removed
"""

_DIFFERENT = """
SELECT m.uid FROM unnest(%(uids)s::text[], %(hashes)s::text[]) AS m (uid, hash)
LEFT JOIN kubernetes_object o ON o.cluster_id = %(cluster)s AND o.uid = m.uid AND o.hash = m.hash
WHERE o.uid IS NULL
"""

_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Touched = list[tuple[str, str, str]]


def _touched(cursor: Any) -> Touched:
    """The distinct (namespace, kind, name of a node or nothing) that a statement wrote."""
    return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def _line(item: Projected) -> bytes:
    """One row in COPY's text format; written here since a call of the driver a field costs twice as much.

    JSON has no control characters outside of escapes, so only its backslashes are special.
    """
    words = "\t".join(
        text.translate(_SPECIAL)
        for text in (
            item.uid, item.resource, item.api_version, item.kind, item.namespace, item.name, item.hash
        )
    )  # fmt: skip
    return words.encode() + b"\t" + item.json.replace(b"\\", b"\\\\") + b"\n"


def _of(cluster: Cluster) -> dict[str, Any]:
    return {"organization": cluster.organization_id, "cluster": cluster.pk}


def upsert(*, cluster: Cluster, objects: Iterable[Projected], noted: list[str], now: datetime) -> Touched:
    """Writes the objects that are new or differ; gives what was written. Later objects of a uid win."""
    newest = {item.uid: item for item in objects}
    if not newest:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        # The driver's own call: its errors are turned into Django's as those of `execute` are.
        with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
            copy.write(b"".join(_line(item) for item in newest.values()))
        cursor.execute(_UPSERT, {**_of(cluster), "noted": noted, "now": now})
        touched = _touched(cursor)
        cursor.execute("TRUNCATE staging_object")
    return touched


def remove(*, cluster: Cluster, gone: list[tuple[str, str]], now: datetime) -> Touched:
    """Removes objects by (resource, uid); what isn't there is no error."""
    if not gone:
        return []
    condition = "(o.resource, o.uid) IN (SELECT * FROM unnest(%(resources)s::text[], %(uids)s::text[]))"
    with connection.cursor() as cursor:
        cursor.execute(
            _REMOVE.format(condition=condition),
            {
                **_of(cluster),
                "now": now,
                "resources": [resource for resource, _ in gone],
                "uids": [uid for _, uid in gone],
            },
        )
        return _touched(cursor)


def remove_unnamed(*, cluster: Cluster, resource: str, named: list[str], now: datetime) -> Touched:
    """Removes the objects of a resource that a complete manifest didn't name."""
    condition = "o.resource = %(resource)s AND o.uid NOT IN (SELECT unnest(%(named)s::text[]))"
    with connection.cursor() as cursor:
        cursor.execute(
            _REMOVE.format(condition=condition),
            {
                **_of(cluster),
                "now": now,
                "resource": resource,
                "named": named,
            },
        )
        return _touched(cursor)


def different(*, cluster: UUID, pairs: list[tuple[str, str]]) -> list[str]:
    """The uids of a manifest's (uid, hash) pairs that we lack or hold in another state."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DIFFERENT,
            {
                "cluster": cluster,
                "uids": [uid for uid, _ in pairs],
                "hashes": [hash_ for _, hash_ in pairs],
            },
        )
        return [row[0] for row in cursor.fetchall()]
