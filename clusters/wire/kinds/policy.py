"""policy and scheduling.k8s.io: disruption budgets (v1beta1 and v1) and priority classes."""

from clusters.wire.kinds.meta import Condition, LabelSelector, Root
from clusters.wire.rules import Name, Part, Share, Text, Time, Word


class BudgetSpec(Part):
    """How many pods may be away at once."""

    max_unavailable: Share | None = None
    min_available: Share | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: Word | None = None


class BudgetStatus(Part):
    """How many pods are away."""

    conditions: list[Condition] | None = None
    current_healthy: int | None = None
    desired_healthy: int | None = None
    disrupted_pods: dict[Name, Time] | None = None
    disruptions_allowed: int | None = None
    expected_pods: int | None = None
    observed_generation: int | None = None


class PodDisruptionBudget(Root):
    """A disruption budget."""

    spec: BudgetSpec | None = None
    status: BudgetStatus | None = None


class PriorityClass(Root):
    """A class of priority."""

    description: Text | None = None
    global_default: bool | None = None
    preemption_policy: Word | None = None
    value: int | None = None
