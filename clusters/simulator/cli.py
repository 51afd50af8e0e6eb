"""The command line of the simulated cluster."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from clusters.simulator.scenarios import SCENARIOS
from clusters.simulator.simulation import Options, Simulation


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clusters.simulator", description=(
        "A Kubernetes API over real HTTP on 127.0.0.1, with workloads that live and scenarios that break. "
        "Prints a kubeconfig."))  # fmt: skip
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 takes a free one (default)")
    parser.add_argument("--nodes", type=int, default=5, metavar="N", help="nodes (default 5)")
    parser.add_argument("--pods", type=int, default=0, metavar="N",
                        help="pods in all; filler workloads make up what the shop's don't (default: only the shop's)")  # fmt: skip
    parser.add_argument("--scenario", action="append", default=[], choices=sorted(SCENARIOS), metavar="NAME",
                        help=f"a scenario to start with, repeatable: {', '.join(sorted(SCENARIOS))}")  # fmt: skip
    parser.add_argument("--token", action="append", default=[], metavar="TOKEN[=USER]",
                        help="a bearer token: alone for an administrator, with a user's name for what roles allow that user")  # fmt: skip
    parser.add_argument(
        "--kubeconfig-out", type=Path, metavar="FILE", help="write the kubeconfig there as well"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="makes names, uids and figures repeatable (default 1)"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="divides every delay (default 1)")
    parser.add_argument("--name", default="simulated", help="the cluster's name in the kubeconfig")
    parser.add_argument(
        "--kubernetes-version", default="1.35.4", metavar="VERSION", help="what /version tells"
    )
    parser.add_argument("--history", type=int, default=20_000, metavar="N",
                        help="changes kept of each kind; older versions answer 410 (default 20000)")  # fmt: skip
    parser.add_argument(
        "--bookmark-seconds", type=float, default=60.0, help="between bookmarks of a watch (default 60)"
    )
    parser.add_argument("--http", action="store_true", help="without TLS (kubectl then sends no token)")
    parser.add_argument("--verbose", action="store_true", help="log requests to stderr")
    return parser


def _options(given: argparse.Namespace) -> Options:
    tokens = dict(entry.partition("=")[::2] for entry in given.token)
    return Options(
        port=given.port, nodes=given.nodes, pods=given.pods, seed=given.seed, speed=given.speed, name=given.name,
        version=given.kubernetes_version, window=given.history, bookmark_seconds=given.bookmark_seconds,
        tls=not given.http, tokens=tokens, scenarios=tuple(given.scenario),
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until interrupted; 0 then, 2 for bad input."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if given.verbose else logging.WARNING, stream=sys.stderr)
    if given.nodes < 1 or given.pods < 0 or given.speed <= 0 or given.history < 1:
        sys.stderr.write("simulator: --nodes, --speed and --history must be positive, --pods not negative\n")
        return 2
    try:
        simulation = Simulation(_options(given))
    except OSError as refused:
        sys.stderr.write(f"simulator: can't listen on port {given.port}: {refused.strerror}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    simulation.start()
    text = simulation.kubeconfig()
    if given.kubeconfig_out:
        given.kubeconfig_out.touch(mode=0o600)
        given.kubeconfig_out.write_text(text)
    sys.stdout.write(text)
    sys.stdout.flush()
    ended.wait()
    simulation.stop()
    return 0
