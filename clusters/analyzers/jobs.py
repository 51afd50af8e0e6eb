"""Analyzers of Jobs and CronJobs: a failed Job is the root, its pods and its CronJob follow from it."""

from collections.abc import Iterable

from clusters.analyzers import events
from clusters.analyzers.base import Cause, Finding, Severity, analyzer
from clusters.analyzers.evidence import cause_of, moved, seen, seen_on
from clusters.analyzers.examination import Examination
from clusters.analyzers.pod_troubles import trouble_of
from clusters.analyzers.trouble import Topic, Trouble, finding_of, kubectl
from clusters.analyzers.workloads import judge, pods_of
from clusters.kubernetes import fields, references
from clusters.kubernetes.inventory import Resource

_REASONS = {
    "BackoffLimitExceeded": (
        "failed, its backoff limit is used up",
        "Its pods failed more often than it allows.",
    ),
    "DeadlineExceeded": ("failed, its deadline has passed", "It ran longer than activeDeadlineSeconds."),
    "PodFailurePolicy": ("failed by its pod failure policy", "A pod ended as podFailurePolicy gives up on."),
    "FailedIndexes": ("failed, some indexes failed", "Some of its indexes failed for good."),
    "MaxFailedIndexesExceeded": (
        "failed, too many indexes failed",
        "More failed than maxFailedIndexes allows.",
    ),
}


def outcome(job: Resource) -> str:
    """Return 'failed', 'complete' or, while it goes on, an empty string."""
    for kind, word in (("Complete", "complete"), ("SuccessCriteriaMet", "complete"), ("Failed", "failed")):
        found = fields.condition(job.body, kind)
        if found is not None and found[1].get("status") == "True":
            return word
    return ""


def order(job: Resource) -> tuple[str, str]:
    """Return what sorts the Jobs of a CronJob by age."""
    return str(fields.dig(job.body, "metadata", "creationTimestamp")), job.name


def superseded(examination: Examination, job: Resource) -> bool:
    """Say whether a later Job of the same CronJob got through: the failure is history."""
    owner = references.controller(job.body)
    if owner is None or owner.kind != "CronJob":
        return False
    return any(
        order(other) > order(job) and outcome(other) == "complete"
        for other in examination.inventory.within("Job", job.namespace)
        if references.controller(other.body) == owner
    )


@analyzer(
    "jobs",
    kinds=("Job",),
    reads=("Pod", "Node", "PersistentVolumeClaim"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",),
)
def jobs(examination: Examination) -> Iterable[Finding]:
    """Jobs that failed for good, or whose pods can't start."""
    for job in examination.inventory.of("Job"):
        result = outcome(job)
        if result == "failed":
            yield _failed(examination, job)
        elif (
            not result and fields.mapping(job.body, "status") and not fields.dig(job.body, "spec", "suspend")
        ):
            finding = judge("jobs", examination, job, available=1)
            if finding is not None:
                yield finding


def _failed(examination: Examination, job: Resource) -> Finding:
    index, condition = fields.condition(job.body, "Failed") or (0, {})
    reason = fields.text(condition, "reason")
    predicate, detail = _REASONS.get(reason, (f"failed{f': {reason}' if reason else ''}", "It was given up."))
    evidence = [
        *seen(job, "status", "conditions", index, "type"),
        *seen(job, "status", "conditions", index, "reason"),
        *seen(job, "status", "conditions", index, "message"),
        *seen(job, "status", "failed"),
    ]
    found = [(pod, trouble) for pod in pods_of(examination, job) if (trouble := trouble_of(examination, pod))]
    blamed = {trouble.blame for _, trouble in found}
    cause: Cause | None = min(entry for entry in blamed if entry) if found and None not in blamed else None
    if found:
        pod, trouble = found[-1]
        detail = f"{detail} {trouble.detail}"
        evidence += moved(list(trouble.evidence), pod)
    history = superseded(examination, job)
    if history:
        detail = f"{detail} A later run of its CronJob got through."
    target = f"job/{job.name}"
    owner = references.controller(job.body)
    scheduled = owner is not None and owner.kind == "CronJob"
    return finding_of(
        "jobs",
        job,
        Trouble(
            topic=Topic.ENDED,
            subject="",
            predicate=predicate,
            detail=detail,
            fix=f"Read its output: {kubectl('logs', target, job.namespace, '--all-containers')}. A Job isn't started "
            "again by itself: mend the ground, delete it and create it anew.",
            severity=Severity.LOW if history else Severity.MEDIUM if scheduled else Severity.HIGH,
            evidence=tuple(evidence),
        ),
        cause=cause,
    )


@analyzer(
    "cronjobs",
    kinds=("CronJob",),
    reads=("Job", "Event"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",),
)
def cronjobs(examination: Examination) -> Iterable[Finding]:
    """CronJobs whose latest finished run failed, or whose schedule can't be read."""
    for cron in examination.inventory.of("CronJob"):
        if fields.dig(cron.body, "spec", "suspend") is True:
            continue
        finding = _unreadable(examination, cron) or _latest_failed(examination, cron)
        if finding is not None:
            yield finding


def _unreadable(examination: Examination, cron: Resource) -> Finding | None:
    reported = events.about(examination, cron, "UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone")
    if not reported:
        return None
    trouble = Trouble(
        topic=Topic.CONFIG,
        subject="",
        predicate="its schedule or time zone can't be read, so it never runs",
        detail="The CronJob controller can't read spec.schedule or spec.timeZone.",
        fix="Correct spec.schedule (five fields) and spec.timeZone (a name of the IANA database).",
        severity=Severity.HIGH,
        evidence=(
            *seen(cron, "spec", "schedule"),
            *seen(cron, "spec", "timeZone"),
            *events.quoted(reported[0]),
        ),
    )
    return finding_of("cronjobs", cron, trouble, cause=None)


def _latest_failed(examination: Examination, cron: Resource) -> Finding | None:
    finished = [job for job in examination.inventory.owned_by(cron, "Job") if outcome(job)]
    latest = max(finished, key=order, default=None)
    if latest is None or outcome(latest) != "failed":
        return None
    index = (fields.condition(latest.body, "Failed") or (0, {}))[0]
    trouble = Trouble(
        topic=Topic.ENDED,
        subject="",
        predicate=f"its latest finished run, Job {latest.name}, failed",
        detail="The next run comes by the schedule; whether it gets through depends on why this one failed.",
        fix=f"See the finding of Job {latest.name}.",
        severity=Severity.MEDIUM,
        evidence=(
            *seen(cron, "spec", "schedule"),
            *seen_on(latest, "status", "conditions", index, "reason"),
        ),
    )
    return finding_of("cronjobs", cron, trouble, cause=cause_of(latest))
