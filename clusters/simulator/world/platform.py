"""What the platform team has set up in the shop's cluster: access, edge, policies, custom resources, configuration."""

from typing import Any

from clusters.simulator.cluster import ARGOCD, Cluster
from clusters.simulator.world.system import SHOP_NAMESPACES, add_namespace, binding, cluster_role, rule

Object = dict[str, Any]

_AGENT_READS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("nodes", "namespaces", "pods", "services", "endpoints", "persistentvolumes", "persistentvolumeclaims",
          "replicationcontrollers", "resourcequotas", "limitranges", "events", "serviceaccounts")),
    ("apps", ("deployments", "statefulsets", "daemonsets", "replicasets")), ("batch", ("jobs", "cronjobs")),
    ("autoscaling", ("horizontalpodautoscalers",)), ("policy", ("poddisruptionbudgets",)),
    ("networking.k8s.io", ("ingresses", "ingressclasses", "networkpolicies")),
    ("gateway.networking.k8s.io", ("gatewayclasses", "gateways", "httproutes", "referencegrants")),
    ("storage.k8s.io", ("storageclasses",)), ("scheduling.k8s.io", ("priorityclasses",)),
    ("discovery.k8s.io", ("endpointslices",)), ("events.k8s.io", ("events",)), ("metrics.k8s.io", ("pods", "nodes")),
    ("apiextensions.k8s.io", ("customresourcedefinitions",)),
    ("admissionregistration.k8s.io", ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")),
    ("rbac.authorization.k8s.io", ("roles", "rolebindings", "clusterroles", "clusterrolebindings")),
    ("cert-manager.io", ("certificates",)),
)  # fmt: skip
AGENT_NAMESPACE = "srexpert"
AGENT = f"system:serviceaccount:{AGENT_NAMESPACE}:srexpert-agent"
_CUSTOM: tuple[tuple[str, str, str, str, str], ...] = (
    ("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", "Cluster"),
    ("gateway.networking.k8s.io", "v1", "gateways", "Gateway", "Namespaced"),
    ("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", "Namespaced"),
    ("gateway.networking.k8s.io", "v1beta1", "referencegrants", "ReferenceGrant", "Namespaced"),
    ("cert-manager.io", "v1", "certificates", "Certificate", "Namespaced"),
    ("argoproj.io", "v1alpha1", "applications", "Application", "Namespaced"),
)  # fmt: skip


def definition(group: str, version: str, plural: str, kind: str, scope: str) -> Object:
    """A CustomResourceDefinition that takes any fields."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    served = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": schema,
        "subresources": {"status": {}},
    }
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": group, "scope": scope, "names": names, "versions": [served]}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"}, "spec": spec}  # fmt: skip


def _define(cluster: Cluster) -> None:
    for entry in _CUSTOM:
        made = cluster.create(definition(*entry), ARGOCD)
        conditions = [{"type": kind, "status": "True", "reason": reason, "message": "",
                       "lastTransitionTime": made["metadata"]["creationTimestamp"]}
                      for kind, reason in (("NamesAccepted", "NoConflicts"), ("Established", "InitialNamesAccepted"))]  # fmt: skip
        status = {
            "acceptedNames": made["spec"]["names"],
            "storedVersions": [entry[1]],
            "conditions": conditions,
        }
        cluster.store.write("customresourcedefinitions.apiextensions.k8s.io",
                            dict(made, status=status, metadata=dict(made["metadata"])))  # fmt: skip


def agent_role() -> Object:
    """The read-only ClusterRole with which an SRExpert agent watches."""
    rules = [rule([group], list(resources), ["get", "list", "watch"]) for group, resources in _AGENT_READS]
    paths = {"nonResourceURLs": ["/version", "/healthz", "/livez", "/readyz"], "verbs": ["get"]}
    return cluster_role("srexpert-agent", [*rules, paths])


def _access() -> list[Object]:
    account = {"kind": "ServiceAccount", "name": "srexpert-agent", "namespace": AGENT_NAMESPACE}
    head = {"name": "srexpert-agent", "namespace": AGENT_NAMESPACE}
    leases = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": dict(head),
              "rules": [rule(["coordination.k8s.io"], ["leases"], ["get", "create", "update"])]}  # fmt: skip
    lease_binding = binding("srexpert-agent", "srexpert-agent", [account], AGENT_NAMESPACE)
    lease_binding["roleRef"]["kind"] = "Role"
    deployer = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": {"name": "ci-deployer", "namespace": "payments"},
                "rules": [rule(["apps"], ["deployments"], ["get", "list", "patch"]),
                          rule([""], ["pods"], ["get", "list", "delete"])]}  # fmt: skip
    person = {"kind": "User", "name": "rui.costa@northwind.example", "apiGroup": "rbac.authorization.k8s.io"}
    ci = {"kind": "ServiceAccount", "name": "ci", "namespace": "payments"}
    ci_binding = binding("ci-deployer", "ci-deployer", [ci], "payments")
    ci_binding["roleRef"]["kind"] = "Role"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": dict(head)},
        agent_role(), binding("srexpert-agent", "srexpert-agent", [account]), leases, lease_binding,
        deployer, ci_binding, binding("sre-view", "view", [person]),
    ]  # fmt: skip


def _edge() -> list[Object]:
    backend = {"service": {"name": "storefront", "port": {"number": 80}}}
    checkout = {"service": {"name": "checkout", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend},
             {"path": "/checkout", "pathType": "Prefix", "backend": checkout}]  # fmt: skip
    host = "shop.northwind.example"
    hook = {"name": "pods.policy.northwind.example", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Ignore", "clientConfig": {"service": {"name": "auth", "namespace": "platform", "port": 80}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}  # fmt: skip
    return [
        {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "edge"},
         "spec": {"controller": "northwind.example/edge"}},
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
         "metadata": {"name": "shop", "namespace": "shop", "annotations": {"cert-manager.io/cluster-issuer": "acme"}},
         "spec": {"ingressClassName": "edge", "rules": [{"host": host, "http": {"paths": paths}}],
                  "tls": [{"hosts": [host], "secretName": "shop-tls"}]}},
        {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "shop-tls", "namespace": "shop"},
         "spec": {"secretName": "shop-tls", "dnsNames": [host], "issuerRef": {"name": "acme", "kind": "ClusterIssuer"}}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": {"name": "edge"},
         "spec": {"controllerName": "northwind.example/edge"}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "internal", "namespace": "platform"},
         "spec": {"gatewayClassName": "edge", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "auth", "namespace": "platform"},
         "spec": {"parentRefs": [{"name": "internal"}], "hostnames": ["id.northwind.example"],
                  "rules": [{"backendRefs": [{"name": "auth", "port": 80}]}]}},
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
         "metadata": {"name": "pod-policy"}, "webhooks": [hook]},
    ]  # fmt: skip


def _policies() -> list[Object]:
    made: list[Object] = []
    for name in SHOP_NAMESPACES:
        head = {"name": "default-deny", "namespace": name}
        made.append({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": head,
                     "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})  # fmt: skip
        made.append({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "compute", "namespace": name},
                     "spec": {"hard": {"requests.cpu": "40", "requests.memory": "80Gi", "pods": "200"}}})  # fmt: skip
        application = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
                       "metadata": {"name": name, "namespace": "platform"},
                       "spec": {"project": "default", "destination": {"namespace": name, "server": "https://kubernetes.default.svc"},
                                "source": {"repoURL": "https://git.northwind.example/deploy.git", "path": name}}}  # fmt: skip
        made.append(application)
    made.append({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "defaults", "namespace": "shop"},
                 "spec": {"limits": [{"type": "Container", "default": {"memory": "512Mi"}}]}})  # fmt: skip
    return made


def _configuration() -> list[Object]:
    """Secrets and ConfigMaps with values that nobody may carry away."""
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "checkout-db", "namespace": "shop"}, "type": "Opaque",
         "data": {"password": "c2ltdWxhdGVkLWRiLXBhc3N3b3Jk"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shop-tls", "namespace": "shop"},
         "type": "kubernetes.io/tls", "data": {"tls.crt": "c2ltdWxhdGVk", "tls.key": "c2ltdWxhdGVkLWtleQ=="}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "log-shipper", "namespace": "platform"},
         "data": {"config.yaml": "sink: logs.northwind.example\ntoken: lgs-5f2a90cc71e84d\n"}},
    ]  # fmt: skip


def build(cluster: Cluster) -> None:
    """Add all of it."""
    for name in SHOP_NAMESPACES:
        add_namespace(
            cluster, name, **{"pod-security.kubernetes.io/enforce": "baseline", "env": "production"}
        )
    add_namespace(cluster, AGENT_NAMESPACE)
    _define(cluster)
    for obj in [*_access(), *_edge(), *_policies(), *_configuration()]:
        cluster.create(obj, ARGOCD)
