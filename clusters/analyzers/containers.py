"""Judges the containers of a pod by their state: waiting, ended, restarted, or running without being ready.

Source: the kubelet's waiting and terminated reasons (`pkg/kubelet/container`, `pkg/kubelet/images`), and
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clusters.analyzers import events, exit_codes, grace, images
from clusters.analyzers.base import Evidence, Severity
from clusters.analyzers.evidence import seen
from clusters.analyzers.examination import Examination
from clusters.analyzers.trouble import Topic, Trouble, kubectl
from clusters.kubernetes import fields
from clusters.kubernetes.fields import Object
from clusters.kubernetes.inventory import Resource
from clusters.kubernetes.pod_templates import STATUSES, Container, containers

_CREATE = {
    "CreateContainerError": "the runtime can't create it",
    "RunContainerError": "the runtime can't start it",
    "StartError": "the runtime can't start it",
    "ContainerCannotRun": "the runtime can't start it",
    "PreCreateHookError": "a hook before its creation failed",
    "PreStartHookError": "a hook before its start failed",
    "PostStartHookError": "its postStart hook failed",
    "CreatePodSandboxError": "the pod's sandbox can't be created",
}


@dataclass(frozen=True, slots=True)
class State:
    """A container with its status, and where that status stands."""

    pod: Resource
    container: Container
    status: Object
    at: tuple[str | int, ...]

    def seen(self, *steps: str | int) -> list[Evidence]:
        """Return a value of the status as evidence."""
        return seen(self.pod, *self.at, *steps)

    @property
    def last_exit(self) -> tuple[str, Object]:
        """Where the latest end of the container stands (`state` or `lastState`), and what it says."""
        for place in ("state", "lastState"):
            ended = fields.mapping(self.status, place, "terminated")
            if ended:
                return place, ended
        return "", {}

    @property
    def restarts(self) -> int:
        """How often the kubelet has restarted it."""
        return fields.integer(self.status, "restartCount")

    @property
    def started(self) -> datetime | None:
        """Since when it runs, or None."""
        return fields.moment(self.status, "state", "running", "startedAt")


def states(pod: Resource) -> Iterator[State]:
    """Yield the containers of a pod that have a status; ephemeral ones are somebody's debugging."""
    for group in ("initContainers", "containers"):
        statuses = fields.sequence(pod.body, "status", STATUSES[group])
        by_name = {fields.text(entry, "name"): index for index, entry in enumerate(statuses)}
        for container in containers(pod.body):
            index = by_name.get(container.name) if container.group == group else None
            if index is not None and isinstance(statuses[index], dict):
                yield State(pod, container, statuses[index], ("status", STATUSES[group], index))


def trouble_of(examination: Examination, state: State) -> Trouble | None:
    """Return what is wrong with one container, or None."""
    waiting = fields.text(state.status, "state", "waiting", "reason")
    if waiting in images.REASONS:
        return _image(examination, state, waiting)
    if waiting == "CreateContainerConfigError":
        return _config(state)
    if waiting in _CREATE:
        return _create(state, waiting)
    _, ended = state.last_exit
    for_memory = ended.get("reason") == "OOMKilled"
    if _crashing(examination, state, waiting):
        return _memory(state) if for_memory else _crash(examination, state)
    if for_memory and examination.recent(grace.CRASH_WINDOW, fields.moment(ended, "finishedAt")):
        return replace(
            _memory(state), severity=Severity.MEDIUM
        )  # back for now, but the kernel never kills for nothing
    return None


def _crashing(examination: Examination, state: State, waiting: str) -> bool:
    """Say whether a container is in a loop of crashes, in whichever moment of the loop it was seen."""
    if waiting == "CrashLoopBackOff":
        return True
    place, ended = state.last_exit
    if not ended or (ended.get("exitCode") == 0 and ended.get("reason") != "OOMKilled"):
        return False
    if place == "state":  # ended, and about to be restarted; or for good, where the policy says so
        return not _restarts(state) or (state.restarts > 0 and _short_lived(ended))
    return _between_crashes(examination, state, ended)


def _between_crashes(examination: Examination, state: State, ended: Object) -> bool:
    """Say whether a running container is only in the pause of a loop: a fall after a long life is none."""
    if fields.dig(state.status, "state", "running") is None or state.restarts < 2 or not _short_lived(ended):
        return False
    if not examination.recent(grace.CRASH_WINDOW, fields.moment(ended, "finishedAt")):
        return False
    return state.status.get("ready") is not True or not examination.passed(grace.STEADY, state.started)


def _short_lived(ended: Object) -> bool:
    """Say whether a run ended soon after its start; where that isn't known, it did."""
    started, finished = fields.moment(ended, "startedAt"), fields.moment(ended, "finishedAt")
    return started is None or finished is None or finished - started < grace.CRASH_WINDOW


def _restarts(state: State) -> bool:
    policy = fields.text(state.pod.body, "spec", "restartPolicy") or "Always"
    return policy in ("Always", "OnFailure") or state.container.sidecar


def _crash(examination: Examination, state: State) -> Trouble:
    place, ended = state.last_exit
    code = ended.get("exitCode")
    name = state.container.title
    loop = "crash-loops" if _restarts(state) else "failed"
    if not isinstance(code, int):
        predicate, detail = loop, f"The {name} ends again and again soon after its start."
    elif code == 0:
        predicate = "keeps ending with exit code 0"
        detail = f"The {name} ends without an error and is started again: its restart policy expects it to go on running."
    else:
        predicate = f"{loop} with exit code {code}"
        detail = f"The {name} ends with exit code {code}: {exit_codes.meaning(code)}."
    probes = events.about(examination, state.pod, "Killing")
    failed_liveness = [event for event in probes if "failed liveness probe" in events.message_of(event)]
    if failed_liveness:
        detail += " The kubelet restarts it because its liveness probe fails."
    evidence = [
        *state.seen("state", "waiting", "reason"),
        *state.seen(place, "terminated", "exitCode"),
        *state.seen(place, "terminated", "reason"),
        *(events.quoted(failed_liveness[0]) if failed_liveness else []),
    ]
    return Trouble(
        topic=Topic.CRASH,
        subject=name,
        predicate=predicate,
        detail=detail,
        fix=f"Read its last output: {_logs(state)}",
        evidence=tuple(evidence),
        container=state.container.name,
    )


def _memory(state: State) -> Trouble:
    place, _ = state.last_exit
    name = state.container.title
    limit = fields.dig(state.container.body, "resources", "limits", "memory")
    bound = (
        f"its limit of {limit}" if isinstance(limit, str | int) else "the node's memory, as it has no limit"
    )
    return Trouble(
        topic=Topic.MEMORY,
        subject=name,
        predicate=f"is killed for memory (OOMKilled) at {bound}",
        detail=f"The {name} used more memory than it may: the kernel killed it at {bound}.",
        fix=f"See what it uses: {kubectl('top pod', state.pod.name, state.pod.namespace, '--containers')}. Raise "
        "resources.limits.memory (and requests with it) if that is what it needs; otherwise look for a leak or a "
        f"heap size above the limit. Its last output: {_logs(state)}",
        evidence=(
            *state.seen(place, "terminated", "reason"),
            *state.seen(place, "terminated", "exitCode"),
            *seen(state.pod, *_steps(state.container), "resources", "limits", "memory"),
        ),
        container=state.container.name,
    )


def _image(examination: Examination, state: State, waiting: str) -> Trouble:
    image = state.container.image or fields.text(state.status, "image")
    message = fields.text(state.status, "state", "waiting", "message")
    failed = [
        event
        for event in events.about(examination, state.pod, "Failed")
        if "pull" in events.message_of(event) and image in events.message_of(event)
    ]
    why, advice = images.explain(waiting, message)
    if not why:
        texts = [images.explain("", events.message_of(event)) for event in failed]
        why, advice = next((text for text in texts if text[0]), ("", ""))
    return Trouble(
        topic=Topic.IMAGE,
        subject=state.container.title,
        predicate=f"can't pull image {image}",
        detail=f"The {state.container.title} can't start: its image {image} can't be had"
        + (f"; {why}." if why else "."),
        fix=(
            f"{advice[:1].upper()}{advice[1:]}. " if advice else "Check the image's name, tag and registry. "
        )
        + f"The registry's answer: {kubectl('describe pod', state.pod.name, state.pod.namespace)}",
        evidence=(
            *seen(state.pod, *_steps(state.container), "image"),
            *state.seen("state", "waiting", "reason"),
            *state.seen("state", "waiting", "message"),
        ),
        container=state.container.name,
    )


def _config(state: State) -> Trouble:
    message = fields.text(state.status, "state", "waiting", "message")
    what = message if 0 < len(message) < 200 else "a ConfigMap or Secret that it refers to is missing"
    return Trouble(
        topic=Topic.CONFIG,
        subject=state.container.title,
        predicate=f"can't be configured: {what}",
        detail=f"The {state.container.title} refers to configuration that the kubelet can't find: {what}.",
        fix="Create what is named, or correct the name or key in env, envFrom or the volumes; mark it optional if "
        "the program can do without.",
        evidence=(*state.seen("state", "waiting", "reason"), *state.seen("state", "waiting", "message")),
        container=state.container.name,
    )


def _create(state: State, waiting: str) -> Trouble:
    name = state.container.title
    return Trouble(
        topic=Topic.CREATE,
        subject=name,
        predicate=f"can't start: {_CREATE[waiting]}",
        detail=f"The {name} never runs ({waiting}): {_CREATE[waiting]}. A wrong command, working directory, mount "
        "or security setting is the usual ground.",
        fix=f"Read the runtime's answer: {kubectl('describe pod', state.pod.name, state.pod.namespace)}",
        evidence=(*state.seen("state", "waiting", "reason"), *state.seen("state", "waiting", "message")),
        container=state.container.name,
    )


def unready(examination: Examination, state: State) -> Trouble | None:
    """Return the trouble of a container that runs but has not become ready in the time its probes grant."""
    running = fields.dig(state.status, "state", "running")
    if state.container.init or running is None or state.status.get("ready") is not False:
        return None
    changed = fields.condition(state.pod.body, "Ready")
    since = fields.moment(changed[1], "lastTransitionTime") if changed else None
    if since is not None and state.started is not None and since > state.started:  # it had been ready
        patient = examination.passed(grace.UNREADY, since)
    else:
        patient = examination.passed(grace.UNREADY + _granted(state.container), state.started)
    if not patient:
        return None
    startup = state.status.get("started") is False and isinstance(
        state.container.body.get("startupProbe"), dict
    )
    probe = "startup probe" if startup else "readiness probe"
    failed = [
        event
        for event in events.about(examination, state.pod, "Unhealthy")
        if events.message_of(event).lower().startswith(probe)
    ]
    name = state.container.title
    return Trouble(
        topic=Topic.UNREADY,
        subject=name,
        predicate=f"runs but isn't ready, its {probe} fails",
        detail=f"The {name} runs, but its {probe} doesn't succeed, so the pod gets no traffic.",
        fix=f"See what the probe is told: {kubectl('describe pod', state.pod.name, state.pod.namespace)}; and the "
        f"program: {kubectl('logs', state.pod.name, state.pod.namespace, '-c', state.container.name)}. Often a "
        "dependency is missing, or path, port or timeout of the probe is wrong.",
        severity=Severity.MEDIUM,
        evidence=(
            *state.seen("ready"),
            *state.seen("started"),
            *(events.quoted(failed[0]) if failed else []),
        ),
        container=state.container.name,
    )


def _granted(container: Container) -> timedelta:
    """Return how long the container's probes let it take until it is ready."""
    seconds = 0
    for probe, default in (("startupProbe", 0), ("readinessProbe", 1)):
        body = fields.mapping(container.body, probe)
        if not body:
            continue
        tries = fields.integer(body, "failureThreshold", default=3)
        successes = fields.integer(body, "successThreshold", default=default)
        period = fields.integer(body, "periodSeconds", default=10)
        seconds += fields.integer(body, "initialDelaySeconds") + (tries + successes) * period
    return timedelta(seconds=max(0, min(seconds, 3600)))


def _steps(container: Container) -> tuple[str | int, ...]:
    """Return the steps to a container in its pod's body."""
    index = int(container.path.rpartition("[")[2].rstrip("]"))
    return "spec", container.group, index


def _logs(state: State) -> str:
    return kubectl("logs", state.pod.name, state.pod.namespace, "-c", state.container.name, "--previous")
