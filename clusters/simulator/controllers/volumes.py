"""Volume claims: bound to a fresh volume where their storage class exists, pending with the reason where not."""

from collections.abc import Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import CLAIM_PROTECTION, Actor
from clusters.simulator.cluster import Cluster

NAME = "persistentvolumeclaims"
_CLASSES = "storageclasses.storage.k8s.io"
_MANAGER = Actor("kube-controller-manager")
_STATUS = Actor("kube-controller-manager", subresource="status")
_PROVISION_SECONDS = 0.5
_RETRY_SECONDS = 15.0


class Volumes:
    """Provisions and binds."""

    name = "persistentvolume-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            if change.type == "DELETED":
                self._release(change.record.obj)
                return ()
            return (change.key,) if _pending(change.record.obj) or _leaving(change.record.obj) else ()
        if resource == "pods" and change.type == "DELETED":
            return [(change.key[0], claim) for claim in _claims(change.record.obj)]
        if resource == _CLASSES:
            claims = self._cluster.store.all(NAME)
            return [(c["metadata"]["namespace"], c["metadata"]["name"]) for c in claims if _pending(c)]
        return ()

    def reconcile(self, key: Key) -> None:
        claim = self._cluster.store.get(NAME, *key)
        if claim is not None and _leaving(claim):
            self._let_go(claim)
        if claim is None or not _pending(claim):
            return
        wanted = claim["spec"].get("storageClassName")
        found = self._cluster.store.get(_CLASSES, "", wanted) if wanted else self._default_class()
        if found is None:
            if wanted:
                told = f'storageclass.storage.k8s.io "{wanted}" not found'
                self._cluster.events.record(claim, "ProvisioningFailed", told, by=self.name, kind="Warning")
            else:
                told = "no persistent volumes available for this claim and no storage class is set"
                self._cluster.events.record(claim, "FailedBinding", told, by=self.name)
            self._cluster.engine.requeue_after(_RETRY_SECONDS, self.name, key)
            return
        self._cluster.engine.after(_PROVISION_SECONDS, lambda: self._bind(key, found), ("provision", key))

    def _let_go(self, claim: Object) -> None:
        """Take the protection away once no pod on a node uses the claim; a deleted one then goes."""
        metadata = claim["metadata"]
        users = [
            pod
            for pod in self._cluster.store.all("pods", metadata["namespace"])
            if metadata["name"] in _claims(pod) and pod["spec"].get("nodeName")
        ]
        if users or CLAIM_PROTECTION not in metadata.get("finalizers", ()):
            return

        def unprotected(obj: Object) -> None:
            obj["metadata"]["finalizers"].remove(CLAIM_PROTECTION)

        self._cluster.writer.edit(NAME, claim, unprotected, _MANAGER)

    def _default_class(self) -> Object | None:
        for found in self._cluster.store.all(_CLASSES):
            annotations = found["metadata"].get("annotations", {})
            if annotations.get("storageclass.kubernetes.io/is-default-class") == "true":
                return found
        return None

    def _bind(self, key: Key, storage_class: Object) -> None:
        claim = self._cluster.store.get(NAME, *key)
        if claim is None or not _pending(claim):
            return
        metadata, spec = claim["metadata"], claim["spec"]
        name = f"pvc-{metadata['uid']}"
        capacity = dict(spec["resources"]["requests"])
        reference = {
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": metadata["name"],
            "namespace": metadata["namespace"], "uid": metadata["uid"],
        }  # fmt: skip
        driver = storage_class["provisioner"]
        handle = f"vol-{self._cluster.writer.random.getrandbits(68):017x}"
        volume = self._cluster.create({
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": driver}},
            "spec": {"accessModes": spec["accessModes"], "capacity": capacity, "claimRef": reference,
                     "csi": {"driver": driver, "fsType": "ext4", "volumeHandle": handle},
                     "persistentVolumeReclaimPolicy": storage_class["reclaimPolicy"],
                     "storageClassName": storage_class["metadata"]["name"], "volumeMode": "Filesystem"},
        }, Actor("csi-provisioner"))  # fmt: skip
        self._cluster.writer.edit(
            "persistentvolumes", volume, lambda o: o.update(status={"phase": "Bound"}), _STATUS
        )

        def named(obj: Object) -> None:
            obj["spec"].setdefault("storageClassName", storage_class["metadata"]["name"])
            obj["spec"]["volumeName"] = name
            annotations = obj["metadata"].setdefault("annotations", {})
            annotations |= {
                "pv.kubernetes.io/bind-completed": "yes",
                "pv.kubernetes.io/bound-by-controller": "yes",
            }

        self._cluster.writer.edit(NAME, claim, named, _MANAGER)
        status = {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": capacity}
        self._cluster.writer.edit(NAME, claim, lambda obj: obj.update(status=status), _STATUS)
        told = f"Successfully provisioned volume {name}"
        self._cluster.events.record(claim, "ProvisioningSucceeded", told, by=driver)

    def _release(self, claim: Object) -> None:
        if volume := claim["spec"].get("volumeName"):
            self._cluster.engine.after(0.0, lambda: self._cluster.delete("persistentvolumes", "", volume))


def _leaving(claim: Object) -> bool:
    return "deletionTimestamp" in claim["metadata"]


def _claims(pod: Object) -> list[str]:
    """The claims that a pod mounts."""
    volumes = pod["spec"].get("volumes", ())
    return [v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v]


def _pending(claim: Object) -> bool:
    return claim["status"].get("phase") != "Bound" and "deletionTimestamp" not in claim["metadata"]
