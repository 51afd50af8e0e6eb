"""How far a member's role reaches: the whole organization, or granted clusters and namespaces."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Reach:
    """The clusters and namespaces that somebody may see; an empty namespace stands for the whole cluster."""

    everything: bool = False
    grants: frozenset[tuple[UUID, str]] = field(default_factory=frozenset)

    def rows(self, cluster: str = "cluster_id", namespace: str | None = "namespace") -> Q:
        """A condition on rows that name a cluster and, unless `namespace` is None, a namespace.

        With `namespace` None any grant in the cluster suffices: the cluster itself is seen by those who
        may see part of it.
        """
        if self.everything:
            return Q()
        condition = Q(pk__in=[])
        for cluster_id, name in self.grants:
            within = Q(**{cluster: cluster_id})
            if name and namespace:
                within &= Q(**{namespace: name})
            condition |= within
        return condition

    def covers(self, cluster: UUID, namespace: str = "") -> bool:
        """Whether a namespace of a cluster is seen; with none given, whether the whole cluster is."""
        if self.everything or (cluster, "") in self.grants:
            return True
        return bool(namespace) and (cluster, namespace) in self.grants


EVERYTHING = Reach(everything=True)
