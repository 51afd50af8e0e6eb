"""The core group, pods and storage apart: nodes, namespaces, services, endpoints, quotas, service accounts."""

from typing import Annotated, ClassVar

from clusters.wire.kinds.meta import Condition, Labels, Root
from clusters.wire.kinds.volumes import ObjectName
from clusters.wire.rules import (
    Address,
    FieldPath,
    Hexadecimal,
    Host,
    KindName,
    LabelValue,
    Name,
    Number,
    Part,
    Port,
    Qualified,
    Quantity,
    Release,
    Text,
    Time,
    Uid,
    Version,
    Word,
    closed,
)

Cidr = Annotated[str, closed(r"[0-9a-fA-F:.]{2,45}/\d{1,3}")]
RuntimeVersion = Annotated[str, closed(r"[a-z-]{1,20}://[A-Za-z0-9.+~-]{1,64}")]


class Taint(Part):
    """Keeps pods off a node."""

    effect: Word | None = None
    key: Qualified | None = None
    time_added: Time | None = None
    value: LabelValue | None = None


class NodeSpec(Part):
    """What a node is to be; the provider's id says which machine of the cloud it is."""

    dropped: ClassVar[tuple[str, ...]] = ("configSource",)

    pod_cidr: Cidr | None = None
    pod_cidrs: list[Cidr] | None = None
    provider_id: Text | None = None
    taints: list[Taint] | None = None
    unschedulable: bool | None = None


class NodeAddress(Part):
    """An address of a node."""

    address: Host | None = None
    type: Word | None = None


class NodeSystem(Part):
    """Versions and identity of a node's system."""

    architecture: Name | None = None
    boot_id: Hexadecimal | None = None
    container_runtime_version: RuntimeVersion | None = None
    kernel_version: Annotated[str, closed(r"\d{1,3}\.[A-Za-z0-9._+~-]{1,80}")] | None = None
    kube_proxy_version: Release | None = None
    kubelet_version: Release | None = None
    machine_id: Hexadecimal | None = None
    operating_system: Word | None = None
    os_image: Text | None = None
    system_uuid: Hexadecimal | None = None


class NodeStatus(Part):
    """What the kubelet reports about its node."""

    dropped: ClassVar[tuple[str, ...]] = ("images", "config", "volumesAttached[].devicePath")

    addresses: list[NodeAddress] | None = None
    allocatable: dict[Qualified, Quantity] | None = None
    capacity: dict[Qualified, Quantity] | None = None
    conditions: list[Condition] | None = None
    node_info: NodeSystem | None = None
    phase: Word | None = None


class Node(Root):
    """A node."""

    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class NamespaceSpec(Part):
    """What holds a namespace back from deletion."""

    finalizers: list[Qualified] | None = None


class NamespaceStatus(Part):
    """Whether a namespace lives."""

    conditions: list[Condition] | None = None
    phase: Word | None = None


class Namespace(Root):
    """A namespace."""

    spec: NamespaceSpec | None = None
    status: NamespaceStatus | None = None


class ServicePort(Part):
    """A port of a service."""

    app_protocol: Qualified | None = None
    name: Name | None = None
    node_port: int | None = None
    port: int | None = None
    protocol: Word | None = None
    target_port: Port | None = None


class ClientIp(Part):
    """How long a client stays with its pod."""

    timeout_seconds: int | None = None


class AffinityConfig(Part):
    """Settings of session affinity."""

    client_ip: ClientIp | None = None


class ServiceSpec(Part):
    """What a service is to be."""

    allocate_load_balancer_node_ports: bool | None = None
    cluster_ip: Annotated[str, closed(r"None|[0-9a-fA-F:.]{0,45}")] | None = None
    cluster_ips: list[Annotated[str, closed(r"None|[0-9a-fA-F:.]{0,45}")]] | None = None
    external_ips: list[Address] | None = None
    external_name: Host | None = None
    external_traffic_policy: Word | None = None
    health_check_node_port: int | None = None
    internal_traffic_policy: Word | None = None
    ip_families: list[Word] | None = None
    ip_family_policy: Word | None = None
    load_balancer_class: Qualified | None = None
    load_balancer_ip: Address | None = None
    load_balancer_source_ranges: list[Cidr] | None = None
    ports: list[ServicePort] | None = None
    publish_not_ready_addresses: bool | None = None
    selector: Labels | None = None
    session_affinity: Word | None = None
    session_affinity_config: AffinityConfig | None = None
    traffic_distribution: Word | None = None
    type: Word | None = None


class PortStatus(Part):
    """A port of a load balancer."""

    error: Qualified | None = None
    port: int | None = None
    protocol: Word | None = None


class BalancerAddress(Part):
    """An address that a load balancer got."""

    hostname: Host | None = None
    ip: Address | None = None
    ip_mode: Word | None = None
    ports: list[PortStatus] | None = None


class BalancerStatus(Part):
    """The addresses of a load balancer."""

    ingress: list[BalancerAddress] | None = None


class ServiceStatus(Part):
    """What became of a service."""

    conditions: list[Condition] | None = None
    load_balancer: BalancerStatus | None = None


class Service(Root):
    """A service."""

    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class ObjectReference(Part):
    """Another object, by name and uid."""

    api_version: Version | None = None
    field_path: FieldPath | None = None
    kind: KindName | None = None
    name: Name | None = None
    namespace: Name | None = None
    resource_version: Number | None = None
    uid: Uid | None = None


class EndpointAddress(Part):
    """One address behind a service."""

    hostname: Host | None = None
    ip: Address | None = None
    node_name: Host | None = None
    target_ref: ObjectReference | None = None


class EndpointPort(Part):
    """One port behind a service."""

    app_protocol: Qualified | None = None
    name: Name | None = None
    port: int | None = None
    protocol: Word | None = None


class EndpointSubset(Part):
    """Addresses that share ports."""

    addresses: list[EndpointAddress] | None = None
    not_ready_addresses: list[EndpointAddress] | None = None
    ports: list[EndpointPort] | None = None


class Endpoints(Root):
    """What stands behind a service."""

    subsets: list[EndpointSubset] | None = None


class ServiceAccount(Root):
    """A service account; its secrets by name only."""

    automount_service_account_token: bool | None = None
    image_pull_secrets: list[ObjectName] | None = None
    secrets: list[ObjectName] | None = None


class ScopeTerm(Part):
    """One expression of a quota's scope."""

    operator: Word | None = None
    scope_name: Word | None = None
    values: list[LabelValue] | None = None


class ScopeSelector(Part):
    """Which objects a quota counts."""

    match_expressions: list[ScopeTerm] | None = None


# A quota's names hold several parts: `requests.storage`, `count/deployments.apps`,
# `gold.storageclass.storage.k8s.io/requests.storage`.
class QuotaSpec(Part):
    """What a namespace may use."""

    hard: dict[Qualified, Quantity] | None = None
    scope_selector: ScopeSelector | None = None
    scopes: list[Word] | None = None


class QuotaStatus(Part):
    """What a namespace uses."""

    hard: dict[Qualified, Quantity] | None = None
    used: dict[Qualified, Quantity] | None = None


class ResourceQuota(Root):
    """A quota of a namespace."""

    spec: QuotaSpec | None = None
    status: QuotaStatus | None = None


class Limit(Part):
    """Bounds and defaults for one type of object."""

    default: dict[Qualified, Quantity] | None = None
    default_request: dict[Qualified, Quantity] | None = None
    max: dict[Qualified, Quantity] | None = None
    max_limit_request_ratio: dict[Qualified, Quantity] | None = None
    min: dict[Qualified, Quantity] | None = None
    type: Word | None = None


class LimitRangeSpec(Part):
    """The bounds of a namespace."""

    limits: list[Limit] | None = None


class LimitRange(Root):
    """Bounds for the objects of a namespace."""

    spec: LimitRangeSpec | None = None
