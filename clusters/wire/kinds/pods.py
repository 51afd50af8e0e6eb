"""Pods and pod templates."""

from typing import ClassVar

from clusters.wire.kinds.containers import Container, ContainerStatus
from clusters.wire.kinds.meta import Condition, LabelSelector, ObjectMeta, Root, SelectorTerm
from clusters.wire.kinds.security import PodSecurityContext
from clusters.wire.kinds.volumes import ObjectName, Volume
from clusters.wire.rules import (
    Address,
    Host,
    LabelValue,
    Name,
    Part,
    Qualified,
    Quantity,
    Reason,
    Text,
    Time,
    Word,
)
from clusters.wire.session import Session


class NodeTerm(Part):
    """Nodes by label and field."""

    match_expressions: list[SelectorTerm] | None = None
    match_fields: list[SelectorTerm] | None = None


class NodeSelector(Part):
    """Nodes that fit any of the terms."""

    node_selector_terms: list[NodeTerm] | None = None


class PreferredNodes(Part):
    """Nodes with a weight."""

    preference: NodeTerm | None = None
    weight: int | None = None


class NodeAffinity(Part):
    """Which nodes a pod goes to."""

    preferred_during_scheduling_ignored_during_execution: list[PreferredNodes] | None = None
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class PodTerm(Part):
    """Pods near which, or away from which, a pod goes."""

    label_selector: LabelSelector | None = None
    match_label_keys: list[Qualified] | None = None
    mismatch_label_keys: list[Qualified] | None = None
    namespace_selector: LabelSelector | None = None
    namespaces: list[Name] | None = None
    topology_key: Qualified | None = None


class PreferredPods(Part):
    """Pods with a weight."""

    pod_affinity_term: PodTerm | None = None
    weight: int | None = None


class PodAffinity(Part):
    """Affinity or anti-affinity between pods."""

    preferred_during_scheduling_ignored_during_execution: list[PreferredPods] | None = None
    required_during_scheduling_ignored_during_execution: list[PodTerm] | None = None


class Affinity(Part):
    """Where a pod goes."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class Toleration(Part):
    """A taint that a pod bears."""

    effect: Word | None = None
    key: Qualified | None = None
    operator: Word | None = None
    toleration_seconds: int | None = None
    value: LabelValue | None = None


class SpreadConstraint(Part):
    """How pods spread over a topology."""

    label_selector: LabelSelector | None = None
    match_label_keys: list[Qualified] | None = None
    max_skew: int | None = None
    min_domains: int | None = None
    node_affinity_policy: Word | None = None
    node_taints_policy: Word | None = None
    topology_key: Qualified | None = None
    when_unsatisfiable: Word | None = None


class HostAlias(Part):
    """A line of the hosts file."""

    hostnames: list[Host] | None = None
    ip: Address | None = None


class DnsOption(Part):
    """An option of the resolver."""

    name: Name | None = None
    value: LabelValue | None = None


class DnsConfig(Part):
    """The resolver's settings."""

    nameservers: list[Host] | None = None
    options: list[DnsOption] | None = None
    searches: list[Host] | None = None


class ReadinessGate(Part):
    """A condition that readiness waits for."""

    condition_type: Qualified | None = None


class SchedulingGate(Part):
    """What scheduling waits for."""

    name: Qualified | None = None


class PodResourceClaim(Part):
    """A claim of dynamic resource allocation."""

    name: Name | None = None
    resource_claim_name: Name | None = None
    resource_claim_template_name: Name | None = None


class OperatingSystem(Part):
    """The operating system that a pod needs."""

    name: Word | None = None


class PodResources(Part):
    """Requests and limits of a whole pod."""

    limits: dict[Qualified, Quantity] | None = None
    requests: dict[Qualified, Quantity] | None = None


class PodSpec(Part):
    """What a pod is to be."""

    active_deadline_seconds: int | None = None
    affinity: Affinity | None = None
    automount_service_account_token: bool | None = None
    containers: list[Container] | None = None
    dns_config: DnsConfig | None = None
    dns_policy: Word | None = None
    enable_service_links: bool | None = None
    ephemeral_containers: list[Container] | None = None
    host_aliases: list[HostAlias] | None = None
    host_ipc: bool | None = None
    host_network: bool | None = None
    host_pid: bool | None = None
    host_users: bool | None = None
    hostname: Host | None = None
    hostname_override: Host | None = None
    image_pull_secrets: list[ObjectName] | None = None
    init_containers: list[Container] | None = None
    node_name: Host | None = None
    node_selector: dict[Qualified, LabelValue] | None = None
    os: OperatingSystem | None = None
    overhead: dict[Qualified, Quantity] | None = None
    preemption_policy: Word | None = None
    priority: int | None = None
    priority_class_name: Name | None = None
    readiness_gates: list[ReadinessGate] | None = None
    resource_claims: list[PodResourceClaim] | None = None
    resources: PodResources | None = None
    restart_policy: Word | None = None
    runtime_class_name: Name | None = None
    scheduler_name: Name | None = None
    scheduling_gates: list[SchedulingGate] | None = None
    security_context: PodSecurityContext | None = None
    service_account: Name | None = None
    service_account_name: Name | None = None
    set_hostname_as_fqdn: bool | None = None
    share_process_namespace: bool | None = None
    subdomain: Host | None = None
    termination_grace_period_seconds: int | None = None
    tolerations: list[Toleration] | None = None
    topology_spread_constraints: list[SpreadConstraint] | None = None
    volumes: list[Volume] | None = None


class PodTemplate(Part):
    """The pod that a workload makes."""

    metadata: ObjectMeta | None = None
    spec: PodSpec | None = None


class PodAddress(Part):
    """An address of a pod or of its node."""

    ip: Address | None = None


class PodStatus(Part):
    """What became of a pod."""

    dropped: ClassVar[tuple[str, ...]] = ("containerStatuses[].state.terminated.message",)

    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None
    host_ip: Address | None = None
    host_ips: list[PodAddress] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    message: Text | None = None
    nominated_node_name: Host | None = None
    observed_generation: int | None = None
    phase: Word | None = None
    pod_ip: Address | None = None
    pod_ips: list[PodAddress] | None = None
    qos_class: Word | None = None
    reason: Reason | None = None
    resize: Word | None = None
    resources: PodResources | None = None
    start_time: Time | None = None


class Pod(Root):
    """A pod."""

    spec: PodSpec | None = None
    status: PodStatus | None = None

    def begin(self, session: Session) -> None:
        """Recognize a static pod by its mirror: the kubelet's annotation, or a Node as its owner."""
        meta = self.metadata
        if meta is None or meta.namespace != "kube-system":
            return
        mirrored = "kubernetes.io/config.mirror" in (meta.annotations or {})
        session.static = mirrored or any(owner.kind == "Node" for owner in meta.owner_references or ())
