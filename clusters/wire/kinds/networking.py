"""networking.k8s.io and discovery.k8s.io: ingresses, their classes, network policies, endpoint slices."""

from clusters.wire.kinds.core import BalancerStatus, Cidr, EndpointPort, ObjectReference
from clusters.wire.kinds.meta import Condition, LabelSelector, Root
from clusters.wire.rules import Host, KindName, LabelValue, Name, Part, Port, Qualified, UrlPath, Word


class BackendPort(Part):
    """A service's port by name or number."""

    name: Name | None = None
    number: int | None = None


class BackendService(Part):
    """A service that answers."""

    name: Name | None = None
    port: BackendPort | None = None


class TypedReference(Part):
    """An object of any kind."""

    api_group: Qualified | None = None
    kind: KindName | None = None
    name: Name | None = None
    namespace: Name | None = None
    scope: Word | None = None


class IngressBackend(Part):
    """What answers a request; the last two fields are of v1beta1."""

    resource: TypedReference | None = None
    service: BackendService | None = None
    service_name: Name | None = None
    service_port: Port | None = None


class IngressPath(Part):
    """A path and what answers it."""

    backend: IngressBackend | None = None
    path: UrlPath | None = None
    path_type: Word | None = None


class IngressHttp(Part):
    """The paths of a host."""

    paths: list[IngressPath] | None = None


class IngressRule(Part):
    """A host and its paths."""

    host: Host | None = None
    http: IngressHttp | None = None


class IngressTls(Part):
    """Hosts served by TLS, and the name of the Secret with the certificate."""

    hosts: list[Host] | None = None
    secret_name: Name | None = None


class IngressSpec(Part):
    """What an ingress is to be."""

    backend: IngressBackend | None = None
    default_backend: IngressBackend | None = None
    ingress_class_name: Name | None = None
    rules: list[IngressRule] | None = None
    tls: list[IngressTls] | None = None


class IngressStatus(Part):
    """The addresses of an ingress."""

    load_balancer: BalancerStatus | None = None


class Ingress(Root):
    """An ingress."""

    spec: IngressSpec | None = None
    status: IngressStatus | None = None


class IngressClassSpec(Part):
    """Which controller serves a class."""

    controller: Qualified | None = None
    parameters: TypedReference | None = None


class IngressClass(Root):
    """A class of ingresses."""

    spec: IngressClassSpec | None = None


class IpBlock(Part):
    """Addresses, with exceptions."""

    cidr: Cidr | None = None
    except_: list[Cidr] | None = None


class PolicyPeer(Part):
    """Who is at the other end."""

    ip_block: IpBlock | None = None
    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class PolicyPort(Part):
    """Ports that are open."""

    end_port: int | None = None
    port: Port | None = None
    protocol: Word | None = None


class IngressTraffic(Part):
    """Traffic that may come in."""

    from_: list[PolicyPeer] | None = None
    ports: list[PolicyPort] | None = None


class EgressTraffic(Part):
    """Traffic that may go out."""

    ports: list[PolicyPort] | None = None
    to: list[PolicyPeer] | None = None


class NetworkPolicySpec(Part):
    """What a network policy allows."""

    egress: list[EgressTraffic] | None = None
    ingress: list[IngressTraffic] | None = None
    pod_selector: LabelSelector | None = None
    policy_types: list[Word] | None = None


class NetworkPolicyStatus(Part):
    """What became of a network policy."""

    conditions: list[Condition] | None = None


class NetworkPolicy(Root):
    """A network policy."""

    spec: NetworkPolicySpec | None = None
    status: NetworkPolicyStatus | None = None


class EndpointConditions(Part):
    """Whether an endpoint takes traffic."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class HintTarget(Part):
    """A zone or node that should use an endpoint."""

    name: Host | None = None


class EndpointHints(Part):
    """Who should use an endpoint."""

    for_nodes: list[HintTarget] | None = None
    for_zones: list[HintTarget] | None = None


class Endpoint(Part):
    """One endpoint."""

    addresses: list[Host] | None = None
    conditions: EndpointConditions | None = None
    deprecated_topology: dict[Qualified, LabelValue] | None = None
    hints: EndpointHints | None = None
    hostname: Host | None = None
    node_name: Host | None = None
    target_ref: ObjectReference | None = None
    zone: Name | None = None


class EndpointSlice(Root):
    """A slice of a service's endpoints."""

    address_type: Word | None = None
    endpoints: list[Endpoint] | None = None
    ports: list[EndpointPort] | None = None
