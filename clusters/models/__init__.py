"""The entities of clusters."""

from clusters.models.agent import AgentSession, AgentToken, KindStatus, ManifestPart
from clusters.models.cluster import Cluster
from clusters.models.finding import Finding
from clusters.models.kubernetes_object import KubernetesObject, ObjectChange, StaleScope

__all__ = [
    "AgentSession",
    "AgentToken",
    "Cluster",
    "Finding",
    "KindStatus",
    "KubernetesObject",
    "ManifestPart",
    "ObjectChange",
    "StaleScope",
]
