"""metadata: identity, times, labels, owners, who last changed which field; and label selectors."""

import re
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final

import msgspec

from clusters.wire import text
from clusters.wire.kinds.annotations import clean_annotations, clean_labels
from clusters.wire.rules import (
    Boolean,
    KindName,
    LabelValue,
    Name,
    Number,
    Part,
    Qualified,
    Reason,
    Rule,
    Text,
    Time,
    Uid,
    Version,
    Word,
)
from clusters.wire.session import Session

Labels = Annotated[dict[str, str], Rule("redact", clean=clean_labels)]
Annotations = Annotated[dict[str, str], Rule("redact", clean=clean_annotations)]

# A manager's name can be a person's (a kubectl plug-in run by hand): only known programs are named.
_MANAGERS: Final = frozenset({
    "kubectl", "kubectl-apply", "kubectl-client-side-apply", "kubectl-create", "kubectl-edit", "kubectl-patch",
    "kubectl-replace", "kubectl-rollout", "kubectl-scale", "kubectl-set", "kubectl-label", "kubectl-annotate",
    "kubectl-taint", "kubectl-expose", "kubectl-run", "kubectl-autoscale", "before-first-apply",
    "kubelet", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "kube-proxy", "kubeadm",
    "cloud-controller-manager", "cluster-autoscaler", "cluster-proportional-autoscaler", "karpenter",
    "helm", "Helm", "helm-controller", "kustomize-controller", "source-controller", "flux", "fluxd",
    "argocd", "argocd-controller", "argocd-application-controller", "argo-rollouts", "rollouts-controller",
    "cert-manager", "cainjector", "ingress-nginx", "nginx-ingress-controller", "traefik", "istiod", "pilot-discovery",
    "linkerd", "cilium", "cilium-operator", "calico", "coredns", "external-dns", "external-secrets",
    "vpa-recommender", "keda", "keda-operator", "metrics-server", "prometheus-operator", "PrometheusOperator",
    "kyverno", "gatekeeper", "velero", "velero-server", "terraform", "Terraform", "HashiCorp", "pulumi", "ansible",
    "rancher", "k3s", "OpenAPI-Generator", "kubernetes-dashboard", "dashboard", "lens", "k9s", "srexpert",
    "csi-provisioner", "csi-attacher", "csi-resizer", "node-problem-detector", "local-path-provisioner",
    "endpoint-controller", "deployment-controller", "service-controller", "tekton", "crossplane", "other",
})  # fmt: skip
_FIELD_NAME = re.compile(r"f:[A-Za-z0-9*][A-Za-z0-9._/*-]{0,316}")
_ITEM_KEYS: Final = frozenset({
    "name", "containerPort", "port", "protocol", "type", "ip", "uid", "mountPath", "devicePath", "key",
    "topologyKey", "whenUnsatisfiable", "hostIP", "kind", "namespace", "group", "number",
})  # fmt: skip
_LONGEST_STEP: Final = 512
_ITEM_VALUE = re.compile(r"[A-Za-z0-9/_.][A-Za-z0-9._:/-]{0,252}")


@lru_cache(maxsize=32_768)
def field_key(key: str) -> str:
    """One step of a managed field's path; values in it stay only where they are identity of a list item."""
    if key == "." or re.fullmatch(r"i:\d{1,6}", key):
        return key
    if key.startswith("f:"):
        return key if _FIELD_NAME.fullmatch(key) and text.is_clean(key[2:]) else "f:other"
    if key.startswith("k:"):
        return "k:" + _item_key(key[2:])
    return "v:"


def _item_key(encoded: str) -> str:
    try:
        keys = msgspec.json.decode(encoded, type=dict[str, str | int])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return "{}"
    kept = {
        name: value
        for name, value in keys.items()
        if name in _ITEM_KEYS
        and (isinstance(value, int) or (_ITEM_VALUE.fullmatch(value) and text.is_clean(value)))
    }
    return msgspec.json.encode(kept, order="sorted").decode()


_DEEPEST = 32


def field_tree(tree: dict[str, Any], _: Session, depth: int = 0) -> dict[str, Any]:
    """The paths of `fieldsV1`; whatever isn't a path is gone, and so is what lies deeper than any object."""
    return {
        field_key(key): field_tree(held, _, depth + 1)
        if isinstance(held, dict) and held and depth < _DEEPEST
        else {}
        for key, held in tree.items()
    }


def known_manager(name: str, _: Session) -> str:
    """A known program's name, else "other"."""
    return name if name in _MANAGERS else "other"


class ManagedFields(Part):
    """Who (by program) owns which fields since when."""

    api_version: Version | None = None
    fields_type: Word | None = None
    fields_v1: Annotated[dict[str, Any], Rule("keep", clean=field_tree)] | None = msgspec.field(
        default=None, name="fieldsV1"
    )
    manager: Annotated[str, Rule("keep", clean=known_manager)] | None = None
    operation: Word | None = None
    subresource: Word | None = None
    time: Time | None = None


class OwnerReference(Part):
    """The object that owns this one."""

    api_version: Version | None = None
    block_owner_deletion: bool | None = None
    controller: bool | None = None
    kind: KindName | None = None
    name: Name | None = None
    uid: Uid | None = None


class BareMeta(Part):
    """Metadata without annotations, for Events."""

    dropped: ClassVar[tuple[str, ...]] = ("annotations", "selfLink")

    creation_timestamp: Time | None = None
    deletion_grace_period_seconds: int | None = None
    deletion_timestamp: Time | None = None
    finalizers: list[Qualified] | None = None
    generate_name: Name | None = None
    generation: int | None = None
    labels: Labels | None = None
    managed_fields: list[ManagedFields] | None = None
    name: Name | None = None
    namespace: Name | None = None
    owner_references: list[OwnerReference] | None = None
    resource_version: Number | None = None
    uid: Uid | None = None


class ObjectMeta(BareMeta):
    """The metadata of an object or of a template."""

    dropped: ClassVar[tuple[str, ...]] = ("selfLink",)

    annotations: Annotations | None = None


class SelectorTerm(Part):
    """One expression of a selector."""

    key: Qualified | None = None
    operator: Word | None = None
    values: list[LabelValue] | None = None


class LabelSelector(Part):
    """Chooses objects by label."""

    match_expressions: list[SelectorTerm] | None = None
    match_labels: Labels | None = None


class Root(Part):
    """What every object has; `api_version` and `kind` are filled in, since lists leave them out."""

    api_version: Version | None = None
    kind: KindName | None = None
    metadata: ObjectMeta | None = None


class Condition(Part):
    """One status condition, of any kind of object."""

    last_heartbeat_time: Time | None = None
    last_probe_time: Time | None = None
    last_transition_time: Time | None = None
    last_update_time: Time | None = None
    message: Text | None = None
    observed_generation: int | None = None
    reason: Reason | None = None
    status: Boolean | None = None
    type: Qualified | None = None
