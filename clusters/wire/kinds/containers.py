"""Containers of every sort: images and security settings stay, values and command lines become markers."""

from typing import Annotated, ClassVar

from clusters.wire import control_plane, markers
from clusters.wire.markers import Marker
from clusters.wire.rules import (
    ContainerId,
    EnvName,
    FilePath,
    HeaderName,
    Host,
    Image,
    Name,
    Part,
    Port,
    Qualified,
    Quantity,
    Reason,
    Rule,
    Text,
    Time,
    UrlPath,
    Version,
    Word,
    closed,
)
from clusters.wire.session import Session


def _arguments(arguments: list[str | Marker], session: Session) -> list[str | Marker]:
    """Markers of a command line; a flag's name stays, and tells about the value that follows it."""
    left: list[str | Marker] = []
    before = ""
    for each in arguments:
        kept = control_plane.argument(each) if session.component and isinstance(each, str) else None
        left.append(kept if kept is not None else _argument(each, before, session))
        last = left[-1]
        before = (isinstance(last, Marker) and last.flag) or ""
    return left


def _argument(argument: str | Marker, before: str, session: Session) -> Marker:
    if isinstance(argument, Marker):
        if markers.is_valid(argument):
            return argument
        session.rejected.append("command")
        return markers.replacement(argument)
    if session.key is None:
        session.rejected.append("command")
    return markers.mark(argument, key=session.key, name=before, flag=markers.flag_of(argument))


Arguments = Annotated[list[str | Marker], Rule("mark", clean=_arguments)]
# Cleaned by EnvVar.settle, which knows the name beside it.
EnvValue = Annotated[str | Marker, Rule("mark", clean=lambda value, _: value)]


class KeyReference(Part):
    """A key of a ConfigMap or Secret, by name."""

    key: EnvName | None = None
    name: Name | None = None
    optional: bool | None = None


class FieldReference(Part):
    """A field of the pod itself."""

    api_version: Version | None = None
    field_path: (
        Annotated[str, closed(r"[A-Za-z]{1,20}(?:\.[A-Za-z]{1,40}){0,4}(?:\['[A-Za-z0-9._/-]{1,317}'\])?")]
        | None
    ) = None


class ResourceReference(Part):
    """A resource figure of a container."""

    container_name: Name | None = None
    divisor: Quantity | None = None
    resource: Qualified | None = None


class EnvSource(Part):
    """Where an environment variable comes from."""

    config_map_key_ref: KeyReference | None = None
    field_ref: FieldReference | None = None
    resource_field_ref: ResourceReference | None = None
    secret_key_ref: KeyReference | None = None


class EnvVar(Part):
    """One environment variable: its name, and a marker in place of a literal."""

    name: EnvName | None = None
    value: EnvValue | None = None
    value_from: EnvSource | None = None

    def settle(self, session: Session) -> None:
        """Mark a literal under the variable's name; refuse what only looks like a marker."""
        value = self.value
        if value is None:
            return
        if isinstance(value, Marker):
            if value.flag is not None or not markers.is_valid(value):
                session.rejected.append("env.value")
                self.value = markers.replacement(value)
            return
        if session.key is None:
            session.rejected.append("env.value")
        self.value = markers.mark(value, key=session.key, name=self.name or "")


class NameReference(Part):
    """A ConfigMap or Secret whose keys all become variables."""

    name: Name | None = None
    optional: bool | None = None


class EnvFrom(Part):
    """Variables from a whole ConfigMap or Secret."""

    config_map_ref: NameReference | None = None
    prefix: EnvName | None = None
    secret_ref: NameReference | None = None


class ContainerPort(Part):
    """A port that a container names."""

    container_port: int | None = None
    host_ip: Host | None = None
    host_port: int | None = None
    name: Name | None = None
    protocol: Word | None = None


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


class ResourceClaim(Part):
    """A claim of dynamic resource allocation."""

    name: Name | None = None
    request: Name | None = None


class Resources(Part):
    """Requests and limits."""

    claims: list[ResourceClaim] | None = None
    limits: dict[Qualified, Quantity] | None = None
    requests: dict[Qualified, Quantity] | None = None


class Capabilities(Part):
    """Linux capabilities."""

    add: list[Annotated[str, closed(r"[A-Za-z_]{1,40}")]] | None = None
    drop: list[Annotated[str, closed(r"[A-Za-z_]{1,40}")]] | None = None


class SeLinuxOptions(Part):
    """SELinux labels."""

    level: Annotated[str, closed(r"s\d{1,4}(?:[:,.-][sc]?\d{1,4})*(?:[:,.-]c\d{1,4}){0,8}")] | None = None
    role: Annotated[str, closed(r"[a-z_]{1,64}")] | None = None
    type: Annotated[str, closed(r"[a-z_.]{1,64}")] | None = None
    user: Annotated[str, closed(r"[a-z_]{1,64}")] | None = None


class Profile(Part):
    """A seccomp or AppArmor profile."""

    localhost_profile: FilePath | None = None
    type: Word | None = None


class WindowsOptions(Part):
    """Settings of Windows containers; the credential spec and the account's name stay behind."""

    dropped: ClassVar[tuple[str, ...]] = ("gmsaCredentialSpec", "runAsUserName")

    gmsa_credential_spec_name: Name | None = None
    host_process: bool | None = None


class SecurityContext(Part):
    """What a container may do."""

    allow_privilege_escalation: bool | None = None
    app_armor_profile: Profile | None = None
    capabilities: Capabilities | None = None
    privileged: bool | None = None
    proc_mount: Word | None = None
    read_only_root_filesystem: bool | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_options: SeLinuxOptions | None = None
    seccomp_profile: Profile | None = None
    windows_options: WindowsOptions | None = None


class VolumeDevice(Part):
    """A block device in a container."""

    device_path: FilePath | None = None
    name: Name | None = None


class VolumeMount(Part):
    """A volume in a container."""

    mount_path: FilePath | None = None
    mount_propagation: Word | None = None
    name: Name | None = None
    read_only: bool | None = None
    recursive_read_only: Word | None = None
    sub_path: FilePath | None = None
    sub_path_expr: FilePath | None = None


class ResizePolicy(Part):
    """Whether a change of a resource restarts the container."""

    resource_name: Qualified | None = None
    restart_policy: Word | None = None


class Container(Part):
    """A container: main, init, sidecar or ephemeral."""

    args: Arguments | None = None
    command: Arguments | None = None
    env: list[EnvVar] | None = None
    env_from: list[EnvFrom] | None = None
    image: Image | None = None
    image_pull_policy: Word | None = None
    lifecycle: Lifecycle | None = None
    liveness_probe: Probe | None = None
    name: Name | None = None
    ports: list[ContainerPort] | None = None
    readiness_probe: Probe | None = None
    resize_policy: list[ResizePolicy] | None = None
    resources: Resources | None = None
    restart_policy: Word | None = None
    security_context: SecurityContext | None = None
    startup_probe: Probe | None = None
    stdin: bool | None = None
    stdin_once: bool | None = None
    target_container_name: Name | None = None
    termination_message_path: FilePath | None = None
    termination_message_policy: Word | None = None
    tty: bool | None = None
    volume_devices: list[VolumeDevice] | None = None
    volume_mounts: list[VolumeMount] | None = None
    working_dir: FilePath | None = None

    def begin(self, session: Session) -> None:
        """Note a known component of the control plane: its closed flags stay readable."""
        known = session.static and self.name in control_plane.COMPONENTS
        session.component = self.name if known else None


class RunningState(Part):
    """Since when a container runs."""

    started_at: Time | None = None


class TerminatedState(Part):
    """How a container ended; its message is the end of a log and stays behind."""

    dropped: ClassVar[tuple[str, ...]] = ("message",)

    container_id: ContainerId | None = None
    exit_code: int | None = None
    finished_at: Time | None = None
    reason: Reason | None = None
    signal: int | None = None
    started_at: Time | None = None


class WaitingState(Part):
    """Why a container doesn't run."""

    message: Text | None = None
    reason: Reason | None = None


class ContainerState(Part):
    """One of running, terminated, waiting."""

    running: RunningState | None = None
    terminated: TerminatedState | None = None
    waiting: WaitingState | None = None


class ContainerStatus(Part):
    """What the kubelet reports about a container."""

    allocated_resources: dict[Qualified, Quantity] | None = None
    container_id: ContainerId | None = None
    image: Image | None = None
    image_id: Image | None = None
    last_state: ContainerState | None = None
    name: Name | None = None
    ready: bool | None = None
    resources: Resources | None = None
    restart_count: int | None = None
    started: bool | None = None
    state: ContainerState | None = None
