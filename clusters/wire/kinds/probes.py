"""Probes and lifecycle hooks: paths and ports stay, header values and queries don't, commands are marked."""

from typing import ClassVar

from clusters.wire.kinds.arguments import Arguments
from clusters.wire.rules import (
    HeaderName,
    Host,
    Name,
    Part,
    Port,
    UrlPath,
    Word,
)


class ExecAction(Part):
    """A command that the kubelet runs."""

    command: Arguments | None = None


class HttpHeader(Part):
    """A header of a probe, by name only."""

    dropped: ClassVar[tuple[str, ...]] = ("value",)

    name: HeaderName | None = None


class HttpGetAction(Part):
    """A request that the kubelet makes."""

    host: Host | None = None
    http_headers: list[HttpHeader] | None = None
    path: UrlPath | None = None
    port: Port | None = None
    scheme: Word | None = None


class TcpAction(Part):
    """A connection that the kubelet opens."""

    host: Host | None = None
    port: Port | None = None


class GrpcAction(Part):
    """A gRPC health check."""

    port: int | None = None
    service: Name | None = None


class SleepAction(Part):
    """A pause before the container stops."""

    seconds: int | None = None


class Probe(Part):
    """A liveness, readiness or start-up probe."""

    exec_: ExecAction | None = None
    failure_threshold: int | None = None
    grpc: GrpcAction | None = None
    http_get: HttpGetAction | None = None
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    success_threshold: int | None = None
    tcp_socket: TcpAction | None = None
    termination_grace_period_seconds: int | None = None
    timeout_seconds: int | None = None


class Handler(Part):
    """What runs at a moment of a container's life."""

    exec_: ExecAction | None = None
    http_get: HttpGetAction | None = None
    sleep: SleepAction | None = None
    tcp_socket: TcpAction | None = None


class Lifecycle(Part):
    """Hooks after the start and before the end."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None
    stop_signal: Word | None = None
