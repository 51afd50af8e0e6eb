"""Remembers which parts of a cluster must be judged again, and asks for it through the outbox.

Rows are only ever appended here and taken away by the evaluation, so that an ingest never waits for one.
"""

import uuid

from clusters.domain.inventory_sql import Touched
from clusters.models import Cluster, StaleScope
from srexpert import outbox

TOPIC = "clusters.evaluate"
EVERYTHING = "*"

# Objects that say nothing about health: their changes alone judge nothing again.
_SILENT_KINDS = frozenset({"Event"})


def note(*, cluster: Cluster, touched: Touched) -> None:
    """Marks the namespaces of written objects (empty: the cluster's own scope) as stale."""
    namespaces = {namespace for namespace, kind, _ in touched if kind not in _SILENT_KINDS}
    _append(cluster, namespaces)


def note_all(*, cluster: Cluster) -> None:
    """Marks the whole cluster as stale."""
    _append(cluster, {EVERYTHING})


def _append(cluster: Cluster, namespaces: set[str]) -> None:
    if not namespaces:
        return
    StaleScope.objects.bulk_create(
        [StaleScope(cluster=cluster, namespace=namespace) for namespace in sorted(namespaces)]
    )
    outbox.put(topic=TOPIC, key=str(uuid.uuid4()), payload={"cluster": str(cluster.pk)})
