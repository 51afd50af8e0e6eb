"""gateway.networking.k8s.io: gateway classes, gateways, HTTP routes and reference grants."""

from typing import ClassVar

from clusters.wire.kinds.meta import Condition, LabelSelector, Root
from clusters.wire.rules import (
    Duration,
    HeaderName,
    Host,
    KindName,
    Name,
    Part,
    Qualified,
    Text,
    UrlPath,
    Word,
)


class Reference(Part):
    """Another object, as routes and listeners name them."""

    group: Qualified | None = None
    kind: KindName | None = None
    name: Name | None = None
    namespace: Name | None = None
    port: int | None = None
    section_name: Name | None = None


class GatewayClassSpec(Part):
    """Which controller serves a class."""

    controller_name: Qualified | None = None
    description: Text | None = None
    parameters_ref: Reference | None = None


class ConditionStatus(Part):
    """Conditions only."""

    conditions: list[Condition] | None = None


class GatewayClass(Root):
    """A class of gateways."""

    spec: GatewayClassSpec | None = None
    status: ConditionStatus | None = None


class GatewayAddress(Part):
    """An address of a gateway."""

    type: Qualified | None = None
    value: Host | None = None


class RouteNamespaces(Part):
    """Routes of which namespaces may attach."""

    from_: Word | None = None
    selector: LabelSelector | None = None


class RouteKind(Part):
    """A kind of route."""

    group: Qualified | None = None
    kind: KindName | None = None


class AllowedRoutes(Part):
    """Which routes may attach."""

    kinds: list[RouteKind] | None = None
    namespaces: RouteNamespaces | None = None


class ListenerTls(Part):
    """How a listener serves TLS; certificates by the name of their Secret."""

    dropped: ClassVar[tuple[str, ...]] = ("options",)

    certificate_refs: list[Reference] | None = None
    mode: Word | None = None


class Listener(Part):
    """A port of a gateway."""

    allowed_routes: AllowedRoutes | None = None
    hostname: Host | None = None
    name: Name | None = None
    port: int | None = None
    protocol: Qualified | None = None
    tls: ListenerTls | None = None


class GatewaySpec(Part):
    """What a gateway is to be."""

    addresses: list[GatewayAddress] | None = None
    gateway_class_name: Name | None = None
    listeners: list[Listener] | None = None


class ListenerStatus(Part):
    """What became of a listener."""

    attached_routes: int | None = None
    conditions: list[Condition] | None = None
    name: Name | None = None
    supported_kinds: list[RouteKind] | None = None


class GatewayStatus(Part):
    """What became of a gateway."""

    addresses: list[GatewayAddress] | None = None
    conditions: list[Condition] | None = None
    listeners: list[ListenerStatus] | None = None


class Gateway(Root):
    """A gateway."""

    spec: GatewaySpec | None = None
    status: GatewayStatus | None = None


class PathMatch(Part):
    """A path that a rule is for."""

    type: Word | None = None
    value: UrlPath | None = None


class NamedMatch(Part):
    """A header or query parameter that a rule is for, by name only."""

    dropped: ClassVar[tuple[str, ...]] = ("value",)

    name: HeaderName | None = None
    type: Word | None = None


class RouteMatch(Part):
    """Requests that a rule is for."""

    headers: list[NamedMatch] | None = None
    method: Word | None = None
    path: PathMatch | None = None
    query_params: list[NamedMatch] | None = None


class HeaderChange(Part):
    """A header that is set or added, by name only."""

    dropped: ClassVar[tuple[str, ...]] = ("value",)

    name: HeaderName | None = None


class HeaderChanges(Part):
    """Headers that are changed."""

    add: list[HeaderChange] | None = None
    remove: list[HeaderName] | None = None
    set: list[HeaderChange] | None = None


class PathChange(Part):
    """A path that is rewritten."""

    replace_full_path: UrlPath | None = None
    replace_prefix_match: UrlPath | None = None
    type: Word | None = None


class Redirect(Part):
    """Where a request is sent."""

    hostname: Host | None = None
    path: PathChange | None = None
    port: int | None = None
    scheme: Word | None = None
    status_code: int | None = None


class Rewrite(Part):
    """How a request's address changes."""

    hostname: Host | None = None
    path: PathChange | None = None


class Mirror(Part):
    """Where a copy of a request goes."""

    backend_ref: Reference | None = None
    percent: int | None = None


class RouteFilter(Part):
    """What happens to a request on its way."""

    extension_ref: Reference | None = None
    request_header_modifier: HeaderChanges | None = None
    request_mirror: Mirror | None = None
    request_redirect: Redirect | None = None
    response_header_modifier: HeaderChanges | None = None
    type: Word | None = None
    url_rewrite: Rewrite | None = None


class BackendReference(Reference):
    """What answers, with a weight."""

    filters: list[RouteFilter] | None = None
    weight: int | None = None


class RouteTimeouts(Part):
    """How long an answer may take."""

    backend_request: Duration | None = None
    request: Duration | None = None


class RouteRule(Part):
    """Requests and what answers them."""

    backend_refs: list[BackendReference] | None = None
    filters: list[RouteFilter] | None = None
    matches: list[RouteMatch] | None = None
    name: Name | None = None
    timeouts: RouteTimeouts | None = None


class RouteSpec(Part):
    """What a route is to be."""

    hostnames: list[Host] | None = None
    parent_refs: list[Reference] | None = None
    rules: list[RouteRule] | None = None


class ParentStatus(Part):
    """What became of a route at one gateway."""

    conditions: list[Condition] | None = None
    controller_name: Qualified | None = None
    parent_ref: Reference | None = None


class RouteStatus(Part):
    """What became of a route."""

    parents: list[ParentStatus] | None = None


class HTTPRoute(Root):
    """An HTTP route."""

    spec: RouteSpec | None = None
    status: RouteStatus | None = None


class GrantSpec(Part):
    """Who may refer to what in this namespace."""

    from_: list[Reference] | None = None
    to: list[Reference] | None = None


class ReferenceGrant(Root):
    """A grant to refer across namespaces."""

    spec: GrantSpec | None = None
