"""The web process: granian with worker processes that die with their parent, over TLS when a certificate is given."""

import argparse
import multiprocessing
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from srexpert.embedded.process import bind_to_parent

# Open pages and agents keep connections that are idle most of the time; requests wait for threads, not for these.
CONNECTIONS = 4096


def main(argv: list[str]) -> int:
    """Serve `srexpert.wsgi:application` until SIGTERM; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m srexpert.embedded.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=16, help="requests that a worker answers at a time")
    parser.add_argument("--certificate", type=Path, help="a PEM file; with --key it serves TLS 1.2 and newer")
    parser.add_argument("--key", type=Path)
    options = parser.parse_args(argv)
    server = Server(
        "srexpert.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=5_000, keep_alive=True),
        log_level=LogLevels.error,  # it would say at each start that these are many threads
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        ssl_cert=options.certificate,
        ssl_key=options.key,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    server.serve(target_loader=_worker_loader)
    return 0


def _worker_loader(target: str) -> Callable[..., object]:
    """Runs in each worker before it serves: one that outlived its parent would keep the port."""
    parent = multiprocessing.parent_process()
    bind_to_parent(parent=parent.pid if parent else None)
    module, _, name = target.partition(":")
    application: Callable[..., object] = getattr(import_module(module), name)
    return application


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
