"""CronJobs: a Job at each due minute; schedules of the forms that clusters mostly use."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from clusters.simulator.apiserver.store import Change, Key, Object, copy_of
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.clock import parse_stamp, stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods

NAME = "cronjobs.batch"
_MANAGER = Actor("kube-controller-manager")
_STATUS = Actor("kube-controller-manager", subresource="status")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_SHORTHANDS = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
_FURTHEST = timedelta(days=366)


def _field(text: str, low: int, high: int) -> frozenset[int]:
    """The values that one field of a schedule names: `*`, `*/5`, `1,15`, `8-18`."""
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin, end = (low, high) if span == "*" else (int(first), int(last or (high if step else first)))
        values.update(range(begin, end + 1, int(step or 1)))
    return frozenset(values)


def next_after(schedule: str, moment: datetime) -> datetime | None:
    """The first due minute after a moment, in UTC; None if none comes within a year.

    Raises ValueError for a schedule that isn't one.
    """
    texts = _SHORTHANDS.get(schedule, schedule).split()
    if len(texts) != len(_RANGES):
        raise ValueError(f"expected exactly 5 fields, found {len(texts)}: {texts}")
    minutes, hours, days, months, weekdays = (
        _field(text, *limits) for text, limits in zip(texts, _RANGES, strict=True)
    )
    at = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while at < moment + _FURTHEST:
        if at.month not in months or at.day not in days or at.isoweekday() % 7 not in weekdays:
            at = at.replace(hour=0, minute=0) + timedelta(days=1)
        elif at.hour not in hours:
            at = at.replace(minute=0) + timedelta(hours=1)
        elif at.minute not in minutes:
            at += timedelta(minutes=1)
        else:
            return at
    return None


class CronJobs:
    """Creates the Jobs of CronJobs and tidies old ones."""

    name = "cronjob-controller"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource == NAME:
            return (change.key,)
        if resource == "jobs.batch":
            owner = pods.owner_of(change.record.obj)
            return ((change.key[0], owner["name"]),) if owner and owner["kind"] == "CronJob" else ()
        return ()

    def reconcile(self, key: Key) -> None:
        cron_job = self._cluster.store.get(NAME, *key)
        if cron_job is None or "deletionTimestamp" in cron_job["metadata"] or not self._cluster.clock.running:
            return
        now = self._cluster.clock.now()
        since = parse_stamp(cron_job.get("status", {}).get("lastScheduleTime") or stamp(now))
        try:
            due = next_after(cron_job["spec"]["schedule"], since)
        except ValueError as wrong:
            told = f'unparseable schedule: "{cron_job["spec"]["schedule"]}": {wrong}'
            self._cluster.events.record(cron_job, "UnparseableSchedule", told, by=self.name, kind="Warning")
            return
        self._tidy(cron_job)
        if due is None or cron_job["spec"].get("suspend"):
            return
        if due <= now:
            self.run(cron_job, due)
            self._cluster.engine.enqueue(self.name, key)
            return
        # Schedules are wall-clock, so a faster cluster doesn't reach them sooner.
        wait = (due - now).total_seconds() * self._cluster.clock.speed
        self._cluster.engine.requeue_after(wait + 0.5, self.name, key)

    def run(self, cron_job: Object, due: datetime) -> None:
        """Create the Job of one due time."""
        metadata, template = cron_job["metadata"], copy_of(cron_job["spec"]["jobTemplate"])
        name = f"{metadata['name']}-{int(due.timestamp()) // 60}"
        head = {**template.get("metadata", {}), "name": name, "namespace": metadata["namespace"],
                "ownerReferences": [pods.owner_reference(cron_job)]}  # fmt: skip
        head.setdefault("annotations", {})["batch.kubernetes.io/cronjob-scheduled-timestamp"] = stamp(due)
        if self._cluster.store.get("jobs.batch", metadata["namespace"], name) is None:
            self._cluster.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": head, "spec": template["spec"]},
                                 _MANAGER)  # fmt: skip
            self._cluster.events.record(cron_job, "SuccessfulCreate", f"Created job {name}", by=self.name)

        def scheduled(obj: Object) -> None:
            obj.setdefault("status", {})["lastScheduleTime"] = stamp(due)

        self._cluster.writer.edit(NAME, cron_job, scheduled, _STATUS)

    def _tidy(self, cron_job: Object) -> None:
        owned = self._cluster.store.owned(cron_job["metadata"]["uid"], "jobs.batch")
        owned.sort(key=lambda job: str(job["metadata"]["creationTimestamp"]))
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            over = [job for job in owned if pods.is_true(job, kind)]
            for job in over[: max(len(over) - cron_job["spec"][limit], 0)]:
                self._cluster.delete("jobs.batch", job["metadata"]["namespace"], job["metadata"]["name"])
        self._report(cron_job, owned)

    def _report(self, cron_job: Object, owned: list[Object]) -> None:
        running = [job for job in owned if not (pods.is_true(job, "Complete") or pods.is_true(job, "Failed"))]
        active = [{"apiVersion": "batch/v1", "kind": "Job", "name": job["metadata"]["name"],
                   "namespace": job["metadata"]["namespace"], "uid": job["metadata"]["uid"]} for job in running]  # fmt: skip
        done = [
            job["status"]["completionTime"] for job in owned if job.get("status", {}).get("completionTime")
        ]

        def told(obj: Object) -> None:
            status = obj.setdefault("status", {})
            status.pop("active", None)
            status |= {"active": active} if active else {}
            status |= {"lastSuccessfulTime": max(done)} if done else {}

        self._cluster.writer.edit(NAME, cron_job, told, _STATUS)
