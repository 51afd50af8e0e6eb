"""The API over HTTP/1.1, with TLS: one thread a connection, chunked answers for watches."""

import logging
import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.api import Api, told_error
from clusters.simulator.apiserver.requests import Answer, Request
from clusters.simulator.control import Control

_log = logging.getLogger(__name__)
_MOST_BODY = 3 * 1024 * 1024  # as the API server's own limit
_DISCARDED_AT_ONCE = 64 * 1024
_IDLE_SECONDS = 300


class Server(ThreadingHTTPServer):
    """Listens on loopback and answers with an `Api`, and with a `Control` under /_sim."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, api: Api, control: Control, context: ssl.SSLContext | None) -> None:
        self.api = api
        self.control = control
        self._context = context
        super().__init__(("127.0.0.1", port), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection; the handshake is done here, in the connection's own thread."""
        request.settimeout(_IDLE_SECONDS)
        if self._context is not None:
            try:
                request = self._context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError) as refused:
                _log.debug("no TLS with %s: %s", client_address, refused)
                return
        super().finish_request(request, client_address)
        if self._context is not None:
            self._goodbye(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 -- the base class calls it so
        """A broken connection is the client's business; anything else is ours."""
        _log.debug("connection of %s ended", client_address, exc_info=True)

    @staticmethod
    def _goodbye(request: ssl.SSLSocket) -> None:
        # The base class closes only the socket that it accepted, which wrapping has emptied.
        try:
            request.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("the peer was gone first")
        request.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    def _serve(self) -> None:
        server = cast("Server", self.server)
        try:
            request = self._request()
            if request.path.startswith("/_sim/"):
                made = server.control.handle(request)
            else:
                made = server.api.handle(request)
        except statuses.ApiError as error:
            made = told_error(error)
        except (BrokenPipeError, ConnectionError):
            raise
        except Exception:  # noqa: BLE001 -- whatever it is, the client gets a Status and the server goes on
            _log.exception("%s %s failed", self.command, self.path)
            made = told_error(statuses.ApiError(500, "InternalError", "Internal error occurred", details={}))
        self._send(made)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 -- names that http.server asks for

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        query: dict[str, str] = {}
        for key, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(key, value)
        headers = {key.lower(): value for key, value in self.headers.items()}
        return Request(self.command, unquote(parts.path), query, headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            chunks: list[bytes] = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        length = int(headers.get("content-length") or 0)
        if length > _MOST_BODY:
            while length > 0:  # read on, so that the client is there for the answer
                length -= len(self.rfile.read(min(_DISCARDED_AT_ONCE, length))) or length
            raise statuses.too_large(_MOST_BODY)
        return self.rfile.read(length)

    def _send(self, made: Answer) -> None:
        self.send_response(made.code)
        self.send_header("Content-Type", made.content_type)
        self.send_header("Cache-Control", "no-cache, private")
        for name, value in made.headers.items():
            self.send_header(name, value)
        if made.stream is None:
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(made.body)
            self.wfile.flush()
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for chunk in made.stream:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class calls it so
        _log.debug(format, *args)
