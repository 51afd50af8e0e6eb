"""Persistent volumes, claims and storage classes: type, driver, size and class; no attributes, no handles."""

from typing import Annotated, ClassVar

from clusters.wire.kinds.core import ObjectReference
from clusters.wire.kinds.meta import Condition, Root
from clusters.wire.kinds.pods import NodeSelector
from clusters.wire.kinds.volumes import ClaimSpec, OtherVolumes, PlainVolume
from clusters.wire.rules import LabelValue, Name, Part, Qualified, Quantity, Reason, Text, Time, Word, closed


class VolumeDriver(Part):
    """A source with a driver of its own."""

    dropped: ClassVar[tuple[str, ...]] = ("volumeAttributes", "volumeHandle", "options")

    driver: Qualified | None = None
    fs_type: Word | None = None
    read_only: bool | None = None


class VolumeNodeAffinity(Part):
    """The nodes from which a volume can be reached."""

    required: NodeSelector | None = None


class PersistentVolumeSpec(OtherVolumes):
    """What a persistent volume is."""

    dropped: ClassVar[tuple[str, ...]] = ("mountOptions",)

    access_modes: list[Word] | None = None
    capacity: dict[Qualified, Quantity] | None = None
    claim_ref: ObjectReference | None = None
    csi: VolumeDriver | None = None
    flex_volume: VolumeDriver | None = None
    host_path: PlainVolume | None = None
    local: PlainVolume | None = None
    nfs: PlainVolume | None = None
    node_affinity: VolumeNodeAffinity | None = None
    persistent_volume_reclaim_policy: Word | None = None
    storage_class_name: Name | None = None
    volume_attributes_class_name: Name | None = None
    volume_mode: Word | None = None


class PersistentVolumeStatus(Part):
    """What became of a persistent volume."""

    last_phase_transition_time: Time | None = None
    message: Text | None = None
    phase: Word | None = None
    reason: Reason | None = None


class PersistentVolume(Root):
    """A persistent volume."""

    spec: PersistentVolumeSpec | None = None
    status: PersistentVolumeStatus | None = None


class ClaimStatus(Part):
    """What became of a claim."""

    access_modes: list[Word] | None = None
    allocated_resource_statuses: dict[Qualified, Word] | None = None
    allocated_resources: dict[Qualified, Quantity] | None = None
    capacity: dict[Qualified, Quantity] | None = None
    conditions: list[Condition] | None = None
    current_volume_attributes_class_name: Name | None = None
    phase: Word | None = None


class PersistentVolumeClaim(Root):
    """A claim to a volume."""

    spec: ClaimSpec | None = None
    status: ClaimStatus | None = None


class TopologyTerm(Part):
    """A label and its allowed values."""

    key: Qualified | None = None
    values: list[LabelValue] | None = None


class Topology(Part):
    """Where volumes may be made."""

    match_label_expressions: list[TopologyTerm] | None = None


class StorageClass(Root):
    """A class of storage."""

    dropped: ClassVar[tuple[str, ...]] = ("parameters", "mountOptions")

    allow_volume_expansion: bool | None = None
    allowed_topologies: list[Topology] | None = None
    provisioner: Qualified | None = None
    reclaim_policy: Annotated[str, closed(r"Delete|Retain|Recycle")] | None = None
    volume_binding_mode: Annotated[str, closed(r"Immediate|WaitForFirstConsumer")] | None = None
