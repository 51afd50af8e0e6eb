"""Puts a whole simulated cluster together and runs it: world, controllers, server."""

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from clusters.simulator.apiserver.access import ADMINS, Authenticator, User, user_named
from clusters.simulator.apiserver.api import Api, Version
from clusters.simulator.apiserver.server import Server
from clusters.simulator.apiserver.store import Change
from clusters.simulator.apiserver.watching import Rhythm
from clusters.simulator.cluster import Cluster
from clusters.simulator.control import Control
from clusters.simulator.controllers.cronjobs import CronJobs
from clusters.simulator.controllers.daemonsets import DaemonSets
from clusters.simulator.controllers.deployments import Deployments
from clusters.simulator.controllers.endpoints import ServiceEndpoints
from clusters.simulator.controllers.garbage import GarbageCollector
from clusters.simulator.controllers.jobs import Jobs
from clusters.simulator.controllers.kubelet import Kubelets
from clusters.simulator.controllers.nodes import Nodes
from clusters.simulator.controllers.policies import Autoscalers, DisruptionBudgets, Quotas
from clusters.simulator.controllers.replicasets import ReplicaSets
from clusters.simulator.controllers.scheduler import Scheduler
from clusters.simulator.controllers.statefulsets import StatefulSets
from clusters.simulator.controllers.volumes import Volumes
from clusters.simulator.kubeconfig import certificate, kubeconfig, server_context
from clusters.simulator.metrics import Metrics
from clusters.simulator.world import filler, maintenance, platform, shop, system
from clusters.simulator.world import nodes as world_nodes

_DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
_FOUNDED = timedelta(days=620)
_FILLED = timedelta(days=12)
_FORGET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """What to simulate. `tokens` are bearer tokens with the user each stands for, '' for an administrator."""

    port: int = 0
    nodes: int = 5
    pods: int = 0
    seed: int = 1
    speed: float = 1.0
    name: str = "simulated"
    version: str = "1.35.4"
    window: int = 20_000
    bookmark_seconds: float = 60.0
    tls: bool = True
    tokens: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[str, ...] = ()


class Simulation:
    """A simulated cluster; `start` lets it listen and live, `stop` ends it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.cluster = Cluster.empty(
            seed=options.seed,
            name=options.name,
            version=options.version,
            speed=options.speed,
            window=options.window,
        )
        self.control = Control(self.cluster)
        self.users = Authenticator()
        self.admin_token = self._issue(options.tokens)
        self._closing = threading.Event()
        self._kubelets = Kubelets(self.cluster)
        self._nodes = Nodes(self.cluster, self._kubelets.resume)
        self._cron_jobs = CronJobs(self.cluster)
        self.authority = b""
        self._server = self._listen()
        self._build()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.options.tls else 'http'}://127.0.0.1:{self.port}"

    def kubeconfig(self, token: str | None = None) -> str:
        """A kubeconfig in YAML, for the administrator or for another token."""
        return kubeconfig(self.options.name, self.url, token or self.admin_token, self.authority)

    def start(self) -> None:
        """Let time pass, answer requests, begin the scenarios."""
        self.cluster.clock.run()
        self._nodes.start()
        self._look_again()
        self._forget_old_events()
        self.cluster.engine.start()
        threading.Thread(target=self._server.serve_forever, args=(0.2,), name="api", daemon=True).start()
        for name in self.options.scenarios:
            self.control.start(name)

    def stop(self) -> None:
        """End watches, controllers and the server."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self.cluster.engine.stop()

    def _issue(self, tokens: Mapping[str, str]) -> str:
        admin = next((token for token, name in tokens.items() if not name), "") or secrets.token_urlsafe(24)
        self.users.issue(admin, User("admin", (ADMINS, "system:authenticated")))
        for token, name in tokens.items():
            if name:
                self.users.issue(token, user_named(name))
        return admin

    def _listen(self) -> Server:
        context = None
        if self.options.tls:
            self.authority, key = certificate()
            context = server_context(self.authority, key)
        cluster = self.cluster
        rhythm = Rhythm(self.options.bookmark_seconds, self._closing)
        api = Api(cluster.store, cluster.registry, cluster.writer, self.users, rhythm,
                  Version(self.options.version), Metrics(cluster))  # fmt: skip
        server = Server(self.options.port, api, self.control, context)
        api.address = f"127.0.0.1:{server.server_address[1]}"
        return server

    def _build(self) -> None:
        cluster, engine = self.cluster, self.cluster.engine
        cluster.store.listen(self._serve_definitions)
        for controller in (
            Deployments(cluster), ReplicaSets(cluster), DaemonSets(cluster), StatefulSets(cluster),
            Volumes(cluster), Scheduler(cluster), self._kubelets, ServiceEndpoints(cluster), self._nodes,
            Jobs(cluster), self._cron_jobs, DisruptionBudgets(cluster), Quotas(cluster), Autoscalers(cluster),
            GarbageCollector(cluster),
        ):  # fmt: skip
            engine.add(controller)
        cluster.clock.travel(datetime.now(UTC) - _FOUNDED)
        system.build(cluster)
        world_nodes.build(cluster, self.options.nodes)
        platform.build(cluster)
        engine.settle(1.0)
        shop.build(cluster, self.options.nodes)
        maintenance.build(cluster, self._cron_jobs)
        self._fill()
        cluster.clock.travel(datetime.now(UTC))
        cluster.events.forget_old()
        cluster.store.compact()

    def _fill(self) -> None:
        missing = self.options.pods - len(self.cluster.store.all("pods"))
        if missing > 0:
            self.cluster.clock.travel(datetime.now(UTC) - _FILLED)
            filler.build(self.cluster, missing)

    def _serve_definitions(self, resource: str, change: Change) -> None:
        if resource == _DEFINITIONS:
            if change.type == "DELETED":
                self.cluster.registry.withdraw(change.record.obj)
            else:
                self.cluster.registry.define(change.record.obj)

    def _look_again(self) -> None:
        """Wake what waits for real time: schedules and autoscalers."""
        for resource, controller in (
            ("cronjobs.batch", "cronjob-controller"),
            ("horizontalpodautoscalers.autoscaling", "horizontal-pod-autoscaler"),
        ):
            for obj in self.cluster.store.all(resource):
                self.cluster.engine.enqueue(
                    controller, (obj["metadata"]["namespace"], obj["metadata"]["name"])
                )

    def _forget_old_events(self) -> None:
        self.cluster.events.forget_old()
        self.cluster.engine.after(_FORGET_SECONDS, self._forget_old_events, "forget old events")


@contextmanager
def running(options: Options) -> Iterator[Simulation]:
    """A simulated cluster for the length of a block."""
    simulation = Simulation(options)
    simulation.start()
    try:
        yield simulation
    finally:
        simulation.stop()
