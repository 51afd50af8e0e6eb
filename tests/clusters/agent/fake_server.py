"""A small SRExpert server over real HTTP: the wire's rules about sessions, sequences and manifests, in memory."""

import json
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import zstandard

from clusters.wire import messages
from clusters.wire.messages import Delta, Enrolled, Manifest, Synced

TOKEN = "agent-token-for-tests"


@dataclass(frozen=True)
class Fault:
    """What the next request gets instead of an answer. `drop_answer`: it is done, and the line goes dead."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop_answer: bool = False


class FakeServer:
    """Keeps what agents sent; `objects` is (resource, uid) → JSON bytes."""

    def __init__(self, *, port: int = 0, certificate: tuple[Path, Path] | None = None) -> None:
        self.token = TOKEN
        self.heartbeat_seconds = 1
        self.objects: dict[tuple[str, str], bytes] = {}
        self.hashes: dict[tuple[str, str], str] = {}
        self.enrolments: list[messages.Enrolment] = []
        self.heartbeats: list[messages.Heartbeat] = []
        self.manifests: list[Manifest] = []
        self.deltas: list[Delta] = []
        self.bodies: list[bytes] = []
        self.requests: Counter[str] = Counter()
        self.repeats = 0
        self.resync: list[str] = []
        self.faults: list[Fault] = []
        self.refuse: Callable[[Delta], int] = lambda _delta: 0
        self.session = ""
        self.expected = 1
        self.complete: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._certificate = certificate
        self._start(port)

    def _start(self, port: int) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self.away = False
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    def go_away(self) -> None:
        """Stop listening and answer nobody; state stays."""
        self.away = True
        self._http.shutdown()
        self._http.server_close()

    def come_back(self) -> None:
        """Listen again on the same port."""
        self._start(self.port)

    def close(self) -> None:
        if not self.away:
            self.go_away()

    def names(self, resource: str) -> set[str]:
        """Names of the objects held of a resource."""
        return {
            json.loads(raw)["metadata"]["name"]
            for (held, _), raw in list(self.objects.items())
            if held == resource
        }

    def answer(self, endpoint: str, body: bytes) -> tuple[int, object]:
        """The answer to one authorized request: status and message."""
        with self._lock:
            self.bodies.append(body)
            return getattr(self, f"_{endpoint}")(body)

    def _enrol(self, body: bytes) -> tuple[int, object]:
        self.enrolments.append(messages.decode_enrolment(body))
        self.session, self.expected, self._named, self.complete = str(uuid.uuid4()), 1, {}, set()
        return 200, Enrolled(
            session=self.session,
            cluster=str(uuid.uuid4()),
            sequence=1,
            heartbeat_seconds=self.heartbeat_seconds,
        )

    def _sync(self, body: bytes) -> tuple[int, object]:
        message = messages.decode_sync(body)
        if message.session != self.session:
            return 409, messages.Problem(error="session")
        if message.sequence > self.expected:
            return 409, messages.Problem(error="gap", expected=self.expected)
        if message.sequence < self.expected:
            self.repeats += 1
            want = self._differing(message) if isinstance(message, Manifest) else []
            return 200, Synced(sequence=message.sequence + 1, applied=False, want=want)
        if isinstance(message, Delta):
            refused = self.refuse(message)
            if refused:
                return refused, messages.Problem(error="field", field="upserts[0].object")
            self._apply(message)
            want: list[str] = []
        else:
            want = self._compare(message)
        self.expected += 1
        return 200, Synced(sequence=self.expected, applied=True, want=want)

    def _apply(self, delta: Delta) -> None:
        self.deltas.append(delta)
        self.complete |= set(delta.completes)
        for item in delta.upserts:
            self.objects[item.resource, item.uid] = bytes(item.object)
            self.hashes[item.resource, item.uid] = item.hash or ""
        for gone in delta.deletes:
            self.objects.pop((gone.resource, gone.uid), None)
            self.hashes.pop((gone.resource, gone.uid), None)

    def _compare(self, manifest: Manifest) -> list[str]:
        self.manifests.append(manifest)
        if manifest.part == 0:
            self._named[manifest.resource] = set()
        named = self._named[manifest.resource]
        named |= {uid for uid, _ in manifest.pairs}
        if manifest.last:
            for resource, uid in list(self.objects):
                if resource == manifest.resource and uid not in named:
                    del self.objects[resource, uid], self.hashes[resource, uid]
        want = self._differing(manifest)
        if manifest.last and manifest.part == 0 and not want:
            self.complete.add(manifest.resource)
        return want

    def _differing(self, manifest: Manifest) -> list[str]:
        return [uid for uid, digest in manifest.pairs if self.hashes.get((manifest.resource, uid)) != digest]

    def _heartbeat(self, body: bytes) -> tuple[int, object]:
        heartbeat = messages.decode_heartbeat(body)
        if heartbeat.session != self.session:
            return 409, messages.Problem(error="session")
        self.heartbeats.append(heartbeat)
        resync, self.resync = self.resync, []
        return 200, messages.Acknowledged(resync=resync, heartbeat_seconds=self.heartbeat_seconds)


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        wbufsize = 64 * 1024  # one packet for headers and body, else each answer waits for a delayed ACK

        def do_POST(self) -> None:
            packed = self.rfile.read(int(self.headers["Content-Length"]))
            if server.away:
                # A kept connection of a server that is away is as dead as its port.
                self._hang_up()
                return
            endpoint = self.path.removeprefix("/api/agent/v1/")
            server.requests[endpoint] += 1
            fault = server.faults.pop(0) if server.faults and endpoint == "sync" else None
            if fault and not fault.drop_answer:
                self._send(fault.status, fault.body, fault.headers)
                return
            if self.headers["Authorization"] != f"Bearer {server.token}":
                self._send(401, b'{"error":"token"}', {})
                return
            assert self.headers["Content-Encoding"] == "zstd"
            status, message = server.answer(
                endpoint, zstandard.ZstdDecompressor().decompress(packed, 64 << 20)
            )
            if fault:
                self._hang_up()
                return
            self._send(status, msgspec.json.encode(message), {})

        def _hang_up(self) -> None:
            self.close_connection = True
            self.connection.close()

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        log_message = staticmethod(lambda *_: None)  # type: ignore[assignment]

    return Handler
