"""Which kinds the simulated API server serves, as Kubernetes 1.35 does, with custom resources added while it runs."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_ONLY = ("get", "list")


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind as discovery lists it. `stored_as` names the resource whose objects it shows in another shape."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    stored_as: str = ""
    custom: bool = False

    @property
    def name(self) -> str:
        """`deployments.apps`; a core resource has its plural only."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def storage(self) -> str:
        """The name of the collection that holds its objects."""
        return self.stored_as or self.name

    @property
    def group_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def has_status(self) -> bool:
        """Whether status is written apart, through its own subresource."""
        return "status" in self.subresources


def _core(plural: str, kind: str, **more: Any) -> Resource:
    return Resource("", "v1", plural, kind, **more)


_ALL = ("all",)
_STATUS = ("status",)
_SCALED = ("scale", "status")
_RBAC = "rbac.authorization.k8s.io"

BUILT_IN: tuple[Resource, ...] = (
    _core("configmaps", "ConfigMap", short=("cm",)),
    _core("endpoints", "Endpoints", short=("ep",)),
    _core("events", "Event", short=("ev",)),
    _core("limitranges", "LimitRange", short=("limits",)),
    _core("namespaces", "Namespace", namespaced=False, short=("ns",), subresources=_STATUS),
    _core("nodes", "Node", namespaced=False, short=("no",), subresources=_STATUS),
    _core("persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",), subresources=_STATUS),
    _core("persistentvolumes", "PersistentVolume", namespaced=False, short=("pv",), subresources=_STATUS),
    _core("pods", "Pod", short=("po",), categories=_ALL, subresources=("binding", "eviction", "status")),
    _core("replicationcontrollers", "ReplicationController", short=("rc",), categories=_ALL, subresources=_SCALED),
    _core("resourcequotas", "ResourceQuota", short=("quota",), subresources=_STATUS),
    _core("secrets", "Secret"),
    _core("serviceaccounts", "ServiceAccount", short=("sa",), subresources=("token",)),
    _core("services", "Service", short=("svc",), categories=_ALL, subresources=_STATUS),
    Resource("apps", "v1", "controllerrevisions", "ControllerRevision"),
    Resource("apps", "v1", "daemonsets", "DaemonSet", short=("ds",), categories=_ALL, subresources=_STATUS),
    Resource("apps", "v1", "deployments", "Deployment", short=("deploy",), categories=_ALL, subresources=_SCALED),
    Resource("apps", "v1", "replicasets", "ReplicaSet", short=("rs",), categories=_ALL, subresources=_SCALED),
    Resource("apps", "v1", "statefulsets", "StatefulSet", short=("sts",), categories=_ALL, subresources=_SCALED),
    Resource("batch", "v1", "cronjobs", "CronJob", short=("cj",), categories=_ALL, subresources=_STATUS),
    Resource("batch", "v1", "jobs", "Job", categories=_ALL, subresources=_STATUS),
    Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short=("hpa",),
             categories=_ALL, subresources=_STATUS),
    Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",), subresources=_STATUS),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", short=("ing",), subresources=_STATUS),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short=("netpol",)),
    Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False, short=("sc",)),
    Resource("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, short=("pc",)),
    Resource("coordination.k8s.io", "v1", "leases", "Lease"),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("events.k8s.io", "v1", "events", "Event", short=("ev",), stored_as="events"),
    Resource(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    Resource(_RBAC, "v1", "clusterroles", "ClusterRole", namespaced=False),
    Resource(_RBAC, "v1", "rolebindings", "RoleBinding"),
    Resource(_RBAC, "v1", "roles", "Role"),
    Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition",
             namespaced=False, short=("crd", "crds"), categories=("api-extensions",), subresources=_STATUS),
    Resource("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration",
             namespaced=False, categories=("api-extensions",)),
    Resource("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations",
             "ValidatingWebhookConfiguration", namespaced=False, categories=("api-extensions",)),
    Resource("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", namespaced=False, verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False,
             verbs=("create",)),
    Resource("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False,
             verbs=("create",)),
    Resource("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", namespaced=False, verbs=READ_ONLY),
    Resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=READ_ONLY),
)  # fmt: skip


class Registry:
    """The served kinds. Definitions of custom resources add to it and take away while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served = {(r.group, r.version, r.plural): r for r in BUILT_IN}

    def __iter__(self) -> Iterator[Resource]:
        with self._lock:
            return iter(list(self._served.values()))

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource at this place of the API, if it's served."""
        return self._served.get((group, version, plural))

    def by_name(self, name: str) -> Resource:
        """The resource called `deployments.apps`.

        Raises KeyError if it isn't served.
        """
        for resource in self:
            if resource.name == name:
                return resource
        raise KeyError(name)

    def by_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource that an object's apiVersion and kind name."""
        for resource in self:
            if resource.kind == kind and resource.group_version == api_version:
                return resource
        return None

    def groups(self) -> dict[str, list[str]]:
        """Versions by named group, in the order in which they are served."""
        found: dict[str, list[str]] = {}
        for resource in self:
            if resource.group and resource.version not in found.setdefault(resource.group, []):
                found[resource.group].append(resource.version)
        return found

    def in_group_version(self, group: str, version: str) -> list[Resource]:
        """What a group's version serves, by name."""
        found = [r for r in self if r.group == group and r.version == version]
        return sorted(found, key=lambda r: r.plural)

    def define(self, definition: dict[str, Any]) -> None:
        """Serve what a CustomResourceDefinition describes: its storage version."""
        spec = definition["spec"]
        names = spec["names"]
        version = next(v for v in spec["versions"] if v.get("storage"))
        resource = Resource(
            spec["group"], version["name"], names["plural"], names["kind"],
            namespaced=spec["scope"] == "Namespaced", short=tuple(names.get("shortNames", ())),
            categories=tuple(names.get("categories", ())), subresources=tuple(sorted(version.get("subresources", {}))),
            custom=True,
        )  # fmt: skip
        with self._lock:
            self._served[resource.group, resource.version, resource.plural] = resource

    def withdraw(self, definition: dict[str, Any]) -> None:
        """No longer serve what a deleted CustomResourceDefinition described."""
        spec = definition["spec"]
        with self._lock:
            for version in spec["versions"]:
                self._served.pop((spec["group"], version["name"], spec["names"]["plural"]), None)
