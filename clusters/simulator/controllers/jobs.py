"""Jobs: pods until enough have succeeded, or more failed than the back-off limit allows."""

from collections.abc import Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions
from clusters.simulator.clock import stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods

NAME = "jobs.batch"
_MANAGER = Actor("kube-controller-manager")
_STATUS = Actor("kube-controller-manager", subresource="status")
_FIRST_BACK_OFF = 10.0
_LONGEST_BACK_OFF = 360.0


class Jobs:
    """Runs Jobs to their end."""

    name = "job-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pods = cluster.registry.by_name("pods")
        self._held: dict[str, float] = {}  # by uid, until when no further pod is tried

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            if change.type == "DELETED":
                self._held.pop(change.record.obj["metadata"]["uid"], None)
            return (change.key,)
        if resource == "pods":
            owner = pods.owner_of(change.record.obj)
            return ((change.key[0], owner["name"]),) if owner and owner["kind"] == "Job" else ()
        return ()

    def reconcile(self, key: Key) -> None:
        job = self._cluster.store.get(NAME, *key)
        if job is None or "deletionTimestamp" in job["metadata"] or _over(job):
            return
        owned = self._cluster.store.owned(job["metadata"]["uid"], "pods")
        failed = sum(pod["status"].get("phase") == "Failed" for pod in owned)
        restarted = sum(_restarts(pod) for pod in owned)
        succeeded = sum(pod["status"].get("phase") == "Succeeded" for pod in owned)
        active = [pod for pod in owned if pods.is_active(pod)]
        spec = job["spec"]
        if failed > spec["backoffLimit"] or restarted > spec["backoffLimit"]:
            self._fail(job, active, failed, succeeded)
        elif succeeded >= (spec.get("completions") or 1):
            self._complete(job, failed, succeeded)
        else:
            if not spec.get("suspend"):
                self._try_on(job, len(active), failed, succeeded)
            self._report(key, failed, succeeded)

    def _try_on(self, job: Object, active: int, failed: int, succeeded: int) -> None:
        """Start the pods that are missing, after a pause when one has failed."""
        metadata, spec = job["metadata"], job["spec"]
        missing = min(spec["parallelism"], (spec.get("completions") or 1) - succeeded) - active
        if missing <= 0:
            return
        if failed and not active:
            now = self._cluster.clock.elapsed()
            due = self._held.setdefault(f"{metadata['uid']}/{failed}", now + self._pause(failed))
            if now < due:
                self._cluster.engine.requeue_after(
                    due - now, self.name, (metadata["namespace"], metadata["name"])
                )
                return
        for _ in range(missing):
            template = spec["template"]
            pod = pods.from_template(job, template, generateName=f"{metadata['name']}-")
            pod["spec"]["restartPolicy"] = template["spec"].get("restartPolicy", "Never")
            made = self._cluster.writer.create(self._pods, pod, _MANAGER)
            told = f"Created pod: {made['metadata']['name']}"
            self._cluster.events.record(job, "SuccessfulCreate", told, by=self.name)

    @staticmethod
    def _pause(failed: int) -> float:
        return float(min(_FIRST_BACK_OFF * 2 ** (failed - 1), _LONGEST_BACK_OFF))

    def _report(self, key: Key, failed: int, succeeded: int) -> None:
        job = self._cluster.store.get(NAME, *key)
        if job is None:
            return
        active = [p for p in self._cluster.store.owned(job["metadata"]["uid"], "pods") if pods.is_active(p)]
        now = stamp(self._cluster.clock.now())
        status = _counted(job, active, failed, succeeded, now)
        self._write(job, status)

    def _write(self, job: Object, status: Object) -> None:
        if status != job.get("status"):
            self._cluster.writer.edit(NAME, job, lambda obj: obj.update(status=status), _STATUS)

    def _fail(self, job: Object, active: list[Object], failed: int, succeeded: int) -> None:
        now = stamp(self._cluster.clock.now())
        told = "Job has reached the specified backoff limit"
        for pod in active:
            metadata = pod["metadata"]
            self._cluster.writer.delete(self._pods, metadata["namespace"], metadata["name"], DeleteOptions())
        status = _counted(job, [], failed or 1, succeeded, now)
        status["conditions"] = [
            _condition(kind, now, "BackoffLimitExceeded", told) for kind in ("FailureTarget", "Failed")
        ]
        self._write(job, status)
        self._cluster.events.record(job, "BackoffLimitExceeded", told, by=self.name, kind="Warning")

    def _complete(self, job: Object, failed: int, succeeded: int) -> None:
        now = stamp(self._cluster.clock.now())
        told = "Reached expected number of succeeded pods"
        status = _counted(job, [], failed, succeeded, now)
        status["completionTime"] = now
        status["conditions"] = [
            _condition(kind, now, "CompletionsReached", told) for kind in ("SuccessCriteriaMet", "Complete")
        ]
        self._write(job, status)
        self._cluster.events.record(job, "Completed", "Job completed", by=self.name)


def _over(job: Object) -> bool:
    return pods.is_true(job, "Complete") or pods.is_true(job, "Failed")


def _restarts(pod: Object) -> int:
    return sum(container["restartCount"] for container in pod["status"].get("containerStatuses", ()))


def _condition(kind: str, now: str, reason: str, message: str) -> Object:
    return {"type": kind, "status": "True", "lastProbeTime": now, "lastTransitionTime": now,
            "reason": reason, "message": message}  # fmt: skip


def _counted(job: Object, active: list[Object], failed: int, succeeded: int, now: str) -> Object:
    before = job.get("status") or {}
    status: Object = {"startTime": before.get("startTime", now), "uncountedTerminatedPods": {},
                      "ready": sum(pods.is_ready(pod) for pod in active), "terminating": 0}  # fmt: skip
    counts = {"active": len(active), "failed": failed, "succeeded": succeeded}
    return status | {name: count for name, count in counts.items() if count}
