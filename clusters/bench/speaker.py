"""What the bench sends: generated objects, by an agent that has projected them beforehand."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
import zstandard

from clusters.agent.delta_queue import BATCH_OBJECTS
from clusters.wire import messages
from clusters.wire.projection import Projected, project

_RESOURCE = "pods"
_KEY = b"bench" * 7


def objects(count: int, version: str) -> list[Projected]:
    """Pods of about 1.7 KB each in 40 namespaces, as projected; the version stands in the image."""
    return [project(_RESOURCE, msgspec.json.encode(_pod(n, version)), marker_key=_KEY) for n in range(count)]


def _pod(number: int, version: str) -> dict[str, Any]:
    name = f"service-{number % 500}-7d9f8b6c5d-{number:05x}"
    condition = {"status": "True", "lastTransitionTime": "2026-11-24T09:00:10Z"}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 1}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": f"team-{number % 40}",
            "uid": str(uuid.UUID(int=number + 1)),
            "creationTimestamp": "2026-11-24T09:00:00Z",
            "labels": {"app": f"service-{number % 500}", "pod-template-hash": "7d9f8b6c5d", "tier": "backend"},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name[:-6], "uid": str(uuid.UUID(int=7)), "controller": True}
            ],
        },
        "spec": {
            "nodeName": f"n{number % 200}",
            "serviceAccountName": "default",
            "restartPolicy": "Always",
            "containers": [
                {
                    "name": "app",
                    "image": f"registry.example/team/service-{number % 500}:{version}",
                    "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "MODE", "value": "live"}],
                    "ports": [{"containerPort": 8080, "name": "http"}],
                    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                    "livenessProbe": probe,
                    "readinessProbe": probe,
                }
            ],
        },
        "status": {
            "phase": "Running",
            "podIP": f"10.1.{number % 250}.{number % 251}",
            "startTime": "2026-11-24T09:00:01Z",
            "conditions": [{"type": kind, **condition} for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")],
            "containerStatuses": [
                {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": "2026-11-24T09:00:05Z"}}}
            ],
        },
    }  # fmt: skip


class Speaker:
    """Speaks the wire over real HTTP, one request after the other, as an agent does."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Encoding": "zstd",
                "Content-Type": "application/json",
            },
            timeout=120,
            trust_env=False,
        )
        self._compressor = zstandard.ZstdCompressor(level=3)
        self._session = ""
        self._sequence = 0

    @staticmethod
    def wait_for(url: str, seconds: float = 30) -> None:
        """Waits until the server answers; raises TimeoutError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if httpx.get(url, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(f"{url} does not answer")

    def _post(self, call: str, body: bytes) -> dict[str, Any]:
        response = self._client.post(f"/api/agent/v1/{call}", content=body)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def _pack(self, message: Any) -> bytes:
        return self._compressor.compress(messages.encode(message))

    def enrol(self) -> None:
        """Opens a session that watches pods."""
        kind = messages.KindStatus(
            resource=_RESOURCE, group="", version="v1", kind="Pod", namespaced=True, status="watched"
        )
        message = messages.Enrolment(
            wire=messages.CURRENT,
            agent_version="bench",
            cluster_uid="bench",
            kubernetes_version="v1.35.0",
            kinds=[kind],
        )
        answer = self._post("enrol", self._pack(message))
        self._session, self._sequence = answer["session"], answer["sequence"]

    def _next(self) -> dict[str, Any]:
        self._sequence += 1
        return {"wire": messages.CURRENT, "session": self._session, "sequence": self._sequence - 1}

    def sync(self, held: list[Projected]) -> int:
        """A whole sync by hash manifest; gives how many objects the server wanted.

        The next batch is packed while the server works on this one: packing is the agent's work, on another
        machine, and not what is measured.
        """
        pairs = [(row.uid, row.hash) for row in held]
        manifest = messages.Manifest(**self._next(), resource=_RESOURCE, part=0, last=True, pairs=pairs)
        wanted = set(self._post("sync", self._pack(manifest))["want"])
        sent = [row for row in held if row.uid in wanted]
        starts = range(0, len(sent), BATCH_OBJECTS)
        with ThreadPoolExecutor(1) as packing:
            bodies = [
                packing.submit(
                    self._packed_delta, sent[start : start + BATCH_OBJECTS], complete=start == starts[-1]
                )
                for start in starts
            ]
            for body in bodies:
                self._post("sync", body.result())
        return len(sent)

    def delta(self, changed: list[Projected]) -> None:
        """One batch of changes."""
        self._post("sync", self._packed_delta(changed, complete=False))

    def _packed_delta(self, changed: list[Projected], *, complete: bool) -> bytes:
        items = [
            messages.Item(resource=_RESOURCE, uid=row.uid, hash=row.hash, object=msgspec.Raw(row.json))
            for row in changed
        ]
        completes = [_RESOURCE] if complete else []
        return self._pack(messages.Delta(**self._next(), upserts=items, completes=completes))
