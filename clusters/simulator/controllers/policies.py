"""What is counted over pods: disruption budgets, quotas, and the state of autoscalers."""

from collections.abc import Iterable

from clusters.simulator.apiserver.selectors import matches
from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.clock import stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.controllers.deployments import share
from clusters.simulator.metrics import utilization
from clusters.simulator.quantities import of_pod

_STATUS = Actor("kube-controller-manager", subresource="status")
_BUDGETS = "poddisruptionbudgets.policy"
_QUOTAS = "resourcequotas"
_SCALERS = "horizontalpodautoscalers.autoscaling"
_LOOK_SECONDS = 15.0


class DisruptionBudgets:
    """Says how many pods of a budget may be disrupted now."""

    name = "disruption-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == _BUDGETS:
            return (change.key,)
        if resource != "pods":
            return ()
        labels = change.record.obj["metadata"].get("labels") or {}
        budgets = self._cluster.store.all(_BUDGETS, change.key[0])
        return [
            (change.key[0], budget["metadata"]["name"])
            for budget in budgets
            if matches(budget["spec"].get("selector"), labels)
        ]

    def reconcile(self, key: Key) -> None:
        budget = self._cluster.store.get(_BUDGETS, *key)
        if budget is None:
            return
        selector = budget["spec"].get("selector")
        covered = [
            pod
            for pod in self._cluster.store.all("pods", key[0])
            if matches(selector, pod["metadata"].get("labels") or {}) and pods.is_active(pod)
        ]
        expected = self._expected(covered)
        healthy = sum(pods.is_ready(pod) for pod in covered)
        if "minAvailable" in budget["spec"]:
            desired = share(budget["spec"]["minAvailable"], expected, up=True)
        else:
            desired = expected - share(budget["spec"].get("maxUnavailable", 0), expected, up=True)
        allowed = max(healthy - desired, 0)
        now = stamp(self._cluster.clock.now())

        def told(obj: Object) -> None:
            obj.setdefault("status", {}).update(
                currentHealthy=healthy, desiredHealthy=desired, disruptionsAllowed=allowed, expectedPods=expected,
                observedGeneration=obj["metadata"]["generation"],
            )  # fmt: skip
            reason = "SufficientPods" if allowed else "InsufficientPods"
            pods.set_condition(obj, "DisruptionAllowed", str(allowed > 0), now, reason=reason, message="",
                               observedGeneration=obj["metadata"]["generation"])  # fmt: skip

        self._cluster.writer.edit(_BUDGETS, budget, told, _STATUS)

    def _expected(self, covered: list[Object]) -> int:
        """How many pods the owners of the covered ones want."""
        wanted: dict[str, int] = {}
        for pod in covered:
            owner = pods.owner_of(pod)
            if owner is None:
                wanted[pod["metadata"]["uid"]] = 1
                continue
            plural = f"{owner['kind'].lower()}s.apps"
            found = self._cluster.store.get(plural, pod["metadata"]["namespace"], owner["name"])
            above = pods.owner_of(found) if found else None
            if above is not None and owner["kind"] == "ReplicaSet":
                owner = above
                found = self._cluster.store.get(
                    "deployments.apps", pod["metadata"]["namespace"], above["name"]
                )
            wanted[owner["uid"]] = (found or {"spec": {}})["spec"].get("replicas", 1)
        return sum(wanted.values())


def _counts(change: Change) -> bool:
    return change.type != "DELETED" and pods.is_active(change.record.obj)


class Quotas:
    """Counts what a namespace's pods ask for."""

    name = "resourcequota-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == _QUOTAS:
            return (change.key,)
        if resource == "pods" and (
            change.previous is None or pods.is_active(change.previous.obj) != _counts(change)
        ):
            return [
                (change.key[0], quota["metadata"]["name"])
                for quota in self._cluster.store.all(_QUOTAS, change.key[0])
            ]
        return ()

    def reconcile(self, key: Key) -> None:
        quota = self._cluster.store.get(_QUOTAS, *key)
        if quota is None:
            return
        active = [pod for pod in self._cluster.store.all("pods", key[0]) if pods.is_active(pod)]
        asked = [of_pod(pod["spec"]) for pod in active]
        sums = {
            "pods": str(len(active)), "requests.cpu": f"{round(sum(a.cpu for a in asked) * 1000)}m",
            "requests.memory": f"{round(sum(a.memory for a in asked) / 2**20)}Mi",
        }  # fmt: skip
        hard = quota["spec"].get("hard", {})
        status = {"hard": hard, "used": {name: sums.get(name, "0") for name in hard}}
        if status != quota.get("status"):
            self._cluster.writer.edit(_QUOTAS, quota, lambda obj: obj.update(status=status), _STATUS)


class Autoscalers:
    """Reports what an autoscaler sees and keeps its target within its bounds; the loads here need no more."""

    name = "horizontal-pod-autoscaler"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        return (change.key,) if resource == _SCALERS and change.type == "ADDED" else ()

    def reconcile(self, key: Key) -> None:
        scaler = self._cluster.store.get(_SCALERS, *key)
        if scaler is None:
            return
        if self._cluster.clock.running:
            self._cluster.engine.requeue_after(_LOOK_SECONDS, self.name, key)
        target = scaler["spec"]["scaleTargetRef"]
        resource = f"{target['kind'].lower()}s.apps"
        found = self._cluster.store.get(resource, key[0], target["name"])
        if found is None:
            return
        wanted = found["spec"]["replicas"]
        bounded = min(max(wanted, scaler["spec"]["minReplicas"]), scaler["spec"]["maxReplicas"])
        if bounded != wanted and wanted:
            reason = f"New size: {bounded}; reason: Current number of replicas {'below' if bounded > wanted else 'above'} bounds"
            self._cluster.writer.edit(
                resource,
                found,
                lambda o: o["spec"].update(replicas=bounded),
                Actor("kube-controller-manager"),
            )
            self._cluster.events.record(scaler, "SuccessfulRescale", reason, by=self.name)
        self._report(scaler, found, bounded)

    def _report(self, scaler: Object, target: Object, wanted: int) -> None:
        now = stamp(self._cluster.clock.now())
        selector = target["spec"]["selector"]
        namespace = scaler["metadata"]["namespace"]
        found = [
            p
            for p in self._cluster.store.all("pods", namespace)
            if matches(selector, p["metadata"].get("labels") or {})
        ]
        used = utilization(self._cluster, [pod for pod in found if pods.is_ready(pod)])
        limited = wanted == scaler["spec"]["maxReplicas"]

        def told(obj: Object) -> None:
            status = obj.setdefault("status", {})
            status.update(currentReplicas=target.get("status", {}).get("replicas", 0), desiredReplicas=wanted)
            current = {"averageUtilization": used, "averageValue": f"{used * 10}m"}
            status["currentMetrics"] = [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
            pods.set_condition(obj, "AbleToScale", "True", now, reason="ReadyForNewScale",
                               message="recommended size matches current size")  # fmt: skip
            pods.set_condition(obj, "ScalingActive", "True", now, reason="ValidMetricFound",
                               message="the HPA was able to successfully calculate a replica count from cpu resource "
                                       "utilization (percentage of request)")  # fmt: skip
            reason, message = ("TooManyReplicas", "the desired replica count is more than the maximum replica count") if (
                limited) else ("DesiredWithinRange", "the desired count is within the acceptable range")  # fmt: skip
            pods.set_condition(obj, "ScalingLimited", str(limited), now, reason=reason, message=message)

        self._cluster.writer.edit(_SCALERS, scaler, told, _STATUS)
