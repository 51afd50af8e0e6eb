"""Which resource has which type: the kinds of the agent's default rights, and no others."""

from typing import Final, NamedTuple

from clusters.wire.kinds import (
    admission,
    apps,
    autoscaling,
    batch,
    core,
    events,
    extensions,
    gateway,
    networking,
    pods,
    policy,
    rbac,
    storage,
)
from clusters.wire.kinds.meta import Root


class Kind(NamedTuple):
    """A resource's kind, its group (core: empty), the version to assume where a list leaves it out."""

    kind: str
    group: str
    version: str
    type: type[Root]


def _resource(plural: str, group: str, version: str, kind: type[Root]) -> tuple[str, Kind]:
    return f"{plural}.{group}" if group else plural, Kind(kind.__name__, group, version, kind)


_GATEWAY: Final = "gateway.networking.k8s.io"
_RBAC: Final = "rbac.authorization.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"

KINDS: Final[dict[str, Kind]] = dict(
    [
        _resource("nodes", "", "v1", core.Node),
        _resource("namespaces", "", "v1", core.Namespace),
        _resource("pods", "", "v1", pods.Pod),
        _resource("services", "", "v1", core.Service),
        _resource("endpoints", "", "v1", core.Endpoints),
        _resource("persistentvolumes", "", "v1", storage.PersistentVolume),
        _resource("persistentvolumeclaims", "", "v1", storage.PersistentVolumeClaim),
        _resource("replicationcontrollers", "", "v1", apps.ReplicationController),
        _resource("resourcequotas", "", "v1", core.ResourceQuota),
        _resource("limitranges", "", "v1", core.LimitRange),
        _resource("events", "", "v1", events.Event),
        _resource("serviceaccounts", "", "v1", core.ServiceAccount),
        _resource("deployments", "apps", "v1", apps.Deployment),
        _resource("statefulsets", "apps", "v1", apps.StatefulSet),
        _resource("daemonsets", "apps", "v1", apps.DaemonSet),
        _resource("replicasets", "apps", "v1", apps.ReplicaSet),
        _resource("jobs", "batch", "v1", batch.Job),
        _resource("cronjobs", "batch", "v1", batch.CronJob),
        _resource("horizontalpodautoscalers", "autoscaling", "v2", autoscaling.HorizontalPodAutoscaler),
        _resource("poddisruptionbudgets", "policy", "v1", policy.PodDisruptionBudget),
        _resource("ingresses", "networking.k8s.io", "v1", networking.Ingress),
        _resource("ingressclasses", "networking.k8s.io", "v1", networking.IngressClass),
        _resource("networkpolicies", "networking.k8s.io", "v1", networking.NetworkPolicy),
        _resource("gatewayclasses", _GATEWAY, "v1", gateway.GatewayClass),
        _resource("gateways", _GATEWAY, "v1", gateway.Gateway),
        _resource("httproutes", _GATEWAY, "v1", gateway.HTTPRoute),
        _resource("referencegrants", _GATEWAY, "v1beta1", gateway.ReferenceGrant),
        _resource("storageclasses", "storage.k8s.io", "v1", storage.StorageClass),
        _resource("priorityclasses", "scheduling.k8s.io", "v1", policy.PriorityClass),
        _resource("endpointslices", "discovery.k8s.io", "v1", networking.EndpointSlice),
        _resource("events", "events.k8s.io", "v1", events.Event),
        _resource(
            "customresourcedefinitions", "apiextensions.k8s.io", "v1", extensions.CustomResourceDefinition
        ),
        _resource(
            "validatingwebhookconfigurations", _ADMISSION, "v1", admission.ValidatingWebhookConfiguration
        ),
        _resource("mutatingwebhookconfigurations", _ADMISSION, "v1", admission.MutatingWebhookConfiguration),
        _resource("roles", _RBAC, "v1", rbac.Role),
        _resource("rolebindings", _RBAC, "v1", rbac.RoleBinding),
        _resource("clusterroles", _RBAC, "v1", rbac.ClusterRole),
        _resource("clusterrolebindings", _RBAC, "v1", rbac.ClusterRoleBinding),
        _resource("certificates", "cert-manager.io", "v1", extensions.Certificate),
    ]
)
