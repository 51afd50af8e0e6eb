"""The command line of the agent: `run` and `preview`. Exit 0, 1 for a failure, 2 for bad input with one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clusters.agent import logs
from clusters.agent.cluster_api import BadConfiguration
from clusters.agent.delta_queue import DEFAULT_BOUND
from clusters.agent.options import Options, load_marker_key

MEBIBYTE = 1024 * 1024


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse promises never to return
        """One line; the usage is for --help."""
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(prog="python -m clusters.agent", description="Watches a Kubernetes cluster for SRExpert.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)
    run = commands.add_parser("run", help="watch the cluster and send what the projection allows")
    _add_shared(run)
    run.add_argument(
        "--server", required=True, metavar="URL", help="base URL of SRExpert; https unless loopback"
    )
    run.add_argument(
        "--token-file", required=True, type=Path, metavar="F", help="file with the agent's token"
    )
    run.add_argument("--once", action="store_true", help="one complete sync, then exit")
    run.add_argument("--ca-file", metavar="F", help="authorities for the server's certificate, PEM")
    run.add_argument(
        "--health-port",
        type=int,
        default=8686,
        metavar="N",
        help="port of /healthz and /metrics (8686; 0: any)",
    )
    run.add_argument(
        "--health-host", default="127.0.0.1", metavar="IP", help="address of that port (127.0.0.1)"
    )
    run.add_argument(
        "--leader-elect", action="store_true", help="let one of several replicas send; always on in a cluster"
    )
    run.add_argument(
        "--lease-namespace",
        default="srexpert-agent",
        metavar="NS",
        help="namespace of the Lease outside a cluster",
    )
    run.add_argument(
        "--queue-mib",
        type=int,
        default=DEFAULT_BOUND // MEBIBYTE,
        metavar="N",
        help="bound of unsent changes (32)",
    )
    show = commands.add_parser("preview", help="print what would leave the cluster, as JSON lines")
    _add_shared(show)
    return top


def _add_shared(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--kubeconfig",
        metavar="F",
        help="the cluster to watch (else the pod's service account, else the default)",
    )
    command.add_argument("--marker-key-file", type=Path, metavar="F", help="file with the key of the markers")
    command.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        help="folder where a marker key is made and kept without that file",
    )
    command.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = parser().parse_args(arguments)
    logs.set_up(given.log_level)
    try:
        return _preview(given) if given.command == "preview" else _run(given)
    except BadConfiguration as error:
        print(f"python -m clusters.agent: {error}", file=sys.stderr)  # noqa: T201 -- the command's own answer
        return 2


def _preview(given: argparse.Namespace) -> int:
    from clusters.agent.preview import preview  # noqa: PLC0415 -- slow import

    key = load_marker_key(given.marker_key_file, given.state_dir)
    try:
        code = preview(given.kubeconfig, key, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:
        # `preview | head` is how people look; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(given: argparse.Namespace) -> int:
    from clusters.agent.runner import Agent  # noqa: PLC0415 -- slow import

    agent = Agent(
        Options(
            server=given.server,
            token_file=given.token_file,
            kubeconfig=given.kubeconfig,
            once=given.once,
            ca_file=given.ca_file,
            marker_key_file=given.marker_key_file,
            state_dir=given.state_dir,
            health_host=given.health_host,
            health_port=given.health_port,
            leader_elect=given.leader_elect,
            lease_namespace=given.lease_namespace,
            queue_bytes=given.queue_mib * MEBIBYTE,
        )
    )
    agent.handle_signals()
    return agent.run()
