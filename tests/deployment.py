"""A deployment as real processes, on a database and a broker of the test's choice, for walks and fault tests.

Every process is a session of its own, is ended by its own pid, dies with the test process, and writes to a
log of its own, whose end is shown when a test fails.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import redis

from srexpert.embedded import binaries
from srexpert.embedded.state import free_port
from tests import database
from tests.clusters.real_kubernetes import Admin

BOUND_SECONDS = 60.0
_LOG_LINES = 25
_running: list["Deployment"] = []


def until(
    condition: Callable[[], Any], what: str, *, seconds: float = BOUND_SECONDS, every: float = 0.1
) -> Any:
    """What the condition gives once that is true; fails with `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(every)
    return found


class Child:
    """A process of the deployment; killed and started again at will."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self._command, self._environment = command, environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Child":
        """From the main thread: the kernel ties the child's end to the thread that started it."""
        # `setpriv` and not a function between fork and exec, since the test process has threads.
        bound = (
            [shutil.which("setpriv") or "setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        )
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*bound, *self._command],
                cwd=database.ROOT, env=self._environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        return self

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[int]:
        """The processes that it forked itself."""
        found: list[int] = []
        with suppress(OSError):
            for task in Path(f"/proc/{self.pid}/task").iterdir():
                found += [int(pid) for pid in (task / "children").read_text().split()]
        return found

    def signal(self, number: signal.Signals) -> None:
        """To the whole process group, which is ours alone until we have reaped it."""
        if self.lives:
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """SIGKILL at once, to the process and its own children."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self.process.wait(timeout=10)

    def stop(self) -> None:
        """As a service manager stops it: SIGTERM, then SIGKILL."""
        if self.lives and self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=8)
        self.kill()


class Broker:
    """A Valkey of the test's own on loopback, that can be emptied and taken away."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = [
            str(binaries.valkey_server()), "--bind", "127.0.0.1", "--port", str(self.port),
            "--save", "", "--appendonly", "no", "--dir", str(folder),
        ]  # fmt: skip
        self.child = Child("valkey", command, dict(os.environ), folder / "valkey.log")

    def start(self) -> "Broker":
        self.child.start()
        until(self._answers, "the broker's start")
        return self

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis(port=self.port) as client:
            return bool(client.ping())
        return False

    def empty(self) -> None:
        """Everything in it is gone."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def stop(self) -> None:
        self.child.kill()


class Simulated:
    """A simulated cluster by its kubeconfig, with its own doors for scenarios."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self.admin = Admin(kubeconfig)

    def start(self, scenario: str) -> None:
        self.admin.request("POST", f"/_sim/scenarios/{scenario}/start")

    def heal(self, scenario: str) -> None:
        self.admin.request("POST", f"/_sim/scenarios/{scenario}/heal")


def database_url(alias: str) -> str:
    """The address of this process's test database for one of the two roles."""
    from django.conf import settings

    given = settings.DATABASES[alias]
    host, port = given["HOST"] or given["OPTIONS"].get("host", ""), given["PORT"]
    login = f"{quote(given['USER'], safe='')}:{quote(given['PASSWORD'] or '', safe='')}"
    place = f"&port={port}" if port else ""
    return f"postgresql://{login}@/{given['NAME']}?host={quote(str(host), safe='/')}{place}"


@dataclass
class Deployment:
    """The processes of one deployment; `environment` is what all of them get on top of ours."""

    folder: Path
    broker: Broker
    environment: dict[str, str] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.queue = f"test-{os.getpid()}-{self.port}"

    def child(self, name: str, command: list[str], **environment: str) -> Child:
        """Start a process under a name, with its own additions to the environment."""
        given = {
            **os.environ,
            "BROKER_URL": self.broker.url,
            "SREXPERT_PUBLIC_URL": self.url,
            "SREXPERT_QUEUE": self.queue,
            "SREXPERT_WORKERS": "2",
            "PYTHONWARNINGS": "ignore",
            **self.environment,
            **environment,
        }
        made = Child(name, command, given, self.folder / f"{name}.log")
        self.children.append(made)
        return made.start()

    def web(self, *, workers: int = 1) -> Child:
        """The web process as in production, ready to answer."""
        command = [*_module("srexpert.embedded.web"), "--port", str(self.port), "--threads", "8"]
        web = self.child("web", [*command, "--workers", str(workers)], SREXPERT_PROCESS="web")
        self.wait_for_web(web)
        return web

    def wait_for_web(self, web: Child) -> None:
        """Wait until it answers; fail when it ends instead."""

        def answers() -> bool:
            assert web.lives, "the web process ended"
            return self.is_up()

        until(answers, "the web's start")

    def is_up(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", trust_env=False, timeout=5).status_code == 200
        return False

    def worker(self, name: str = "worker", **environment: str) -> Child:
        """A Celery worker on the deployment's own queue."""
        command = [
            *_module("celery"), "--quiet", "--app=srexpert", "worker", "--loglevel=WARNING",
            "--without-mingle", "--without-gossip", f"--hostname={name}@test",
        ]  # fmt: skip
        return self.child(name, command, SREXPERT_PROCESS="worker", **environment)

    def scheduler(self, name: str = "scheduler") -> Child:
        """A Celery beat with a memory of its own."""
        command = [
            *_module("celery"), "--quiet", "--app=srexpert", "beat", "--loglevel=WARNING",
            f"--schedule={self.folder / name}.schedule", "--pidfile=",
        ]  # fmt: skip
        return self.child(name, command, SREXPERT_PROCESS="scheduler")

    def agent(self, name: str, *, token: str, kubeconfig: Path, server: str = "") -> Child:
        """An agent with a token, against the Kubernetes API of a kubeconfig."""
        token_file = self.folder / f"{name}.token"
        token_file.touch(mode=0o600)
        token_file.write_text(token)
        command = [
            *_module("clusters.agent"), "run", "--server", server or self.url, "--token-file", str(token_file),
            "--kubeconfig", str(kubeconfig), "--state-dir", str(self.folder), "--health-port", "0",
        ]  # fmt: skip
        return self.child(name, command)

    def simulator(self, name: str, *arguments: str) -> tuple[Child, "Simulated"]:
        """A simulated cluster, ready to answer, and the way to break and heal it."""
        kubeconfig = self.folder / f"{name}.kubeconfig"
        command = [*_module("clusters.simulator"), "--kubeconfig-out", str(kubeconfig), *arguments]
        child = self.child(name, command)

        def written() -> bool:
            assert child.lives, f"{name} ended"
            return kubeconfig.exists() and kubeconfig.read_bytes().endswith(b"\n")

        until(written, f"the start of {name}")
        return child, Simulated(kubeconfig)

    def stop(self) -> None:
        """End what was started, the latest first; what has not ended by then is killed."""
        for child in reversed(self.children):
            if child.lives and child.process is not None:
                child.process.send_signal(signal.SIGCONT)
                child.process.send_signal(signal.SIGTERM)
        for child in reversed(self.children):
            child.stop()

    def logs(self) -> Iterator[tuple[str, str]]:
        """The end of each process's log, for the report of a failed test."""
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            yield log.stem, "\n".join(lines[-_LOG_LINES:])


@contextmanager
def deployment(folder: Path, **environment: str) -> Iterator[Deployment]:
    """A deployment without processes yet; all of them end with the block.

    It is on this process's test database, unless the environment names another.
    """
    broker = Broker(folder)
    made = Deployment(folder, broker)
    made.environment = {
        "DATABASE_URL": database_url("default"),
        "DATABASE_OWNER_URL": database_url("owner"),
        "OUTBOX_SWEEP_SECONDS": "0.5",
        "OUTBOX_LEASE_SECONDS": "5",
        "OUTBOX_BACKOFF_SECONDS": "0.5",
        **environment,
    }
    broker.start()
    _running.append(made)
    try:
        yield made
    finally:
        try:
            made.stop()
            if "DATABASE_URL" not in environment:
                until(_nobody_connected, "the end of the processes' connections")
        finally:
            broker.stop()
            _running.remove(made)


def _nobody_connected() -> bool:
    """Whether PostgreSQL has noticed that the processes are gone; else the database could not be dropped."""
    with database.app_role() as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name"
            " IN ('srexpert-web', 'srexpert-worker', 'srexpert-scheduler')"
        ).fetchone()
    return found == (0,)


def show_logs(report: Any) -> None:
    """Add the ends of the processes' logs to the report of a test that failed."""
    if report.failed:
        for made in _running:
            report.sections += [(f"log of {name}", text) for name, text in made.logs()]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
