"""Notices when an agent falls silent: what we show may no longer be true, and nobody would be told of a break."""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from clusters.analyzers.base import Finding as Judged
from clusters.analyzers.base import Severity
from clusters.domain import findings
from clusters.models import Cluster, Finding
from srexpert import clock
from srexpert.tenancy import acting_everywhere, acting_for

logger = logging.getLogger(__name__)

ANALYZER = "contact"
SILENT_AFTER = timedelta(minutes=5)


def watch() -> int:
    """Raises a finding for each cluster whose agent is silent, clears it for those that called again.

    Gives how many clusters were looked at. Clusters that never had contact, or that a person disconnected,
    are nobody's alarm.
    """
    since = clock.now() - SILENT_AFTER
    alarmed = Finding.objects.open().filter(cluster=OuterRef("pk"), analyzer=ANALYZER)
    with acting_everywhere(reason="watching the agents' contact"):
        concerned = Cluster.objects.filter(Q(last_contact_at__lt=since) | Exists(alarmed))
        pairs = list(concerned.values_list("organization_id", "pk"))
    for organization_id, cluster_id in pairs:
        try:
            with acting_for(organization_id):
                for cluster in Cluster.objects.select_for_update().filter(pk=cluster_id):
                    _judge(cluster)
        except Exception:  # one cluster's trouble must not leave the others of all tenants unwatched
            logger.exception("the contact of cluster %s could not be judged", cluster_id)
    return len(pairs)


def _judge(cluster: Cluster) -> None:
    contact = cluster.last_contact_at
    silent = not cluster.disconnected_at and contact is not None and clock.now() - contact > SILENT_AFTER
    known = Finding.objects.filter(cluster=cluster, analyzer=ANALYZER)
    findings.reconcile(cluster=cluster, judged=[_finding(cluster)] if silent else [], known=known)


def _finding(cluster: Cluster) -> Judged:
    return Judged(
        analyzer=ANALYZER,
        severity=Severity.HIGH,
        kind="Cluster",
        namespace="",
        name=cluster.name,
        title=f"No contact with the agent of {cluster.name}",
        detail=(
            "The agent has not called for more than five minutes. What is shown of the cluster may no longer be "
            "true, and a break in it would not be noticed."
        ),
        fix=(
            "See whether the agent runs: kubectl -n srexpert-agent get pods. Its log says whether it reaches SRExpert: "
            "kubectl -n srexpert-agent logs deploy/srexpert-agent --tail=50. If the whole cluster is down, this is its symptom."
        ),
    )
