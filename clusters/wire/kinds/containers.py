"""Containers of every sort and their status."""

from typing import ClassVar

from clusters.wire import control_plane
from clusters.wire.kinds.arguments import Arguments
from clusters.wire.kinds.environment import EnvFrom, EnvVar
from clusters.wire.kinds.probes import Lifecycle, Probe
from clusters.wire.kinds.security import SecurityContext
from clusters.wire.rules import (
    ContainerId,
    FilePath,
    Host,
    Image,
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


class ContainerPort(Part):
    """A port that a container names."""

    container_port: int | None = None
    host_ip: Host | None = None
    host_port: int | None = None
    name: Name | None = None
    protocol: Word | None = None


class ResourceClaim(Part):
    """A claim of dynamic resource allocation."""

    name: Name | None = None
    request: Name | None = None


class Resources(Part):
    """Requests and limits."""

    claims: list[ResourceClaim] | None = None
    limits: dict[Qualified, Quantity] | None = None
    requests: dict[Qualified, Quantity] | None = None


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


class RestartCodes(Part):
    """The exit codes that a rule is for."""

    operator: Word | None = None
    values: list[int] | None = None


class RestartRule(Part):
    """What happens after an exit code."""

    action: Word | None = None
    exit_codes: RestartCodes | None = None


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
    restart_policy_rules: list[RestartRule] | None = None
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
