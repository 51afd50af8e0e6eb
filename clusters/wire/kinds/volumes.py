"""Volumes of pods, claims and persistent volumes: type, names, paths; attributes and handles stay behind."""

from typing import ClassVar

from clusters.wire.kinds.environment import FieldReference, ResourceReference
from clusters.wire.kinds.meta import LabelSelector, ObjectMeta
from clusters.wire.rules import EnvName, FilePath, Host, Image, Name, Part, Qualified, Quantity, Word


class KeyPath(Part):
    """A key of a ConfigMap or Secret and the file it becomes."""

    key: EnvName | None = None
    mode: int | None = None
    path: FilePath | None = None


class ConfigMapVolume(Part):
    """Files from a ConfigMap, by name."""

    default_mode: int | None = None
    items: list[KeyPath] | None = None
    name: Name | None = None
    optional: bool | None = None


class SecretVolume(Part):
    """Files from a Secret, by name; a projected volume says `name`, a plain one `secretName`."""

    default_mode: int | None = None
    items: list[KeyPath] | None = None
    name: Name | None = None
    optional: bool | None = None
    secret_name: Name | None = None


class DownwardFile(Part):
    """A file with a field of the pod."""

    field_ref: FieldReference | None = None
    mode: int | None = None
    path: FilePath | None = None
    resource_field_ref: ResourceReference | None = None


class DownwardVolume(Part):
    """Files with fields of the pod."""

    default_mode: int | None = None
    items: list[DownwardFile] | None = None


class TokenSource(Part):
    """A token of the service account as a file; the audience says for whom."""

    audience: Host | None = None
    expiration_seconds: int | None = None
    path: FilePath | None = None


class TrustBundleSource(Part):
    """Certificates of authorities as a file."""

    label_selector: LabelSelector | None = None
    name: Name | None = None
    optional: bool | None = None
    path: FilePath | None = None
    signer_name: Qualified | None = None


class ProjectedSource(Part):
    """One source of a projected volume."""

    cluster_trust_bundle: TrustBundleSource | None = None
    config_map: ConfigMapVolume | None = None
    downward_api: DownwardVolume | None = None
    secret: SecretVolume | None = None
    service_account_token: TokenSource | None = None


class ProjectedVolume(Part):
    """Several sources in one folder."""

    default_mode: int | None = None
    sources: list[ProjectedSource] | None = None


class EmptyDirVolume(Part):
    """Scratch space."""

    medium: Name | None = None
    size_limit: Quantity | None = None


class HostPathVolume(Part):
    """A path of the node."""

    path: FilePath | None = None
    type: Word | None = None


class ClaimVolume(Part):
    """A claim, by name."""

    claim_name: Name | None = None
    read_only: bool | None = None


class ObjectName(Part):
    """Another object of the same namespace, by name."""

    name: Name | None = None
    namespace: Name | None = None


class CsiVolume(Part):
    """A volume of a CSI driver."""

    dropped: ClassVar[tuple[str, ...]] = ("volumeAttributes",)

    driver: Qualified | None = None
    fs_type: Word | None = None
    node_publish_secret_ref: ObjectName | None = None
    read_only: bool | None = None


class FlexVolume(Part):
    """A volume of a flex driver."""

    dropped: ClassVar[tuple[str, ...]] = ("options",)

    driver: Qualified | None = None
    fs_type: Word | None = None
    read_only: bool | None = None
    secret_ref: ObjectName | None = None


class NfsVolume(Part):
    """A share of an NFS server."""

    path: FilePath | None = None
    read_only: bool | None = None
    server: Host | None = None


class ImageVolume(Part):
    """An image's files as a volume."""

    pull_policy: Word | None = None
    reference: Image | None = None


class PlainVolume(Part):
    """A volume of any other type: that it is one, and how it is mounted."""

    dropped: ClassVar[tuple[str, ...]] = ("every attribute and handle",)

    fs_type: Word | None = None
    read_only: bool | None = None
    secret_ref: ObjectName | None = None


class OtherVolumes(Part):
    """The sources that pods and persistent volumes share and of which only the type matters."""

    aws_elastic_block_store: PlainVolume | None = None
    azure_disk: PlainVolume | None = None
    azure_file: PlainVolume | None = None
    cephfs: PlainVolume | None = None
    cinder: PlainVolume | None = None
    fc: PlainVolume | None = None
    flocker: PlainVolume | None = None
    gce_persistent_disk: PlainVolume | None = None
    glusterfs: PlainVolume | None = None
    iscsi: PlainVolume | None = None
    photon_persistent_disk: PlainVolume | None = None
    portworx_volume: PlainVolume | None = None
    quobyte: PlainVolume | None = None
    rbd: PlainVolume | None = None
    scale_io: PlainVolume | None = None
    storageos: PlainVolume | None = None
    vsphere_volume: PlainVolume | None = None


class VolumeResources(Part):
    """The size that a claim asks for."""

    limits: dict[Qualified, Quantity] | None = None
    requests: dict[Qualified, Quantity] | None = None


class DataSource(Part):
    """What a claim is filled from."""

    api_group: Qualified | None = None
    kind: Word | None = None
    name: Name | None = None
    namespace: Name | None = None


class ClaimSpec(Part):
    """What a claim asks for."""

    access_modes: list[Word] | None = None
    data_source: DataSource | None = None
    data_source_ref: DataSource | None = None
    resources: VolumeResources | None = None
    selector: LabelSelector | None = None
    storage_class_name: Name | None = None
    volume_attributes_class_name: Name | None = None
    volume_mode: Word | None = None
    volume_name: Name | None = None


class ClaimTemplate(Part):
    """A claim that is made for each pod."""

    metadata: ObjectMeta | None = None
    spec: ClaimSpec | None = None


class EphemeralVolume(Part):
    """A claim that lives as long as its pod."""

    volume_claim_template: ClaimTemplate | None = None


class Volume(OtherVolumes):
    """A volume of a pod."""

    config_map: ConfigMapVolume | None = None
    csi: CsiVolume | None = None
    downward_api: DownwardVolume | None = None
    empty_dir: EmptyDirVolume | None = None
    ephemeral: EphemeralVolume | None = None
    flex_volume: FlexVolume | None = None
    git_repo: PlainVolume | None = None
    host_path: HostPathVolume | None = None
    image: ImageVolume | None = None
    name: Name | None = None
    nfs: NfsVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None
    projected: ProjectedVolume | None = None
    secret: SecretVolume | None = None
