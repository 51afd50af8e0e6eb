"""The processes of a deployment on one machine, in the order in which they start."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from srexpert.embedded import endpoints, state
from srexpert.embedded.supervisor import Program


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `up` was told."""

    host: str
    port: int
    demo: bool
    certificate: Path | None
    key: Path | None

    @property
    def origin(self) -> str:
        """Where a browser on this machine finds us."""
        return f"{'https' if self.certificate else 'http'}://localhost:{self.port}"


def deployment_environment(options: Options) -> None:
    """Tell every process of this deployment, through our environment, what `up` knows."""
    os.environ.setdefault("SREXPERT_PUBLIC_URL", options.origin)
    os.environ.setdefault("SREXPERT_STATIC_ROOT", str(state.state_dir() / "static"))


def mailbox() -> Program:
    """The mailbox that takes what the deployment sends when there is no real mail server."""
    endpoints.keep_or_move_port("mailbox")
    return Program(name="mailbox", command=_module("srexpert.embedded.mailbox"))


def web(options: Options) -> Program:
    """The web server."""
    tls = (
        ["--certificate", str(options.certificate), "--key", str(options.key)] if options.certificate else []
    )
    return Program(
        name="web",
        command=[
            *_module("srexpert.embedded.web"),
            "--host",
            options.host,
            "--port",
            str(options.port),
            *tls,
        ],
        environment={"SREXPERT_PROCESS": "web"},
    )


def worker() -> Program:
    """The Celery worker; its own children die with it."""
    return Program(
        name="worker",
        command=[
            *_module("celery"),
            "--quiet",
            "--app=srexpert",
            "worker",
            "--loglevel=WARNING",
            "--without-mingle",
            "--without-gossip",
        ],
        environment={
            "SREXPERT_PROCESS": "worker",
            # Only pickled tasks would make that dangerous, and ours are JSON.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        },
    )


def scheduler() -> Program:
    """The Celery beat, whose memory of last runs lies in the state; a broken one is made anew."""
    schedule = state.subdirectory("run") / "beat-schedule"
    return Program(
        name="scheduler",
        command=[
            *_module("celery"),
            "--quiet",
            "--app=srexpert",
            "beat",
            "--loglevel=WARNING",
            f"--schedule={schedule}",
            "--pidfile=",
        ],
        environment={"SREXPERT_PROCESS": "scheduler"},
    )


def simulator() -> Program:
    """The simulated cluster of the demo, which writes how to reach it to `demo/kubeconfig`."""
    port = endpoints.keep_or_move_port("simulator")
    kubeconfig = demo_file("kubeconfig")
    kubeconfig.unlink(missing_ok=True)  # an earlier one names an authority that is gone
    return Program(
        name="simulator",
        command=[*_module("clusters.simulator"), "--port", str(port), "--kubeconfig-out", str(kubeconfig)],
        errors_only=True,  # it prints the kubeconfig, which has a token
    )


def agent(options: Options) -> Program:
    """The agent of the demo, which watches the simulated cluster as it would watch a real one."""
    health_port = endpoints.keep_or_move_port("agent")
    authority = ["--ca-file", str(options.certificate)] if options.certificate else []
    return Program(
        name="agent",
        command=[*_module("clusters.agent"), "run", "--server", options.origin,
                 "--token-file", str(demo_file("agent.token")), "--kubeconfig", str(demo_file("kubeconfig")),
                 "--state-dir", str(state.subdirectory("agent")), "--health-port", str(health_port), *authority],
    )  # fmt: skip


def demo_file(name: str) -> Path:
    """A file of the demo, which the command `demo`, the simulator or the agent writes or reads."""
    return state.subdirectory("demo") / name


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
