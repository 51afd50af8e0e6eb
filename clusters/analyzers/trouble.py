"""A judgement about one object before it becomes a finding: what is wrong, and which other object is to blame."""

import shlex
from dataclasses import dataclass
from enum import StrEnum

from clusters.analyzers.base import Cause, Evidence, Finding, Severity, Status
from clusters.kubernetes.inventory import Resource


class Topic(StrEnum):
    """What a trouble is about; of several in one pod the first of these is told."""

    MEMORY = "killed for memory"
    CRASH = "crashes"
    IMAGE = "image can't be pulled"
    CONFIG = "configuration is missing"
    CREATE = "container can't be created"
    SCHEDULING = "can't be scheduled"
    CLAIM = "waits for a volume claim"
    CREATING = "stuck in creation"
    NODE = "cut off with its node"
    UNREADY = "runs but isn't ready"
    EVICTED = "evicted"
    ENDED = "ended badly"
    NODE_NOT_READY = "node not ready"
    NODE_PRESSURE = "node under pressure"
    NODE_PROBLEM = "node with another problem"
    NODE_CORDONED = "node cordoned"
    CLAIM_PENDING = "claim pending"
    CLAIM_LOST = "claim lost"


TOPIC_RANK = {topic: rank for rank, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a pod, node or claim.

    `topic` groups alike troubles of several pods; `subject` and `predicate` make the title: "container web" and
    "crash-loops with exit code 1". `blame` is an object outside the pod's own workload, where one is at fault.
    """

    topic: Topic
    subject: str
    predicate: str
    detail: str
    fix: str
    severity: Severity = Severity.HIGH
    evidence: tuple[Evidence, ...] = ()
    blame: Cause | None = None
    container: str = ""
    status: Status = Status.FAILING
    leftover: bool = (
        False  # a pod that its controller has replaced, or will: the workload doesn't suffer from it
    )

    @property
    def phrase(self) -> str:
        """Subject and predicate together."""
        return f"{self.subject} {self.predicate}".strip()


def finding_of(
    analyzer: str,
    resource: Resource,
    trouble: Trouble,
    *,
    cause: Cause | None,
    severity: Severity | None = None,
) -> Finding:
    """Return the finding of a trouble on its own object."""
    return Finding(
        analyzer=analyzer,
        status=trouble.status,
        severity=severity or trouble.severity,
        kind=resource.kind,
        namespace=resource.namespace,
        name=resource.name,
        title=f"{resource}: {trouble.phrase}",
        detail=trouble.detail,
        evidence=trouble.evidence,
        fix=trouble.fix,
        cause=cause,
    )


def not_assessed(analyzer: str, resource: Resource, *, why: str, needed: str) -> Finding:
    """Return the finding that says why an object couldn't be judged, and what would make it assessable."""
    return Finding(
        analyzer=analyzer,
        status=Status.NOT_ASSESSED,
        severity=Severity.LOW,
        kind=resource.kind,
        namespace=resource.namespace,
        name=resource.name,
        title=f"{resource}: not assessed, {why}",
        detail=f"This can't be judged from the objects given: {why}.",
        fix=f"Give {needed} as well; the agent may read them with its default role.",
    )


def kubectl(verb: str, target: str, namespace: str = "", *options: str) -> str:
    """Return a command that can be pasted, with every name quoted for the shell."""
    words = ["kubectl", *verb.split(), *(shlex.quote(target),) * bool(target)]
    if namespace:
        words += ["-n", shlex.quote(namespace)]
    return " ".join([*words, *(shlex.quote(option) for option in options)])
