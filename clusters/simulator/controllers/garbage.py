"""The garbage collector: dependents go when their owner is gone; foreground and orphan deletions; namespaces empty."""

from collections.abc import Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.cluster import Cluster

_MANAGER = Actor("kube-controller-manager")
_BY_OWNER, _BY_OBJECT, _NAMESPACE = "owner", "object", "namespace"


class GarbageCollector:
    """Deletes what nobody owns any more. Its keys are (what, where and who), not names of one resource."""

    name = "garbage-collector"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._leaving: dict[str, tuple[str, Key]] = {}  # by uid, what waits for its dependents

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        metadata = change.record.obj["metadata"]
        if change.type == "DELETED":
            owners = [(_BY_OBJECT, owner["uid"]) for owner in metadata.get("ownerReferences", ())]
            emptied = (
                [(_NAMESPACE, change.key[0])] if change.key[0] and self._is_leaving(change.key[0]) else []
            )
            return [(_BY_OWNER, metadata["uid"]), *owners, *emptied]
        if "deletionTimestamp" in metadata:
            if resource == "namespaces":
                return ((_NAMESPACE, metadata["name"]),)
            if {"foregroundDeletion", "orphan"} & set(metadata.get("finalizers", ())):
                self._leaving[metadata["uid"]] = (resource, change.key)
                return ((_BY_OBJECT, metadata["uid"]),)
        return ()

    def reconcile(self, key: Key) -> None:
        what, which = key
        if what == _BY_OWNER:
            self._delete_owned(which)
        elif what == _NAMESPACE:
            self._empty(which)
        elif which in self._leaving:
            self._finish(which)

    def _is_leaving(self, namespace: str) -> bool:
        found = self._cluster.store.get("namespaces", "", namespace)
        return found is not None and "deletionTimestamp" in found["metadata"]

    def _delete_owned(self, uid: str) -> None:
        for resource, (namespace, name) in self._cluster.store.owned_keys(uid):
            obj = self._cluster.store.get(resource, namespace, name)
            if obj is not None and all(owner["uid"] == uid for owner in obj["metadata"]["ownerReferences"]):
                self._cluster.delete(resource, namespace, name)

    def _finish(self, uid: str) -> None:
        resource, key = self._leaving[uid]
        obj = self._cluster.store.get(resource, *key)
        if obj is None or obj["metadata"]["uid"] != uid:
            del self._leaving[uid]
            return
        finalizers = obj["metadata"].get("finalizers", [])
        owned = self._cluster.store.owned_keys(uid)
        if "orphan" in finalizers:
            for kind, (namespace, name) in owned:
                self._cluster.change(kind, namespace, name, lambda o: _disown(o, uid), _MANAGER)
            self._strip(resource, obj, "orphan")
        elif owned:
            for kind, (namespace, name) in owned:
                dependent = self._cluster.store.get(kind, namespace, name)
                if dependent is not None and "deletionTimestamp" not in dependent["metadata"]:
                    self._cluster.delete(kind, namespace, name, DeleteOptions(propagation="Foreground"))
        else:
            self._strip(resource, obj, "foregroundDeletion")

    def _strip(self, resource: str, obj: Object, finalizer: str) -> None:
        metadata = obj["metadata"]

        def without(copy: Object) -> None:
            left = [f for f in copy["metadata"].get("finalizers", ()) if f != finalizer]
            copy["metadata"]["finalizers"] = left
            if not left:
                del copy["metadata"]["finalizers"]

        self._cluster.change(resource, metadata.get("namespace", ""), metadata["name"], without, _MANAGER)
        if resource == "pods" and not obj["spec"].get("nodeName"):
            self._cluster.store.remove(resource, metadata["namespace"], metadata["name"])

    def _empty(self, namespace: str) -> None:
        for resource in self._cluster.registry:
            if not resource.namespaced or resource.stored_as or "list" not in resource.verbs:
                continue
            for obj in self._cluster.store.all(resource.storage, namespace):
                if "deletionTimestamp" not in obj["metadata"]:
                    self._cluster.delete(resource.storage, namespace, obj["metadata"]["name"])
        remaining = [r for r in self._cluster.registry if r.namespaced and not r.stored_as]
        if not any(self._cluster.store.all(r.storage, namespace) for r in remaining):
            self._cluster.store.remove("namespaces", "", namespace)


def _disown(obj: Object, uid: str) -> None:
    owners = [owner for owner in obj["metadata"].get("ownerReferences", ()) if owner["uid"] != uid]
    obj["metadata"]["ownerReferences"] = owners
    if not owners:
        del obj["metadata"]["ownerReferences"]
