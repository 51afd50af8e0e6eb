"""Remembers which parts of a cluster must be judged again, and asks for it through the outbox.

Rows are only ever appended here and taken away by the evaluation, so that an ingest never waits for one.
Some states only count once they have lasted (a pod that is just starting isn't failing), so what changed is
due again a while later too.
"""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection

from clusters.domain.inventory_sql import Touched
from clusters.models import Cluster, KubernetesObject
from srexpert import clock, outbox

TOPIC = "clusters.evaluate"
EVERYTHING = "*"
# At once, and just past the analyzers' grace periods.
_DUE_SECONDS = (0, 35, 125, 610)
# Later evaluations of one cluster are asked for once in this many seconds.
_STRETCH_SECONDS = 10

# Objects that say nothing about health: their changes alone judge nothing again.
_SILENT_KINDS = frozenset({"Event"})

_APPEND = """
INSERT INTO clusters_stalescope (organization_id, cluster_id, namespace, due_at)
SELECT %s, %s, namespace, %s + make_interval(secs => seconds)
FROM unnest(%s::text[]) AS namespace, unnest(%s::int[]) AS seconds
"""


def note(*, cluster: Cluster, touched: Touched) -> None:
    """Marks the namespaces of written objects (empty: the cluster's own scope) as stale.

    With a node, the namespaces of the pods on it: what happens to it happens to them.
    """
    namespaces = {namespace for namespace, kind, _ in touched if kind not in _SILENT_KINDS}
    nodes = {name for _, kind, name in touched if kind == "Node"}
    if nodes:
        pods = KubernetesObject.objects.filter(cluster=cluster, kind="Pod", node__in=nodes)
        namespaces.update(pods.order_by().values_list("namespace", flat=True).distinct())
    _mark(cluster, namespaces)


def note_all(*, cluster: Cluster) -> None:
    """Marks the whole cluster as stale."""
    _mark(cluster, {EVERYTHING})


def _mark(cluster: Cluster, namespaces: set[str]) -> None:
    if not namespaces:
        return
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND, [cluster.organization_id, cluster.pk, now, sorted(namespaces), list(_DUE_SECONDS)]
        )
    payload = {"cluster": str(cluster.pk)}
    outbox.put(topic=TOPIC, key=str(uuid.uuid4()), payload=payload)
    stretch = int(now.timestamp()) // _STRETCH_SECONDS + 1
    end = datetime.fromtimestamp(stretch * _STRETCH_SECONDS, tz=UTC)
    for seconds in _DUE_SECONDS[1:]:
        key = f"{cluster.pk}:{seconds}:{stretch}"
        outbox.put(topic=TOPIC, key=key, payload=payload, due_at=end + timedelta(seconds=seconds))
