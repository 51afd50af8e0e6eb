"""The kubelets: start pods on their nodes, restart what exits, stop what is deleted, and report.

What a container does is the behaviour of its image (`images`), so that a rollback heals what a rollout broke,
whoever does it.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable

from clusters.simulator.apiserver.store import Change, Key, Object
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.clock import stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers import pods
from clusters.simulator.controllers.containers import PodRun, Run, report
from clusters.simulator.images import Behaviour
from clusters.simulator.quantities import quantity

_STATUS = Actor("kubelet", subresource="status")
_STOP_SECONDS = 1.0  # what a container takes to end after its signal
_SETUP_SECONDS = 0.2  # sandbox and network of a pod
_OOM_SECONDS = 1.4
_RESTART_SECONDS = 0.6


class Kubelets:
    """One kubelet for each node, worked by one controller."""

    name = "kubelet"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._runs: dict[str, PodRun] = {}
        self._gone: deque[str] = deque()  # uids of deleted pods
        self._addresses = itertools.count(2)

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        if resource != "pods":
            return ()
        if change.type == "DELETED":
            # Whoever deletes is another thread than the one that works with the runs.
            self._gone.append(change.record.obj["metadata"]["uid"])
            return (change.key,)
        pod = change.record.obj
        if pod["spec"].get("nodeName") and (
            "deletionTimestamp" in pod["metadata"] or "hostIP" not in pod["status"]
        ):
            return (change.key,)
        return ()

    def reconcile(self, key: Key) -> None:
        while self._gone:
            self._runs.pop(self._gone.popleft(), None)
        pod = self._cluster.store.get("pods", *key)
        if pod is None or not self._works(pod):
            return
        if "deletionTimestamp" in pod["metadata"]:
            self._stop(pod)
        elif pod["metadata"]["uid"] not in self._runs and "hostIP" not in pod["status"]:
            self._start(pod)

    def resume(self, node: str) -> None:
        """The node's kubelet is back: it reports what runs, ends what was to be ended, goes on with the rest."""
        for pod in self._cluster.store.pods_on(node):
            metadata = pod["metadata"]
            run = self._runs.get(metadata["uid"])
            if "deletionTimestamp" in metadata or (run is None and "hostIP" not in pod["status"]):
                self._cluster.engine.enqueue(self.name, (metadata["namespace"], metadata["name"]))
            elif run is None:
                self._cluster.writer.edit("pods", pod, self._say_ready, _STATUS)
            else:
                for container in run.containers:
                    if container.phase != "running":
                        self._later(pod, container, _RESTART_SECONDS, self._launch)
                self._report(pod, run)

    def _say_ready(self, pod: Object) -> None:
        statuses = pod["status"].get("containerStatuses", ())
        if statuses and all(container["ready"] for container in statuses):
            pods.set_condition(pod, "Ready", "True", stamp(self._cluster.clock.now()))

    def _works(self, pod: Object) -> bool:
        node = pod["spec"].get("nodeName")
        return bool(node) and self._cluster.machine(node).kubelet_runs

    def _start(self, pod: Object) -> None:
        node = self._cluster.store.get("nodes", "", pod["spec"]["nodeName"])
        if node is None:
            return
        host = next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")
        number = next(self._addresses)
        block = node["spec"].get("podCIDR", "10.244.0.0/24").rsplit(".", 1)[0]
        ip = host if pod["spec"].get("hostNetwork") else f"{block}.{number % 250 + 2}"
        containers = [Run(c["name"], c["image"]) for c in pod["spec"]["containers"]]
        run = PodRun(pod["metadata"]["uid"], ip, host, stamp(self._cluster.clock.now()), containers)
        self._runs[run.uid] = run
        self._report(pod, run)
        for container in containers:
            self._later(pod, container, _SETUP_SECONDS, self._pull)

    def _later(
        self, pod: Object, container: Run, seconds: float, step: Callable[[Object, Run], None]
    ) -> None:
        """Do the next step with a container, if its pod is still there and its kubelet works by then."""
        metadata = pod["metadata"]
        key = (metadata["uid"], container.name, step.__name__)

        def act() -> None:
            current = self._cluster.store.get("pods", metadata["namespace"], metadata["name"])
            if current is None or current["metadata"]["uid"] != metadata["uid"] or not self._works(current):
                return
            if metadata["uid"] in self._runs and not self._runs[metadata["uid"]].stopping:
                step(current, container)

        self._cluster.engine.after(seconds, act, key)

    def _behaviour(self, container: Run) -> Behaviour:
        return self._cluster.images.behaviour(container.image)

    def _pull(self, pod: Object, container: Run) -> None:
        behaviour = self._behaviour(container)
        self._event(pod, "Pulling", f'Pulling image "{container.image}"', container)
        self._later(pod, container, behaviour.pull_seconds, self._pulled)

    def _pulled(self, pod: Object, container: Run) -> None:
        behaviour, image = self._behaviour(container), container.image
        if behaviour.exists:
            container.pulled = True
            milliseconds = round(behaviour.pull_seconds * 1000)
            told = (f'Successfully pulled image "{image}" in {milliseconds}ms ({milliseconds}ms including waiting). '
                    f"Image size: {31_000_000 + len(image) * 1_234_567} bytes.")  # fmt: skip
            self._event(pod, "Pulled", told, container)
            self._launch(pod, container)
            return
        container.pull_failures += 1
        wrong = (f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": failed to resolve '
                 f'reference "{image}": {image}: not found')  # fmt: skip
        container.reason, container.message = "ErrImagePull", wrong
        self._event(pod, "Failed", f'Failed to pull image "{image}": {wrong}', container, kind="Warning")
        self._event(pod, "Failed", "Error: ErrImagePull", container, kind="Warning")
        self._report(pod, self._runs[pod["metadata"]["uid"]])
        self._later(pod, container, 1.5, self._back_off_pull)

    def _back_off_pull(self, pod: Object, container: Run) -> None:
        held = f'Back-off pulling image "{container.image}"'
        container.reason, container.message = "ImagePullBackOff", f"{held}: ErrImagePull: {container.message}"
        self._event(pod, "BackOff", held, container)
        self._event(pod, "Failed", "Error: ImagePullBackOff", container, kind="Warning")
        self._report(pod, self._runs[pod["metadata"]["uid"]])
        self._later(pod, container, container.pull_back_off(), self._pull)

    def _launch(self, pod: Object, container: Run) -> None:
        if not container.pulled:
            self._pull(pod, container)
            return
        behaviour = self._behaviour(container)
        container.phase, container.reason, container.message = "running", "", ""
        container.started_at = stamp(self._cluster.clock.now())
        container.container_id = f"containerd://{self._cluster.writer.random.getrandbits(256):064x}"
        self._event(pod, "Created", f"Container created: {container.name}", container)
        self._event(pod, "Started", f"Container started: {container.name}", container)
        self._report(pod, self._runs[pod["metadata"]["uid"]])
        if behaviour.memory and behaviour.memory > self._memory_limit(pod, container):
            self._later(pod, container, _OOM_SECONDS, self._exit)
        elif behaviour.runs_seconds is not None:
            self._later(pod, container, behaviour.runs_seconds, self._exit)
        else:
            self._later(pod, container, behaviour.ready_seconds, self._become_ready)

    def _become_ready(self, pod: Object, container: Run) -> None:
        container.ready = True
        self._report(pod, self._runs[pod["metadata"]["uid"]])

    def _exit(self, pod: Object, container: Run) -> None:
        behaviour = self._behaviour(container)
        killed = bool(behaviour.memory)
        container.exit_code = 137 if killed else behaviour.exit_code
        container.phase, container.ready = "terminated", False
        container.reason = "OOMKilled" if killed else "Error" if container.exit_code else "Completed"
        container.finished_at = stamp(self._cluster.clock.now())
        policy = pod["spec"].get("restartPolicy", "Always")
        self._report(pod, self._runs[pod["metadata"]["uid"]])
        if policy == "Always" or (policy == "OnFailure" and container.exit_code):
            seconds = _RESTART_SECONDS
            step = self._restart if container.restarts == 0 else self._back_off
            self._later(pod, container, seconds, step)

    def _back_off(self, pod: Object, container: Run) -> None:
        ended, seconds = container.termination(), container.back_off()
        metadata = pod["metadata"]
        pod_name = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        shown = f"{int(seconds)}s" if seconds < 60 else f"{int(seconds // 60)}m{int(seconds % 60)}s"
        container.last = ended
        container.phase, container.reason = "waiting", "CrashLoopBackOff"
        container.message = f"back-off {shown} restarting failed container={container.name} pod={pod_name}"
        told = f"Back-off restarting failed container {container.name} in pod {pod_name}"
        self._event(pod, "BackOff", told, container, kind="Warning")
        self._report(pod, self._runs[metadata["uid"]])
        self._later(pod, container, seconds, self._restart)

    def _restart(self, pod: Object, container: Run) -> None:
        if container.phase == "terminated":
            container.last = container.termination()
        container.restarts += 1
        told = (
            f'Container image "{container.image}" already present on machine and can be accessed by the pod'
        )
        self._event(pod, "Pulled", told, container)
        self._launch(pod, container)

    def _stop(self, pod: Object) -> None:
        metadata = pod["metadata"]
        run = self._runs.get(metadata["uid"])
        if run is not None and run.stopping:
            return
        if run is not None:
            run.stopping = True
        for container in pod["spec"]["containers"]:
            told = f"Stopping container {container['name']}"
            path = f"spec.containers{{{container['name']}}}"
            self._cluster.events.record(
                pod, "Killing", told, by="kubelet", host=pod["spec"]["nodeName"], path=path
            )
        seconds = min(_STOP_SECONDS, float(metadata.get("deletionGracePeriodSeconds") or 0))
        self._cluster.engine.after(seconds, lambda: self._ended(pod), (metadata["uid"], "", "stop"))

    def _ended(self, pod: Object) -> None:
        metadata = pod["metadata"]
        current = self._cluster.store.get("pods", metadata["namespace"], metadata["name"])
        if current is None or current["metadata"]["uid"] != metadata["uid"]:
            return
        if not self._works(current):
            run = self._runs.get(metadata["uid"])
            if run is not None:
                run.stopping = False  # to be stopped when the kubelet is back
        elif not current["metadata"].get("finalizers"):
            self._cluster.store.remove("pods", metadata["namespace"], metadata["name"])

    def _memory_limit(self, pod: Object, container: Run) -> float:
        spec = next(c for c in pod["spec"]["containers"] if c["name"] == container.name)
        limit = (spec.get("resources", {}).get("limits") or {}).get("memory")
        return quantity(limit) if limit else float("inf")

    def _report(self, pod: Object, run: PodRun) -> None:
        now = stamp(self._cluster.clock.now())
        self._cluster.writer.edit("pods", pod, lambda obj: report(obj, run, now), _STATUS)

    def _event(self, pod: Object, reason: str, message: str, container: Run, kind: str = "Normal") -> None:
        path = f"spec.containers{{{container.name}}}"
        self._cluster.events.record(
            pod, reason, message, by="kubelet", kind=kind, host=pod["spec"]["nodeName"], path=path
        )
