"""autoscaling: horizontal pod autoscalers, in the forms of v1, v2beta2 and v2."""

from clusters.wire.kinds.meta import Condition, LabelSelector, Root
from clusters.wire.rules import KindName, Name, Part, Qualified, Quantity, Time, Version, Word


class ScaleTarget(Part):
    """The workload that is scaled, or the object that is measured."""

    api_version: Version | None = None
    kind: KindName | None = None
    name: Name | None = None


class MetricIdentifier(Part):
    """A metric by name and selector."""

    name: Qualified | None = None
    selector: LabelSelector | None = None


class MetricFigure(Part):
    """A target, or the present value."""

    average_utilization: int | None = None
    average_value: Quantity | None = None
    type: Word | None = None
    value: Quantity | None = None


class ResourceMetric(Part):
    """CPU or memory of a pod, or of one of its containers."""

    container: Name | None = None
    current: MetricFigure | None = None
    name: Qualified | None = None
    target: MetricFigure | None = None


class CustomMetric(Part):
    """A metric of pods, of an object, or from outside the cluster."""

    current: MetricFigure | None = None
    described_object: ScaleTarget | None = None
    metric: MetricIdentifier | None = None
    target: MetricFigure | None = None


class Metric(Part):
    """One metric that decides on the number of pods."""

    container_resource: ResourceMetric | None = None
    external: CustomMetric | None = None
    object: CustomMetric | None = None
    pods: CustomMetric | None = None
    resource: ResourceMetric | None = None
    type: Word | None = None


class ScalingPolicy(Part):
    """How many pods may come or go in a period."""

    period_seconds: int | None = None
    type: Word | None = None
    value: int | None = None


class ScalingRules(Part):
    """How fast one direction goes."""

    policies: list[ScalingPolicy] | None = None
    select_policy: Word | None = None
    stabilization_window_seconds: int | None = None
    tolerance: Quantity | None = None


class Behavior(Part):
    """How fast both directions go."""

    scale_down: ScalingRules | None = None
    scale_up: ScalingRules | None = None


class AutoscalerSpec(Part):
    """What an autoscaler is to do."""

    behavior: Behavior | None = None
    max_replicas: int | None = None
    metrics: list[Metric] | None = None
    min_replicas: int | None = None
    scale_target_ref: ScaleTarget | None = None
    target_cpu_utilization_percentage: int | None = None


class AutoscalerStatus(Part):
    """What an autoscaler does."""

    conditions: list[Condition] | None = None
    current_cpu_utilization_percentage: int | None = None
    current_metrics: list[Metric] | None = None
    current_replicas: int | None = None
    desired_replicas: int | None = None
    last_scale_time: Time | None = None
    observed_generation: int | None = None


class HorizontalPodAutoscaler(Root):
    """A horizontal pod autoscaler."""

    spec: AutoscalerSpec | None = None
    status: AutoscalerStatus | None = None
