"""An SRExpert server and agents against it, over real HTTP."""

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clusters.agent.options import Options
from clusters.agent.runner import Agent
from tests.clusters.agent.fake_server import TOKEN, FakeServer
from tests.clusters.agent.manifests import namespace
from tests.clusters.agent.waiting import until
from tests.clusters.real_kubernetes import Admin, Kubernetes, real_kubernetes
from tests.clusters.simulated_kubernetes import simulated_kubernetes

__all__ = ["real_kubernetes", "simulated_kubernetes"]

_numbers = itertools.count(1)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.close()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    return file


@pytest.fixture(
    params=["simulated_kubernetes", pytest.param("real_kubernetes", marks=pytest.mark.real_kubernetes)]
)
def cluster(request: pytest.FixtureRequest) -> Kubernetes:
    """An API server: the real one and the simulated one behave alike, so that the same tests hold for both."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def admin(cluster: Kubernetes) -> Admin:
    return cluster.admin()


@pytest.fixture
def space(admin: Admin) -> Iterator[str]:
    """A namespace of the test's own. There is no controller to empty it, so its pods and deployments go first."""
    name = f"agent-test-{next(_numbers)}"
    admin.create("/api/v1/namespaces", namespace(name))
    yield name
    for path in (f"/api/v1/namespaces/{name}/pods", f"/apis/apps/v1/namespaces/{name}/deployments"):
        admin.delete(f"{path}?gracePeriodSeconds=0")


StartAgent = Callable[..., "RunningAgent"]


class RunningAgent:
    """An agent in threads of this process."""

    def __init__(self, options: Options) -> None:
        self.agent = Agent(options)
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.code = self.agent.run()

    def metric(self, name: str, **labels: str) -> float:
        return self.agent.metrics.registry.get_sample_value(f"srexpert_agent_{name}", labels) or 0.0

    def stop(self) -> int | None:
        self.agent.stop()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        return self.code


@pytest.fixture
def make_options(server: FakeServer, token_file: Path, tmp_path: Path) -> Callable[..., Options]:
    """Options with scaled intervals."""

    def make(kubeconfig: Path, **changes: Any) -> Options:
        given: dict[str, Any] = {
            "server": server.url,
            "token_file": token_file,
            "kubeconfig": str(kubeconfig),
            "state_dir": tmp_path / "state",
            "health_port": 0,
            "flush_seconds": 0.05,
            "recheck_seconds": 1.0,
            "first_retry_seconds": 0.05,
            "longest_retry_seconds": 0.4,
            "give_up_seconds": 3.0,
            "watch_seconds": 30,
        }
        return Options(**(given | changes))

    return make


@pytest.fixture
def start(make_options: Callable[..., Options]) -> Iterator[StartAgent]:
    """Starts agents; those that still run at the end are stopped."""
    started: list[RunningAgent] = []

    def begin(kubeconfig: Path, **changes: Any) -> RunningAgent:
        agent = RunningAgent(make_options(kubeconfig, **changes))
        started.append(agent)
        return agent

    yield begin
    for agent in started:
        agent.stop()


@pytest.fixture
def synced(server: FakeServer) -> Callable[[], None]:
    """Waits until every kind that is served was listed and sent in the present session."""

    def wait() -> None:
        def done() -> bool:
            return bool(server.enrolments) and server.complete >= watched(server)

        until(done)

    return wait


def watched(server: FakeServer) -> set[str]:
    """The kinds that the last enrolment called watched."""
    return {kind.resource for kind in server.enrolments[-1].kinds if kind.status == "watched"}
