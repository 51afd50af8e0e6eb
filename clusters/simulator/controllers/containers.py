"""The state of containers as a kubelet keeps it, and how that looks in a pod's status."""

from dataclasses import dataclass, field
from typing import Any

from clusters.simulator.apiserver.store import Object
from clusters.simulator.controllers import pods
from clusters.simulator.images import digest_of

_FIRST_BACK_OFF = 10.0
_LONGEST_BACK_OFF = 300.0


@dataclass(slots=True)
class Run:
    """One container: waiting, running or terminated, and what came before."""

    name: str
    image: str
    phase: str = "waiting"
    reason: str = "ContainerCreating"
    message: str = ""
    started_at: str = ""
    finished_at: str = ""
    exit_code: int = 0
    container_id: str = ""
    restarts: int = 0
    ready: bool = False
    pulled: bool = False
    pull_failures: int = 0
    last: Object | None = None

    def state(self) -> Object:
        """The `state` of a container status."""
        if self.phase == "running":
            return {"running": {"startedAt": self.started_at}}
        if self.phase == "terminated":
            return {"terminated": self.termination()}
        waiting = {"reason": self.reason}
        return {"waiting": {**waiting, "message": self.message} if self.message else waiting}

    def termination(self) -> Object:
        """How it ended."""
        return {
            "exitCode": self.exit_code, "reason": self.reason, "startedAt": self.started_at,
            "finishedAt": self.finished_at, "containerID": self.container_id,
        }  # fmt: skip

    def status(self) -> Object:
        """The container status of the API."""
        return {
            "name": self.name, "state": self.state(), "lastState": {"terminated": self.last} if self.last else {},
            "ready": self.ready, "restartCount": self.restarts, "image": self.image,
            "imageID": digest_of(self.image) if self.pulled else "",
            **({"containerID": self.container_id} if self.container_id else {}),
            "started": self.phase == "running",
        }  # fmt: skip

    def back_off(self) -> float:
        """How long the kubelet waits before the next restart, in seconds."""
        return float(min(_FIRST_BACK_OFF * 2 ** max(self.restarts - 1, 0), _LONGEST_BACK_OFF))

    def pull_back_off(self) -> float:
        """How long it waits before the next pull, in seconds."""
        return float(min(_FIRST_BACK_OFF * 2 ** max(self.pull_failures - 1, 0), _LONGEST_BACK_OFF))


@dataclass(slots=True)
class PodRun:
    """A pod on its node."""

    uid: str
    ip: str
    host_ip: str
    started_at: str
    containers: list[Run] = field(default_factory=list)
    stopping: bool = False

    def phase(self, restart_policy: str) -> str:
        """The pod's phase, from its containers."""
        if all(run.phase == "terminated" for run in self.containers) and restart_policy != "Always":
            failed = any(run.exit_code for run in self.containers)
            if not (failed and restart_policy == "OnFailure"):
                return "Failed" if failed else "Succeeded"
        started = all(
            run.phase == "running" or run.restarts or run.phase == "terminated" for run in self.containers
        )
        return "Running" if started else "Pending"


def report(pod: Object, run: PodRun, now: str) -> None:
    """Write the state of the containers into a pod's status, in place."""
    status = pod["status"]
    phase = run.phase(pod["spec"].get("restartPolicy", "Always"))
    status.update(phase=phase, hostIP=run.host_ip, hostIPs=[{"ip": run.host_ip}], startTime=run.started_at)
    if all(container.pulled for container in run.containers) or "podIP" in status:
        status.update(podIP=run.ip, podIPs=[{"ip": run.ip}])
    status["containerStatuses"] = [container.status() for container in run.containers]
    if inits := pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = [_finished_init(container, run) for container in inits]
    over = phase in ("Succeeded", "Failed")
    unready = [container.name for container in run.containers if not container.ready]
    more: dict[str, Any] = {"lastProbeTime": None}
    if over:
        more |= {"reason": "PodFailed" if phase == "Failed" else "PodCompleted"}
    elif unready:
        more |= {
            "reason": "ContainersNotReady",
            "message": f"containers with unready status: [{' '.join(unready)}]",
        }
    networked = "True" if not over else "False"
    pods.set_condition(pod, "PodReadyToStartContainers", networked, now, lastProbeTime=None)
    pods.set_condition(pod, "Initialized", "True", now, lastProbeTime=None)
    for kind in ("Ready", "ContainersReady"):
        pods.set_condition(pod, kind, "False" if unready or over else "True", now, **more)
        if not unready and not over:
            for key in ("reason", "message"):
                (pods.condition(pod, kind) or {}).pop(key, None)
    status["observedGeneration"] = pod["metadata"].get("generation", 1)


def _finished_init(container: Object, run: PodRun) -> Object:
    image = container["image"]
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": run.started_at, "finishedAt": run.started_at,
             "containerID": f"containerd://{digest_of(run.uid + container['name'])[-64:]}"}  # fmt: skip
    return {"name": container["name"], "state": {"terminated": ended}, "lastState": {}, "ready": True,
            "restartCount": 0, "image": image, "imageID": digest_of(image), "started": False}  # fmt: skip
