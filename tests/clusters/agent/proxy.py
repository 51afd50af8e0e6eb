"""Stands between the agent and an API server: records each request, and answers some of them with a fault."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3

from tests.clusters.real_kubernetes import Admin


@dataclass
class Request:
    """One request as the API server would see it."""

    method: str
    path: str
    query: dict[str, str]

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch") == "1"


@dataclass
class Rule:
    """The next `times` requests that match get this answer; `cut`: the answer breaks off after so many bytes."""

    matches: Callable[[Request], bool]
    status: int = 0
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    cut: int | None = None


class Proxy:
    """Plain HTTP on loopback in front; the administrator's credentials behind."""

    def __init__(self, admin: Admin, folder: Path) -> None:
        self.requests: list[Request] = []
        self.rules: list[Rule] = []
        self.watches: list[urllib3.BaseHTTPResponse] = []
        self.lock = threading.Lock()
        self.admin = admin
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._http.daemon_threads = True
        self.kubeconfig = folder / "proxy.kubeconfig"
        self.kubeconfig.write_text(json.dumps(_kubeconfig(self._http.server_address[1])))
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.cut_watches()

    def cut_watches(self) -> None:
        """Break off every open watch, as a failing load balancer does."""
        with self.lock:
            watches, self.watches = self.watches, []
        for watch in watches:
            with suppress(ValueError, OSError):  # ended meanwhile
                watch.shutdown()

    def asked(self, path: str, *, watch: bool) -> list[Request]:
        return [asked for asked in self.requests if asked.path == path and asked.is_watch == watch]

    def rule_for(self, request: Request) -> Rule | None:
        with self.lock:
            for rule in self.rules:
                if rule.times > 0 and rule.matches(request):
                    rule.times -= 1
                    return rule
        return None


def _kubeconfig(port: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "nobody"}}],
        "users": [{"name": "nobody", "user": {}}],
    }


class _Handler(BaseHTTPRequestHandler):
    """Made anew for each proxy, which its subclass names."""

    proxy: Proxy

    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = Request("GET", parts.path, query)
        self.proxy.requests.append(request)
        rule = self.proxy.rule_for(request)
        if rule is not None and rule.status:
            self._refuse(rule)
            return
        self._forward(request, None if rule is None else rule.cut)

    def _refuse(self, rule: Rule) -> None:
        status = {"kind": "Status", "code": rule.status, "reason": rule.reason, "message": rule.reason}
        body = json.dumps(status).encode()
        self.send_response(rule.status)
        for name, value in (rule.headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _forward(self, request: Request, cut: int | None) -> None:
        admin = self.proxy.admin
        headers = {"Accept": "application/json"}
        token = admin.configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
        if token:
            headers["Authorization"] = token
        answer = admin.api_client.rest_client.pool_manager.request(
            "GET",
            admin.configuration.host + self.path,
            headers=headers,
            preload_content=False,
            retries=False,
        )
        if request.is_watch:
            with self.proxy.lock:
                self.proxy.watches.append(answer)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._stream(answer, cut)
        except (OSError, urllib3.exceptions.HTTPError):
            self.close_connection = True
        finally:
            answer.close()

    def _stream(self, answer: urllib3.BaseHTTPResponse, cut: int | None) -> None:
        sent = 0
        for chunk in answer.stream(16 * 1024):
            part = chunk if cut is None else chunk[: cut - sent]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            sent += len(part)
            if cut is not None and sent >= cut:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    log_message = staticmethod(lambda *_: None)  # type: ignore[assignment]
