"""ReplicaSets: as many pods as asked for, and what is true of them in the status."""

from collections.abc import Iterable

from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods

MANAGER = Actor("kube-controller-manager")
MANAGER_STATUS = Actor("kube-controller-manager", subresource="status")
NAME = "replicasets.apps"


class ReplicaSets:
    """Creates and deletes the pods of ReplicaSets."""

    name = "replicaset-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pods: Resource = cluster.registry.by_name("pods")

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            return (change.key,)
        if resource == "pods":
            owner = pods.owner_of(change.record.obj)
            if owner is not None and owner["kind"] == "ReplicaSet":
                return ((change.key[0], owner["name"]),)
        return ()

    def reconcile(self, key: Key) -> None:
        store = self._cluster.store
        replica_set = store.get(NAME, *key)
        if replica_set is None:
            return
        owned = store.owned(replica_set["metadata"]["uid"], "pods")
        active = [pod for pod in owned if pods.is_active(pod)]
        wanted = replica_set["spec"]["replicas"]
        if "deletionTimestamp" not in replica_set["metadata"]:
            if len(active) < wanted:
                self._create(replica_set, wanted - len(active))
            elif len(active) > wanted:
                self._delete(replica_set, pods.to_delete_first(active)[: len(active) - wanted])
            active = [p for p in store.owned(replica_set["metadata"]["uid"], "pods") if pods.is_active(p)]
        self._report(replica_set, active)

    def _create(self, replica_set: Object, count: int) -> None:
        metadata = replica_set["metadata"]
        for _ in range(count):
            pod = pods.from_template(
                replica_set, replica_set["spec"]["template"], generateName=f"{metadata['name']}-"
            )
            made = self._cluster.writer.create(self._pods, pod, MANAGER)
            told = f"Created pod: {made['metadata']['name']}"
            self._cluster.events.record(replica_set, "SuccessfulCreate", told, by=self.name)

    def _delete(self, replica_set: Object, victims: list[Object]) -> None:
        for pod in victims:
            metadata = pod["metadata"]
            self._cluster.writer.delete(self._pods, metadata["namespace"], metadata["name"], DeleteOptions())
            told = f"Deleted pod: {metadata['name']}"
            self._cluster.events.record(replica_set, "SuccessfulDelete", told, by=self.name)

    def _report(self, replica_set: Object, active: list[Object]) -> None:
        ready = sum(pods.is_ready(pod) for pod in active)
        labelled = {"fullyLabeledReplicas": len(active)} if active else {}
        status: Object = {"replicas": len(active), **labelled}
        if ready:
            status |= {"readyReplicas": ready, "availableReplicas": ready}
        status["observedGeneration"] = replica_set["metadata"]["generation"]
        if status != replica_set.get("status"):
            self._cluster.writer.edit(
                NAME, replica_set, lambda obj: obj.update(status=status), MANAGER_STATUS
            )
