"""Deployments: a ReplicaSet for each template, rolled over within the surge and unavailability that are allowed."""

import math
from collections.abc import Iterable
from datetime import timedelta

from clusters.simulator.apiserver.store import Change, Key, Object, copy_of
from clusters.simulator.apiserver.writer import DeleteOptions
from clusters.simulator.clock import parse_stamp, stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.controllers.replicasets import MANAGER, MANAGER_STATUS
from clusters.simulator.controllers.revisions import template_hash

NAME = "deployments.apps"
REVISION = "deployment.kubernetes.io/revision"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MOST = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = ("kubectl.kubernetes.io/last-applied-configuration", REVISION, _DESIRED, _MOST)
_HASH = "pod-template-hash"


def share(value: int | str, of: int, *, up: bool) -> int:
    """An int-or-percent of a number of replicas."""
    if isinstance(value, int):
        return value
    part = int(value.rstrip("%")) * of / 100
    return math.ceil(part) if up else math.floor(part)


def _replicas(replica_set: Object) -> int:
    return int(replica_set["spec"]["replicas"])


def _available(replica_set: Object) -> int:
    return int(replica_set["status"].get("availableReplicas", 0))


def _revision(obj: Object) -> int:
    return int(obj["metadata"].get("annotations", {}).get(REVISION, 0))


class Deployments:
    """Rolls Deployments out."""

    name = "deployment-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._sets = cluster.registry.by_name("replicasets.apps")

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            return (change.key,)
        if resource == "replicasets.apps" and (owner := pods.owner_of(change.record.obj)):
            return ((change.key[0], owner["name"]),)
        return ()

    def reconcile(self, key: Key) -> None:
        deployment = self._cluster.store.get(NAME, *key)
        if deployment is None or "deletionTimestamp" in deployment["metadata"]:
            return
        owned = self._owned(deployment)
        template = deployment["spec"]["template"]
        current = next((rs for rs in owned if _same_template(rs, template)), None)
        old = [rs for rs in owned if rs is not current]
        if not deployment["spec"].get("paused"):
            revision = max((_revision(rs) for rs in old), default=0) + 1
            if current is None:
                current = self._create_set(deployment, revision, old)
            elif _revision(current) < revision:
                self._annotate(current, revision)
            if _revision(deployment) != _revision(current) or _revision(current) < revision:
                self._annotate_deployment(deployment, max(revision, _revision(current)))
            self._roll(deployment, self._fresh(current), old)
            self._tidy(deployment, old)
        elif current is not None and not any(map(_replicas, old)):
            self._scale(deployment, current, deployment["spec"]["replicas"])
        self._report(key)

    def _owned(self, deployment: Object) -> list[Object]:
        found = self._cluster.store.owned(deployment["metadata"]["uid"], "replicasets.apps")
        return sorted(
            found, key=lambda rs: (_revision(rs), rs["metadata"]["creationTimestamp"], rs["metadata"]["name"])
        )

    def _fresh(self, obj: Object) -> Object:
        found = self._cluster.store.get(
            "replicasets.apps", obj["metadata"]["namespace"], obj["metadata"]["name"]
        )
        return found or obj

    def _create_set(self, deployment: Object, revision: int, old: list[Object]) -> Object:
        metadata, spec = deployment["metadata"], deployment["spec"]
        hashed = template_hash(spec["template"])
        labels = {**(spec["template"]["metadata"].get("labels") or {}), _HASH: hashed}
        template = copy_of(spec["template"])
        template["metadata"]["labels"] = labels
        selector = copy_of(spec["selector"])
        selector.setdefault("matchLabels", {})[_HASH] = hashed
        annotations = {k: v for k, v in metadata.get("annotations", {}).items() if k not in _NOT_COPIED}
        count = self._room(deployment, old) if old else spec["replicas"]
        made = self._cluster.writer.create(self._sets, {
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": f"{metadata['name']}-{hashed}", "namespace": metadata["namespace"], "labels": labels,
                         "annotations": {**annotations, REVISION: str(revision), **self._sizes(deployment)},
                         "ownerReferences": [pods.owner_reference(deployment)]},
            "spec": {"replicas": count, "selector": selector, "template": template},
        }, MANAGER)  # fmt: skip
        if count:
            self._tell_scaled(deployment, made, 0, count)
        now = stamp(self._cluster.clock.now())
        self._progress(deployment, "True", "NewReplicaSetCreated",
                       f'Created new replica set "{made["metadata"]["name"]}"', now)  # fmt: skip
        return made

    def _sizes(self, deployment: Object) -> dict[str, str]:
        wanted = deployment["spec"]["replicas"]
        return {_DESIRED: str(wanted), _MOST: str(wanted + self._surge(deployment))}

    def _surge(self, deployment: Object) -> int:
        rolling = deployment["spec"]["strategy"].get("rollingUpdate")
        return share(rolling["maxSurge"], deployment["spec"]["replicas"], up=True) if rolling else 0

    def _unavailable(self, deployment: Object) -> int:
        rolling = deployment["spec"]["strategy"].get("rollingUpdate")
        if not rolling:
            return int(deployment["spec"]["replicas"])
        count = share(rolling["maxUnavailable"], deployment["spec"]["replicas"], up=False)
        return count if count or self._surge(deployment) else 1

    def _room(self, deployment: Object, others: list[Object]) -> int:
        """How many pods the newest ReplicaSet may have beside the others."""
        wanted = int(deployment["spec"]["replicas"])
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            return 0 if any(map(_replicas, others)) else wanted
        return max(0, min(wanted, wanted + self._surge(deployment) - sum(map(_replicas, others))))

    def _roll(self, deployment: Object, current: Object, old: list[Object]) -> None:
        wanted = deployment["spec"]["replicas"]
        old = [self._fresh(rs) for rs in old]
        serving = [rs for rs in old if _replicas(rs)]
        if not serving:
            self._scale(deployment, current, wanted)
            return
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            for replica_set in serving:
                self._scale(deployment, replica_set, 0)
            if not any(rs["status"].get("replicas", 0) for rs in old):
                self._scale(deployment, current, wanted)
            return
        room = self._room(deployment, old)
        if _replicas(current) > wanted or room > _replicas(current):
            self._scale(deployment, current, min(wanted, max(room, _replicas(current))))
            current = self._fresh(current)
        self._shrink(deployment, current, serving)

    def _shrink(self, deployment: Object, current: Object, serving: list[Object]) -> None:
        """Take from the old ReplicaSets what availability allows, their broken pods first."""
        least = deployment["spec"]["replicas"] - self._unavailable(deployment)
        new_unavailable = _replicas(current) - _available(current)
        total = _replicas(current) + sum(map(_replicas, serving))
        spare = total - least - new_unavailable
        for replica_set in serving:
            broken = min(_replicas(replica_set) - _available(replica_set), spare)
            if broken > 0:
                self._scale(deployment, replica_set, _replicas(replica_set) - broken)
                spare -= broken
        available = _available(current) + sum(map(_available, serving))
        spare = min(spare, available - least)
        for replica_set in map(self._fresh, serving):
            taken = min(_replicas(replica_set), spare)
            if taken > 0:
                self._scale(deployment, replica_set, _replicas(replica_set) - taken)
                spare -= taken

    def _scale(self, deployment: Object, replica_set: Object, count: int) -> None:
        before = _replicas(replica_set)
        sizes = self._sizes(deployment)
        if before == count and all(
            replica_set["metadata"]["annotations"].get(k) == v for k, v in sizes.items()
        ):
            return

        def scaled(obj: Object) -> None:
            obj["spec"]["replicas"] = count
            obj["metadata"]["annotations"].update(sizes)

        self._cluster.writer.edit("replicasets.apps", replica_set, scaled, MANAGER)
        if before != count:
            self._tell_scaled(deployment, replica_set, before, count)

    def _tell_scaled(self, deployment: Object, replica_set: Object, before: int, count: int) -> None:
        way = "up" if count > before else "down"
        told = f"Scaled {way} replica set {replica_set['metadata']['name']} from {before} to {count}"
        self._cluster.events.record(deployment, "ScalingReplicaSet", told, by=self.name)

    def _annotate(self, replica_set: Object, revision: int) -> None:
        def numbered(obj: Object) -> None:
            obj["metadata"].setdefault("annotations", {})[REVISION] = str(revision)

        self._cluster.writer.edit("replicasets.apps", replica_set, numbered, MANAGER)

    def _annotate_deployment(self, deployment: Object, revision: int) -> None:
        def numbered(obj: Object) -> None:
            obj["metadata"].setdefault("annotations", {})[REVISION] = str(revision)

        self._cluster.writer.edit(NAME, deployment, numbered, MANAGER)

    def _tidy(self, deployment: Object, old: list[Object]) -> None:
        """Forget ReplicaSets beyond the history that is asked for."""
        idle = [rs for rs in old if not _replicas(rs) and not rs["status"].get("replicas")]
        for replica_set in idle[: max(len(idle) - deployment["spec"]["revisionHistoryLimit"], 0)]:
            metadata = replica_set["metadata"]
            self._cluster.writer.delete(self._sets, metadata["namespace"], metadata["name"], DeleteOptions())

    def _progress(self, deployment: Object, status: str, reason: str, message: str, now: str) -> None:
        def told(obj: Object) -> None:
            pods.set_condition(
                obj, "Progressing", status, now, reason=reason, message=message, lastUpdateTime=now
            )

        self._cluster.writer.edit(NAME, deployment, told, MANAGER_STATUS)

    def _report(self, key: Key) -> None:
        deployment = self._cluster.store.get(NAME, *key)
        if deployment is None:
            return
        owned = self._owned(deployment)
        current = next((rs for rs in owned if _same_template(rs, deployment["spec"]["template"])), None)
        total = sum(rs["status"].get("replicas", 0) for rs in owned)
        counts = {
            "replicas": total,
            "updatedReplicas": current["status"].get("replicas", 0) if current else 0,
            "readyReplicas": sum(rs["status"].get("readyReplicas", 0) for rs in owned),
            "availableReplicas": sum(map(_available, owned)),
        }
        counts["unavailableReplicas"] = max(
            sum(map(_replicas, owned)) - counts["availableReplicas"],
            deployment["spec"]["replicas"] - counts["availableReplicas"], 0)  # fmt: skip
        self._cluster.writer.edit(
            NAME, deployment, lambda obj: self._write_status(obj, counts, current), MANAGER_STATUS
        )

    def _write_status(self, obj: Object, counts: dict[str, int], current: Object | None) -> None:
        now = stamp(self._cluster.clock.now())
        status = obj["status"]
        before = {name: status.get(name, 0) for name in counts}
        for name, count in counts.items():
            if count:
                status[name] = count
            else:
                status.pop(name, None)
        status["observedGeneration"] = obj["metadata"]["generation"]
        wanted = obj["spec"]["replicas"]
        enough = counts["availableReplicas"] >= wanted - self._unavailable(obj)
        reason, told = ("MinimumReplicasAvailable", "Deployment has minimum availability.") if enough else (
            "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")  # fmt: skip
        available = pods.condition(obj, "Available")
        if available is None or available["reason"] != reason:
            pods.set_condition(
                obj, "Available", str(enough), now, reason=reason, message=told, lastUpdateTime=now
            )
        if current is not None and "Progressing" in {c["type"] for c in status["conditions"]}:
            self._write_progress(obj, counts, before, current["metadata"]["name"], now)

    def _write_progress(
        self, obj: Object, counts: dict[str, int], before: dict[str, int], set_name: str, now: str
    ) -> None:
        progressing = pods.condition(obj, "Progressing") or {}
        wanted = obj["spec"]["replicas"]
        complete = counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted
        further = (
            counts["updatedReplicas"] > before["updatedReplicas"] or counts["readyReplicas"] > before["readyReplicas"]
            or counts["replicas"] - counts["updatedReplicas"] < before["replicas"] - before["updatedReplicas"]
        )  # fmt: skip
        if complete:
            if progressing.get("reason") != "NewReplicaSetAvailable" or set_name not in progressing.get(
                "message", ""
            ):
                told = f'ReplicaSet "{set_name}" has successfully progressed.'
                pods.set_condition(obj, "Progressing", "True", now, reason="NewReplicaSetAvailable", message=told,
                                   lastUpdateTime=now)  # fmt: skip
            return
        if further and progressing.get("reason") != "NewReplicaSetAvailable":
            told = f'ReplicaSet "{set_name}" is progressing.'
            pods.set_condition(obj, "Progressing", "True", now, reason="ReplicaSetUpdated", message=told,
                               lastUpdateTime=now)  # fmt: skip
        elif progressing.get("reason") in ("ReplicaSetUpdated", "NewReplicaSetCreated"):
            self._check_deadline(obj, progressing, set_name, now)

    def _check_deadline(self, obj: Object, progressing: Object, set_name: str, now: str) -> None:
        limit = obj["spec"]["progressDeadlineSeconds"]
        since = parse_stamp(progressing["lastUpdateTime"])
        waited = (self._cluster.clock.now() - since) / timedelta(seconds=1) * self._cluster.clock.speed
        key = (obj["metadata"]["namespace"], obj["metadata"]["name"])
        if waited < limit:
            self._cluster.engine.requeue_after(limit - waited + 1, self.name, key)
            return
        told = f'ReplicaSet "{set_name}" has timed out progressing.'
        pods.set_condition(obj, "Progressing", "False", now, reason="ProgressDeadlineExceeded", message=told,
                           lastUpdateTime=now)  # fmt: skip


def _same_template(replica_set: Object, template: Object) -> bool:
    held = replica_set["spec"]["template"]
    labels = {k: v for k, v in held["metadata"].get("labels", {}).items() if k != _HASH}
    other = template["metadata"].get("labels") or {}
    annotations = held["metadata"].get("annotations"), template["metadata"].get("annotations")
    same_annotations = (annotations[0] or {}) == (annotations[1] or {})
    return labels == other and same_annotations and bool(held["spec"] == template["spec"])
