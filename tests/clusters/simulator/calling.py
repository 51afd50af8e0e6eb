"""Calls a simulated cluster over HTTP, and waits for what its controllers bring about."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from clusters.simulator.simulation import Simulation

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
WAIT_SECONDS = 20.0
T = TypeVar("T")


def eventually(look: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
    """The first truthy result; fails with the last one if none comes in time."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"still {found!r} after {seconds} s"
        time.sleep(0.05)


class Caller:
    """One token at one cluster."""

    def __init__(self, simulation: Simulation, token: str | None = None) -> None:
        context = ssl.create_default_context(cadata=simulation.authority.decode())
        token = simulation.admin_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=simulation.url, headers=headers, verify=context, timeout=30)

    def request(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **query: Any
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        return self.http.request(
            method, path, content=content, headers={"Content-Type": kind}, params=query or None
        )

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.request("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, path: str, body: Any, **query: Any) -> dict[str, Any]:
        answer = self.request("POST", path, body, **query)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, path: str, body: Any, kind: str = MERGE, **query: Any) -> dict[str, Any]:
        answer = self.request("PATCH", path, body, kind, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def delete(self, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        answer = self.request("DELETE", path, body, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return self.get(path, **query)["items"]

    @contextmanager
    def watch(self, path: str, **query: Any) -> Iterator[Iterator[dict[str, Any]]]:
        """The events of a watch, one by one."""
        with self.http.stream("GET", path, params={"watch": "1", **query}) as answer:
            assert answer.status_code == 200, answer.read()
            yield (json.loads(line) for line in answer.iter_lines())


def named(objects: list[dict[str, Any]]) -> list[str]:
    return [obj["metadata"]["name"] for obj in objects]


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(
    name: str, image: str = "registry.northwind.example/test/web:1.0", replicas: int = 2
) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
    }
