"""What containers and pods may do."""

from typing import Annotated, ClassVar

from clusters.wire.rules import (
    FilePath,
    Name,
    Part,
    Word,
    closed,
)


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


class Sysctl(Part):
    """A kernel parameter."""

    name: Annotated[str, closed(r"[a-z0-9_-]{1,63}(?:[./][a-z0-9_*-]{1,63}){1,8}")] | None = None
    value: Annotated[str, closed(r"[0-9 \t-]{1,64}|[a-z]{1,16}")] | None = None


class PodSecurityContext(Part):
    """What all containers of a pod may do."""

    app_armor_profile: Profile | None = None
    fs_group: int | None = None
    fs_group_change_policy: Word | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    se_linux_change_policy: Word | None = None
    se_linux_options: SeLinuxOptions | None = None
    seccomp_profile: Profile | None = None
    supplemental_groups: list[int] | None = None
    supplemental_groups_policy: Word | None = None
    sysctls: list[Sysctl] | None = None
    windows_options: WindowsOptions | None = None
