"""apps: deployments, stateful sets, daemon sets, replica sets; and the older replication controllers."""

from clusters.wire.kinds.meta import Condition, Labels, LabelSelector, Root
from clusters.wire.kinds.pods import PodTemplate
from clusters.wire.kinds.volumes import ClaimTemplate
from clusters.wire.rules import Name, Part, Share, Word


class RollingUpdate(Part):
    """How fast pods are replaced."""

    max_surge: Share | None = None
    max_unavailable: Share | None = None
    partition: int | None = None


class Strategy(Part):
    """How pods are replaced."""

    rolling_update: RollingUpdate | None = None
    type: Word | None = None


class DeploymentSpec(Part):
    """What a deployment is to be."""

    min_ready_seconds: int | None = None
    paused: bool | None = None
    progress_deadline_seconds: int | None = None
    replicas: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    strategy: Strategy | None = None
    template: PodTemplate | None = None


class ReplicaStatus(Part):
    """Counts of replicas, of a deployment or a replica set."""

    available_replicas: int | None = None
    collision_count: int | None = None
    conditions: list[Condition] | None = None
    fully_labeled_replicas: int | None = None
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None
    terminating_replicas: int | None = None
    unavailable_replicas: int | None = None
    updated_replicas: int | None = None


class Deployment(Root):
    """A deployment."""

    spec: DeploymentSpec | None = None
    status: ReplicaStatus | None = None


class ClaimRetention(Part):
    """Whether claims outlive their pods."""

    when_deleted: Word | None = None
    when_scaled: Word | None = None


class Ordinals(Part):
    """The first number of a stateful set's pods."""

    start: int | None = None


class StatefulSetSpec(Part):
    """What a stateful set is to be."""

    min_ready_seconds: int | None = None
    ordinals: Ordinals | None = None
    persistent_volume_claim_retention_policy: ClaimRetention | None = None
    pod_management_policy: Word | None = None
    replicas: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    service_name: Name | None = None
    template: PodTemplate | None = None
    update_strategy: Strategy | None = None
    volume_claim_templates: list[ClaimTemplate] | None = None


class StatefulSetStatus(Part):
    """Counts of a stateful set's pods."""

    available_replicas: int | None = None
    collision_count: int | None = None
    conditions: list[Condition] | None = None
    current_replicas: int | None = None
    current_revision: Name | None = None
    observed_generation: int | None = None
    ready_replicas: int | None = None
    replicas: int | None = None
    update_revision: Name | None = None
    updated_replicas: int | None = None


class StatefulSet(Root):
    """A stateful set."""

    spec: StatefulSetSpec | None = None
    status: StatefulSetStatus | None = None


class DaemonSetSpec(Part):
    """What a daemon set is to be."""

    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None
    update_strategy: Strategy | None = None


class DaemonSetStatus(Part):
    """Counts of a daemon set's pods."""

    collision_count: int | None = None
    conditions: list[Condition] | None = None
    current_number_scheduled: int | None = None
    desired_number_scheduled: int | None = None
    number_available: int | None = None
    number_misscheduled: int | None = None
    number_ready: int | None = None
    number_unavailable: int | None = None
    observed_generation: int | None = None
    updated_number_scheduled: int | None = None


class DaemonSet(Root):
    """A daemon set."""

    spec: DaemonSetSpec | None = None
    status: DaemonSetStatus | None = None


class ReplicaSetSpec(Part):
    """What a replica set is to be."""

    min_ready_seconds: int | None = None
    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate | None = None


class ReplicaSet(Root):
    """A replica set."""

    spec: ReplicaSetSpec | None = None
    status: ReplicaStatus | None = None


class ReplicationControllerSpec(Part):
    """What a replication controller is to be."""

    min_ready_seconds: int | None = None
    replicas: int | None = None
    selector: Labels | None = None
    template: PodTemplate | None = None


class ReplicationController(Root):
    """A replication controller."""

    spec: ReplicationControllerSpec | None = None
    status: ReplicaStatus | None = None
