"""batch: jobs and cron jobs."""

from typing import Annotated

from clusters.wire.kinds.core import ObjectReference
from clusters.wire.kinds.meta import Condition, LabelSelector, ObjectMeta, Root
from clusters.wire.kinds.pods import PodTemplate
from clusters.wire.rules import Boolean, Cron, Name, Part, Qualified, Time, Uid, Word, closed

Indexes = Annotated[str, closed(r"[0-9,-]{0,2000}")]


class ExitCodes(Part):
    """Which exit codes a rule is for."""

    container_name: Name | None = None
    operator: Word | None = None
    values: list[int] | None = None


class PodConditionPattern(Part):
    """Which condition of a pod a rule is for."""

    status: Boolean | None = None
    type: Qualified | None = None


class FailureRule(Part):
    """What a failed pod means for its job."""

    action: Word | None = None
    on_exit_codes: ExitCodes | None = None
    on_pod_conditions: list[PodConditionPattern] | None = None


class FailurePolicy(Part):
    """What failed pods mean for their job."""

    rules: list[FailureRule] | None = None


class SuccessRule(Part):
    """How many of which indexes make a job succeed."""

    succeeded_count: int | None = None
    succeeded_indexes: Indexes | None = None


class SuccessPolicy(Part):
    """When a job has succeeded."""

    rules: list[SuccessRule] | None = None


class JobSpec(Part):
    """What a job is to be."""

    active_deadline_seconds: int | None = None
    backoff_limit: int | None = None
    backoff_limit_per_index: int | None = None
    completion_mode: Word | None = None
    completions: int | None = None
    managed_by: Qualified | None = None
    manual_selector: bool | None = None
    max_failed_indexes: int | None = None
    parallelism: int | None = None
    pod_failure_policy: FailurePolicy | None = None
    pod_replacement_policy: Word | None = None
    selector: LabelSelector | None = None
    success_policy: SuccessPolicy | None = None
    suspend: bool | None = None
    template: PodTemplate | None = None
    ttl_seconds_after_finished: int | None = None


class UncountedPods(Part):
    """Pods that have ended and that the job hasn't counted yet."""

    failed: list[Uid] | None = None
    succeeded: list[Uid] | None = None


class JobStatus(Part):
    """What became of a job."""

    active: int | None = None
    completed_indexes: Indexes | None = None
    completion_time: Time | None = None
    conditions: list[Condition] | None = None
    failed: int | None = None
    failed_indexes: Indexes | None = None
    ready: int | None = None
    start_time: Time | None = None
    succeeded: int | None = None
    terminating: int | None = None
    uncounted_terminated_pods: UncountedPods | None = None


class Job(Root):
    """A job."""

    spec: JobSpec | None = None
    status: JobStatus | None = None


class JobTemplate(Part):
    """The job that a cron job makes."""

    metadata: ObjectMeta | None = None
    spec: JobSpec | None = None


class CronJobSpec(Part):
    """What a cron job is to be."""

    concurrency_policy: Word | None = None
    failed_jobs_history_limit: int | None = None
    job_template: JobTemplate | None = None
    schedule: Cron | None = None
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int | None = None
    suspend: bool | None = None
    time_zone: Annotated[str, closed(r"[A-Za-z]{1,30}(?:[/_+-][A-Za-z0-9]{1,30}){0,4}")] | None = None


class CronJobStatus(Part):
    """When a cron job ran."""

    active: list[ObjectReference] | None = None
    last_schedule_time: Time | None = None
    last_successful_time: Time | None = None


class CronJob(Root):
    """A cron job."""

    spec: CronJobSpec | None = None
    status: CronJobStatus | None = None
