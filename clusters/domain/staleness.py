"""Remembers which parts of a cluster must be judged again, and asks for it through the outbox.

Rows are only ever appended here and taken away by the evaluation, so that an ingest never waits for one.
Some states only count once they have lasted (a pod that is just starting isn't failing), so a change is
judged again a while later too.
"""

import uuid
from datetime import timedelta

from clusters.domain.inventory_sql import Touched
from clusters.models import Cluster, KubernetesObject, StaleScope
from srexpert import clock, outbox

TOPIC = "clusters.evaluate"
LATER_TOPIC = "clusters.evaluate_later"
EVERYTHING = "*"
# Just past the analyzers' grace periods.
_LATER_SECONDS = (35, 125, 610)

# Objects that say nothing about health: their changes alone judge nothing again.
_SILENT_KINDS = frozenset({"Event"})


def note(*, cluster: Cluster, touched: Touched) -> None:
    """Marks the namespaces of written objects (empty: the cluster's own scope) as stale.

    With a node, the namespaces of the pods on it: what happens to it happens to them.
    """
    namespaces = {namespace for namespace, kind, _ in touched if kind not in _SILENT_KINDS}
    nodes = {name for _, kind, name in touched if kind == "Node"}
    if nodes:
        pods = KubernetesObject.objects.filter(cluster=cluster, kind="Pod", node__in=nodes)
        namespaces.update(pods.order_by().values_list("namespace", flat=True).distinct())
    mark(cluster_id=cluster.pk, namespaces=namespaces)
    _again_later(cluster, namespaces)


def note_all(*, cluster: Cluster) -> None:
    """Marks the whole cluster as stale."""
    mark(cluster_id=cluster.pk, namespaces={EVERYTHING})
    _again_later(cluster, {EVERYTHING})


def mark(*, cluster_id: uuid.UUID, namespaces: set[str]) -> None:
    """Marks namespaces as stale and asks for one evaluation."""
    if not namespaces:
        return
    StaleScope.objects.bulk_create(
        [StaleScope(cluster_id=cluster_id, namespace=namespace) for namespace in sorted(namespaces)]
    )
    outbox.put(topic=TOPIC, key=str(uuid.uuid4()), payload={"cluster": str(cluster_id)})


def _again_later(cluster: Cluster, namespaces: set[str]) -> None:
    """Asks once for each namespace and stretch of time, however many changes come within it."""
    now = clock.now()
    for seconds in _LATER_SECONDS:
        stretch = int(now.timestamp() // seconds) + 1
        work = {
            f"{cluster.pk}:{namespace}:{seconds}:{stretch}": {
                "cluster": str(cluster.pk),
                "namespace": namespace,
            }
            for namespace in sorted(namespaces)
        }
        outbox.put_later(topic=LATER_TOPIC, work=work, due_at=now + timedelta(seconds=seconds))
