"""StatefulSets: numbered pods with their volume claims, created in order and replaced from the last one on."""

from collections.abc import Iterable

from clusters.simulator.apiserver.store import Change, Key, Object, copy_of
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.controllers.revisions import HASH, keep_revision

NAME = "statefulsets.apps"
_MANAGER = Actor("kube-controller-manager")
_STATUS = Actor("kube-controller-manager", subresource="status")


class StatefulSets:
    """Keeps the numbered pods of StatefulSets."""

    name = "statefulset-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pods = cluster.registry.by_name("pods")

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            return (change.key,)
        if resource == "pods":
            owner = pods.owner_of(change.record.obj)
            return ((change.key[0], owner["name"]),) if owner and owner["kind"] == "StatefulSet" else ()
        return ()

    def reconcile(self, key: Key) -> None:
        stateful_set = self._cluster.store.get(NAME, *key)
        if stateful_set is None or "deletionTimestamp" in stateful_set["metadata"]:
            return
        hashed = keep_revision(self._cluster, stateful_set)
        self._fill(stateful_set, hashed)
        self._report(stateful_set, hashed)

    def _owned(self, stateful_set: Object) -> dict[int, Object]:
        owned = self._cluster.store.owned(stateful_set["metadata"]["uid"], "pods")
        return {int(pod["metadata"]["name"].rpartition("-")[2]): pod for pod in owned}

    def _fill(self, stateful_set: Object, hashed: str) -> None:
        wanted = stateful_set["spec"]["replicas"]
        parallel = stateful_set["spec"]["podManagementPolicy"] == "Parallel"
        owned = self._owned(stateful_set)
        for number in range(wanted):
            pod = owned.get(number)
            if pod is None:
                self._create(stateful_set, number, hashed)
            if not parallel and (pod is None or not pods.is_ready(pod) or not pods.is_active(pod)):
                return  # the next one waits for this one
        for number in sorted(owned, reverse=True):
            if number >= wanted:
                self._delete(stateful_set, owned[number])
                return
        self._roll(stateful_set, owned, hashed)

    def _roll(self, stateful_set: Object, owned: dict[int, Object], hashed: str) -> None:
        strategy = stateful_set["spec"]["updateStrategy"]
        first = (strategy.get("rollingUpdate") or {}).get("partition", 0)
        if strategy["type"] != "RollingUpdate":
            return
        for number in sorted(owned, reverse=True):
            if number < first:
                return
            if owned[number]["metadata"]["labels"].get(HASH) != hashed:
                self._delete(stateful_set, owned[number])
                return
            if not pods.is_ready(owned[number]):
                return

    def _create(self, stateful_set: Object, number: int, hashed: str) -> None:
        metadata = stateful_set["metadata"]
        name = f"{metadata['name']}-{number}"
        labels = {
            HASH: hashed,
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(number),
        }
        pod = pods.from_template(stateful_set, stateful_set["spec"]["template"], name=name, labels=labels)
        pod["spec"]["hostname"] = name
        if stateful_set["spec"]["serviceName"]:
            pod["spec"]["subdomain"] = stateful_set["spec"]["serviceName"]
        for claim in stateful_set["spec"].get("volumeClaimTemplates", ()):
            claimed = self._claim(stateful_set, claim, name)
            volume = {"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claimed}}
            pod["spec"].setdefault("volumes", []).append(volume)
        self._cluster.writer.create(self._pods, pod, _MANAGER)
        told = f"create Pod {name} in StatefulSet {metadata['name']} successful"
        self._cluster.events.record(stateful_set, "SuccessfulCreate", told, by=self.name)

    def _claim(self, stateful_set: Object, template: Object, pod_name: str) -> str:
        namespace = stateful_set["metadata"]["namespace"]
        name = f"{template['metadata']['name']}-{pod_name}"
        if self._cluster.store.get("persistentvolumeclaims", namespace, name) is None:
            labels = stateful_set["spec"]["selector"].get("matchLabels", {})
            made = copy_of({key: value for key, value in template.items() if key != "status"})
            made["metadata"] = {"name": name, "namespace": namespace, "labels": dict(labels)}
            self._cluster.create(made, _MANAGER)
        return name

    def _delete(self, stateful_set: Object, pod: Object) -> None:
        metadata = pod["metadata"]
        if "deletionTimestamp" in metadata:
            return
        self._cluster.writer.delete(self._pods, metadata["namespace"], metadata["name"], DeleteOptions())
        told = f"delete Pod {metadata['name']} in StatefulSet {stateful_set['metadata']['name']} successful"
        self._cluster.events.record(stateful_set, "SuccessfulDelete", told, by=self.name)

    def _report(self, stateful_set: Object, hashed: str) -> None:
        owned = [pod for pod in self._owned(stateful_set).values() if pods.is_active(pod)]
        ready = sum(pods.is_ready(pod) for pod in owned)
        updated = sum(pod["metadata"]["labels"].get(HASH) == hashed for pod in owned)
        name = f"{stateful_set['metadata']['name']}-{hashed}"
        before = stateful_set.get("status", {}).get("currentRevision", name)
        done = updated == len(owned) == stateful_set["spec"]["replicas"]
        status: Object = {
            "observedGeneration": stateful_set["metadata"]["generation"], "replicas": len(owned),
            "currentRevision": name if done else before, "updateRevision": name, "collisionCount": 0,
            "availableReplicas": ready,
        }  # fmt: skip
        counts = {"readyReplicas": ready, "currentReplicas": len(owned) if done else len(owned) - updated,
                  "updatedReplicas": updated}  # fmt: skip
        status |= {key: count for key, count in counts.items() if count}
        if status != stateful_set.get("status"):
            self._cluster.writer.edit(NAME, stateful_set, lambda obj: obj.update(status=status), _STATUS)
