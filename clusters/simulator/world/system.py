"""What every cluster has beside its workloads: namespaces, bootstrap roles, storage and priority classes."""

from typing import Any

from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.cluster import KUBECTL, Cluster

Object = dict[str, Any]

_BOOT = Actor("kube-apiserver")
_RBAC = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_ALL = ["create", "delete", "deletecollection", "patch", "update"]
NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
SHOP_NAMESPACES = ("shop", "payments", "platform")


def rule(groups: list[str], resources: list[str], verbs: list[str]) -> Object:
    """A rule of a role."""
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


def _paths(paths: list[str]) -> Object:
    return {"nonResourceURLs": paths, "verbs": ["get"]}


def cluster_role(name: str, rules: list[Object]) -> Object:
    """A ClusterRole."""
    labels = (
        {"kubernetes.io/bootstrapping": "rbac-defaults"} if name.startswith(("system:", "cluster-")) else {}
    )
    metadata = {"name": name, "labels": labels} if labels else {"name": name}
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}


def binding(name: str, role: str, subjects: list[Object], namespace: str = "") -> Object:
    """A ClusterRoleBinding, or a RoleBinding in a namespace."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "subjects": subjects,
        "roleRef": ref,
    }


def group(name: str) -> Object:
    """A Group as a subject."""
    return {"apiGroup": _RBAC, "kind": "Group", "name": name}


_VIEWED = [
    rule([""], ["configmaps", "endpoints", "events", "limitranges", "namespaces", "persistentvolumeclaims", "pods",
                "replicationcontrollers", "resourcequotas", "serviceaccounts", "services"], _READ),
    rule(["apps"], ["daemonsets", "deployments", "replicasets", "statefulsets"], _READ),
    rule(["batch"], ["cronjobs", "jobs"], _READ), rule(["autoscaling"], ["horizontalpodautoscalers"], _READ),
    rule(["policy"], ["poddisruptionbudgets"], _READ), rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], _READ),
    rule(["discovery.k8s.io"], ["endpointslices"], _READ),
]  # fmt: skip
_EDITED = [
    rule([""], ["configmaps", "persistentvolumeclaims", "pods", "secrets", "serviceaccounts", "services"], _READ + _ALL),
    rule([""], ["pods/eviction"], ["create"]),
    rule(["apps"], ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale",
                    "statefulsets", "statefulsets/scale"], _READ + _ALL),
    rule(["batch"], ["cronjobs", "jobs"], _READ + _ALL),
]  # fmt: skip
_DISCOVERY = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
]


def _roles() -> list[Object]:
    self_reviews = rule(
        ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]
    )
    return [
        cluster_role("cluster-admin", [rule(["*"], ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}]),
        cluster_role("admin", [*_VIEWED, *_EDITED, rule([_RBAC], ["rolebindings", "roles"], _READ + _ALL)]),
        cluster_role("edit", [*_VIEWED, *_EDITED]),
        cluster_role("view", _VIEWED),
        cluster_role("system:discovery", [_paths(_DISCOVERY)]),
        cluster_role("system:basic-user", [self_reviews]),
        cluster_role("system:public-info-viewer", [_paths(["/healthz", "/livez", "/readyz", "/version"])]),
        binding("cluster-admin", "cluster-admin", [group("system:masters")]),
        binding("system:discovery", "system:discovery", [group("system:authenticated")]),
        binding("system:basic-user", "system:basic-user", [group("system:authenticated")]),
        binding("system:public-info-viewer", "system:public-info-viewer",
                [group("system:authenticated"), group("system:unauthenticated")]),
    ]  # fmt: skip


def _classes() -> list[Object]:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return [
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp3", "annotations": default},
         "provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}, "reclaimPolicy": "Delete",
         "volumeBindingMode": "Immediate", "allowVolumeExpansion": True},
        *({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value,
           "preemptionPolicy": "PreemptLowerPriority", "description": told}
          for name, value, told in (
              ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster."),
              ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved."))),
    ]  # fmt: skip


def namespace(name: str, **labels: str) -> Object:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}}


def build(cluster: Cluster) -> None:
    """Add what a fresh cluster has."""
    for name in NAMESPACES:
        cluster.create(namespace(name), _BOOT)
    for obj in [*_roles(), *_classes()]:
        cluster.create(obj, _BOOT)
    for name in NAMESPACES:
        _account(cluster, name)
    port = {"name": "https", "port": 443, "targetPort": 6443}
    cluster.create({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver"}},
        "spec": {"clusterIP": "10.96.0.1", "ports": [port]},
    }, _BOOT)  # fmt: skip


def add_namespace(cluster: Cluster, name: str, **labels: str) -> None:
    """Add a namespace with what controllers put into each."""
    cluster.create(namespace(name, **labels), KUBECTL)
    _account(cluster, name)


def _account(cluster: Cluster, name: str) -> None:
    head = {"name": "default", "namespace": name}
    cluster.create(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": head}, Actor("kube-controller-manager")
    )
