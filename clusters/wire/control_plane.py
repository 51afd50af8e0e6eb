"""Command lines of the control plane's static pods: the flags whose values are a closed domain.

Compliance controls judge these flags. Booleans, numbers, enumerations and plug-in lists stay as they are,
paths and addresses become `set`, everything else is marked like any argument. The lists follow the
reference pages of kube-apiserver, kube-controller-manager, kube-scheduler and etcd (Kubernetes 1.34,
etcd 3.6) and the CIS Kubernetes Benchmark.
"""

import re
from functools import lru_cache
from typing import Final

COMPONENTS: Final = frozenset({"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"})
SET: Final = "set"

_BOOLEANS: Final = frozenset({
    "allow-privileged", "allow-metric-labels-manifest", "anonymous-auth", "profiling", "kubelet-https",
    "service-account-lookup", "service-account-extend-token-expiration", "use-service-account-credentials",
    "rotate-server-certificates", "leader-elect", "contention-profiling", "enable-aggregator-routing",
    "enable-bootstrap-token-auth", "enable-garbage-collector", "enable-priority-and-fairness", "watch-cache",
    "allocate-node-cidrs", "configure-cloud-routes", "client-cert-auth", "auto-tls", "peer-client-cert-auth",
    "peer-auto-tls", "audit-log-compress", "audit-log-truncate-enabled", "authorization-always-allow-paths-enabled",
    "repair-malformed-updates", "alsologtostderr", "logtostderr", "goaway", "strict-reconfig-check",
    "experimental-initial-corrupt-check", "experimental-watch-progress-notify", "pre-vote",
})  # fmt: skip
_NUMBERS: Final = frozenset({
    "audit-log-maxage", "audit-log-maxbackup", "audit-log-maxsize", "secure-port", "insecure-port", "port",
    "terminated-pod-gc-threshold", "request-timeout", "min-request-timeout", "max-requests-inflight",
    "max-mutating-requests-inflight", "event-ttl", "streaming-connection-idle-timeout", "node-monitor-period",
    "node-monitor-grace-period", "pod-eviction-timeout", "default-not-ready-toleration-seconds",
    "default-unreachable-toleration-seconds", "kube-api-qps", "kube-api-burst", "concurrent-deployment-syncs",
    "node-cidr-mask-size", "v", "snapshot-count", "heartbeat-interval", "election-timeout", "quota-backend-bytes",
    "auto-compaction-retention", "max-request-bytes", "apiserver-count", "watch-cache-sizes",
    "service-account-max-token-expiration", "cluster-signing-duration", "horizontal-pod-autoscaler-sync-period",
})  # fmt: skip
_PLUGINS: Final = frozenset({
    "AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "CertificateApproval", "CertificateSigning",
    "CertificateSubjectRestriction", "ClusterTrustBundleAttest", "DefaultIngressClass", "DefaultStorageClass",
    "DefaultTolerationSeconds", "DenyEscalatingExec", "DenyExecOnPrivileged", "DenyServiceExternalIPs",
    "EventRateLimit", "ExtendedResourceToleration", "ImagePolicyWebhook", "Initializers", "LimitPodHardAntiAffinityTopology",
    "LimitRanger", "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "NamespaceAutoProvision", "NamespaceExists",
    "NamespaceLifecycle", "NodeRestriction", "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize",
    "PersistentVolumeLabel", "PodNodeSelector", "PodPreset", "PodSecurity", "PodSecurityPolicy",
    "PodTolerationRestriction", "PodTopologyLabels", "Priority", "ResourceQuota", "RuntimeClass",
    "SecurityContextDeny", "ServiceAccount", "StorageObjectInUseProtection", "TaintNodesByCondition",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook",
})  # fmt: skip
_MODES: Final = frozenset({"AlwaysAllow", "AlwaysDeny", "ABAC", "Webhook", "RBAC", "Node"})
_GATES: Final = frozenset({
    "RotateKubeletServerCertificate", "RotateKubeletClientCertificate", "ServerSideApply", "AllAlpha", "AllBeta",
    "LegacyServiceAccountTokenNoAutoGeneration", "AppArmor", "PodSecurity", "EphemeralContainers",
})  # fmt: skip
_CIPHER: Final = re.compile(
    r"TLS(?:_(?:ECDHE|DHE|RSA|ECDSA|WITH|AES|128|256|CHACHA20|POLY1305|GCM|CBC|3DES|EDE|RC4|SHA|SHA256|SHA384))+"
)
# Flags whose value is a list of words, with the words known; an unknown word becomes `other`.
_LISTS: Final = {
    "enable-admission-plugins": _PLUGINS,
    "disable-admission-plugins": _PLUGINS,
    "admission-control": _PLUGINS,
    "authorization-mode": _MODES,
}
_ENUMS: Final = {
    "tls-min-version": re.compile(r"VersionTLS1[0-3]|TLS1\.[0-3]"),
    "tls-max-version": re.compile(r"VersionTLS1[0-3]|TLS1\.[0-3]"),
    "audit-log-mode": re.compile(r"batch|blocking|blocking-strict"),
    "audit-log-format": re.compile(r"json|legacy"),
    "storage-backend": re.compile(r"etcd[23]"),
    "logging-format": re.compile(r"json|text"),
    "auto-compaction-mode": re.compile(r"periodic|revision"),
    "initial-cluster-state": re.compile(r"new|existing"),
    "cloud-provider": re.compile(r"external|aws|azure|gce|openstack|vsphere"),
    "leader-elect-resource-lock": re.compile(r"leases|endpoints|configmaps|endpointsleases|configmapsleases"),
    "kubelet-preferred-address-types": re.compile(
        r"(?:(?:Hostname|InternalDNS|InternalIP|ExternalDNS|ExternalIP)(?:,|$))+"
    ),
}
_CIPHERS: Final = frozenset({"tls-cipher-suites", "cipher-suites"})
_BOOLEAN: Final = re.compile(r"true|false")
_NUMBER: Final = re.compile(r"\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d)?(?:\d{1,4}(?:s|m))?(?:\d{1,2}s)?")
# Flags whose value is a path, an address, or a list of them.
_LOCATIONS: Final = frozenset({
    "address", "advertise-address", "bind-address", "insecure-bind-address", "external-hostname",
    "audit-log-path", "audit-policy-file", "audit-webhook-config-file", "authentication-config",
    "authentication-kubeconfig", "authentication-token-webhook-config-file", "authorization-config",
    "authorization-kubeconfig", "authorization-policy-file", "authorization-webhook-config-file",
    "admission-control-config-file", "basic-auth-file", "cert-dir", "client-ca-file", "cloud-config",
    "cluster-cidr", "cluster-signing-cert-file", "cluster-signing-key-file", "config", "egress-selector-config-file",
    "encryption-provider-config", "etcd-cafile", "etcd-certfile", "etcd-keyfile", "etcd-servers",
    "etcd-servers-overrides", "kubeconfig", "kubelet-certificate-authority", "kubelet-client-certificate",
    "kubelet-client-key", "oidc-ca-file", "oidc-issuer-url", "proxy-client-cert-file", "proxy-client-key-file",
    "requestheader-client-ca-file", "root-ca-file", "service-account-issuer", "service-account-jwks-uri",
    "service-account-key-file", "service-account-private-key-file", "service-account-signing-key-file",
    "service-cluster-ip-range", "tls-cert-file", "tls-private-key-file", "tls-sni-cert-key", "token-auth-file",
    "flex-volume-plugin-dir", "tracing-config-file",
    "advertise-client-urls", "cert-file", "data-dir", "initial-advertise-peer-urls", "initial-cluster",
    "key-file", "listen-client-urls", "listen-metrics-urls", "listen-peer-urls", "peer-cert-file", "peer-key-file",
    "peer-trusted-ca-file", "trusted-ca-file", "wal-dir", "client-crl-file", "peer-crl-file",
})  # fmt: skip
_FLAG: Final = re.compile(r"--(?P<name>[a-z][a-z0-9-]{0,62})(?:=(?P<value>.*))?", re.DOTALL)


@lru_cache(maxsize=4_096)
def argument(text: str) -> str | None:
    """What of one argument may stay in the open: the argument in its closed domain, or None to mark it."""
    if text in COMPONENTS:
        return text
    found = _FLAG.fullmatch(text)
    if not found:
        return None
    name, value = found["name"], found["value"]
    if value is None:
        return text if name in _BOOLEANS else None
    kept = _value(name, value)
    return None if kept is None else f"--{name}={kept}"


def _value(name: str, value: str) -> str | None:
    if name in _LISTS:
        known = _LISTS[name]
        return ",".join(word if word in known else "other" for word in value.split(",")[:64])
    if name in _CIPHERS:
        return ",".join(each if _CIPHER.fullmatch(each) else "other" for each in value.split(",")[:64])
    if name == "feature-gates":
        return _gates(value)
    if name in _LOCATIONS:
        return SET if value else None
    shape = _ENUMS.get(name) or (_BOOLEAN if name in _BOOLEANS else _NUMBER if name in _NUMBERS else None)
    return value if shape and shape.fullmatch(value) else None


def _gates(value: str) -> str:
    words = [gate.partition("=") for gate in value.split(",")[:64]]
    return ",".join(
        f"{name}={state}" if name in _GATES and state in {"true", "false"} else "other"
        for name, _, state in words
    )
