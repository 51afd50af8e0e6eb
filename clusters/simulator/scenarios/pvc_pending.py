"""A claim on a storage class that doesn't exist, and the pod that waits for it."""

from collections.abc import Callable
from typing import Any

from clusters.simulator.cluster import ARGOCD, KUBECTL, Cluster
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.services import REGISTRY

_POLL_SECONDS = 0.2
_NAMESPACE, _NAME, _CLAIM = "payments", "reporting", "reporting-data"


def _claim(storage_class: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class,
            "resources": {"requests": {"storage": "50Gi"}}}  # fmt: skip
    metadata = {"name": _CLAIM, "namespace": _NAMESPACE, "labels": {"app": _NAME}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def _deployment() -> dict[str, Any]:
    container = {
        "name": _NAME, "image": f"{REGISTRY}/{_NAMESPACE}/{_NAME}:0.3.0",
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    }  # fmt: skip
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": _CLAIM}}]
    template = {
        "metadata": {"labels": {"app": _NAME}},
        "spec": {"containers": [container], "volumes": volumes},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": _NAME}}, "template": template,
            "strategy": {"type": "Recreate"}}  # fmt: skip
    metadata = {"name": _NAME, "namespace": _NAMESPACE, "labels": {"app": _NAME}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


@scenario("pvc-pending")
class PvcPending:
    """A new Deployment reporting claims a volume of storage class fast-ssd, which doesn't exist: claim and pod wait."""

    def start(self, cluster: Cluster) -> None:
        """Deploy it, anew if an earlier run left it healthy."""
        cluster.delete("deployments.apps", _NAMESPACE, _NAME)
        cluster.delete("persistentvolumeclaims", _NAMESPACE, _CLAIM)
        _when_gone(cluster, lambda: self._deploy(cluster))

    def heal(self, cluster: Cluster) -> None:
        """Claim a class that exists; the pod then starts."""
        cluster.delete("persistentvolumeclaims", _NAMESPACE, _CLAIM)
        _when_gone(cluster, lambda: cluster.create(_claim("gp3"), KUBECTL))

    @staticmethod
    def _deploy(cluster: Cluster) -> None:
        cluster.create(_claim("fast-ssd"), ARGOCD)
        cluster.create(_deployment(), ARGOCD)


def _when_gone(cluster: Cluster, step: Callable[[], object]) -> None:
    """Do a step once the earlier claim is gone; its protection and its pod may hold it for a moment."""
    if cluster.store.get("persistentvolumeclaims", _NAMESPACE, _CLAIM) is None:
        step()
    else:
        cluster.engine.after(_POLL_SECONDS, lambda: _when_gone(cluster, step), "pvc-pending/claim")
