"""/healthz and /metrics on a port of their own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from clusters.agent.cluster_api import BadConfiguration


class HealthServer:
    """Serves until `close`. `port` is the one bound, also when 0 was asked for."""

    def __init__(
        self, host: str, port: int, *, healthy: Callable[[], bool], registry: CollectorRegistry
    ) -> None:
        try:
            self._server = _server_class(host)((host, port), _handler(healthy, registry))
        except (OSError, OverflowError) as error:
            raise BadConfiguration(
                f"--health-port {port}: {getattr(error, 'strerror', None) or error}"
            ) from None
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _ServerV6(_Server):
    address_family = socket.AF_INET6


def _server_class(host: str) -> type[_Server]:
    return _ServerV6 if ":" in host else _Server


def _handler(healthy: Callable[[], bool], registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                well = healthy()
                self._answer(
                    200 if well else 503, b"ok\n" if well else b"stopped\n", "text/plain; charset=utf-8"
                )
            elif self.path == "/metrics":
                self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
            else:
                self._answer(404, b"not found\n", "text/plain; charset=utf-8")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            """Probes every few seconds would be all that the log shows."""

    return Handler
