"""What clusters show and offer on the pages of other apps."""

from collections import defaultdict
from uuid import UUID

from clusters.models import Cluster, KubernetesObject
from srexpert.discovery import GrantableCluster


def grantable() -> list[GrantableCluster]:
    """The connected clusters with their namespaces, for accounts to grant."""
    namespaces: dict[UUID, list[str]] = defaultdict(list)
    held = (
        KubernetesObject.objects.filter(kind="Namespace").order_by("name").values_list("cluster_id", "name")
    )
    for cluster_id, name in held:
        namespaces[cluster_id].append(name)
    return [
        GrantableCluster(id=cluster.pk, name=cluster.name, namespaces=tuple(namespaces[cluster.pk]))
        for cluster in Cluster.objects.connected()
    ]


GRANTABLE = (grantable,)
