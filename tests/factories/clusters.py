"""Clusters with an agent that speaks the wire, without a Kubernetes API behind it."""

import itertools
import uuid
from typing import Any

import msgspec
import zstandard
from django.test import Client

from clusters.domain import enrolment
from clusters.models import Cluster
from clusters.wire import messages
from clusters.wire.projection import project
from srexpert.tenancy import acting_for

KIND_OF = {
    "pods": ("Pod", "v1", True),
    "nodes": ("Node", "v1", False),
    "services": ("Service", "v1", True),
    "deployments.apps": ("Deployment", "apps/v1", True),
}


def cluster(organization: Any, name: str = "prod-eu-west", by: Any = None) -> tuple[Cluster, str]:
    """A connected cluster and its agent's token."""
    with acting_for(organization):
        return enrolment.connect(name=name, by=by)


def body(
    resource: str, name: str, namespace: str = "shop", uid: str | None = None, **spec: Any
) -> dict[str, Any]:
    """A Kubernetes object as the API server gives it."""
    kind, version, namespaced = KIND_OF[resource]
    metadata: dict[str, Any] = {
        "name": name,
        "uid": uid or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{resource}/{namespace}/{name}")),
        "creationTimestamp": "2026-11-24T09:00:00Z",
    }
    if namespaced:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


class Agent:
    """Speaks the wire over Django's test client; counts its sequence itself."""

    def __init__(
        self, token: str, *, wire: int = messages.CURRENT, cluster_uid: str = "kube-system-uid"
    ) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})
        self.wire = wire
        self.cluster_uid = cluster_uid
        self.session = ""
        self.sequence = itertools.count(1)

    def post(self, call: str, message: Any, *, encoding: str = "zstd") -> Any:
        raw = message if isinstance(message, bytes) else msgspec.json.encode(message)
        if encoding == "zstd":
            raw = zstandard.compress(raw)
        return self.client.post(
            f"/api/agent/v1/{call}",
            raw,
            content_type="application/json",
            headers={"Content-Encoding": encoding},
        )

    def enrol(self, *resources: str) -> Any:
        kinds = [
            messages.KindStatus(
                resource=resource,
                group=KIND_OF[resource][1].rpartition("/")[0],
                version=KIND_OF[resource][1].rpartition("/")[2],
                kind=KIND_OF[resource][0],
                namespaced=KIND_OF[resource][2],
                status="watched",
            )
            for resource in resources or KIND_OF
        ]
        response = self.post(
            "enrol",
            messages.Enrolment(
                wire=self.wire,
                agent_version="0.1.0",
                cluster_uid=self.cluster_uid,
                kubernetes_version="v1.35.4",
                kinds=kinds,
            ),
        )
        if response.status_code == 200:
            self.session = response.json()["session"]
            self.sequence = itertools.count(response.json()["sequence"])
        return response

    def delta(
        self,
        *objects: tuple[str, dict[str, Any]],
        deletes: tuple[tuple[str, str], ...] = (),
        completes: tuple[str, ...] = (),
        sequence: int | None = None,
    ) -> Any:
        items = []
        for resource, raw in objects:
            projected = project(resource, msgspec.json.encode(raw), marker_key=b"k" * 32)
            items.append(
                messages.Item(
                    resource=resource,
                    uid=projected.uid,
                    hash=projected.hash,
                    object=msgspec.Raw(projected.json),
                )
            )
        return self.post(
            "sync",
            messages.Delta(
                wire=self.wire,
                session=self.session,
                sequence=sequence or next(self.sequence),
                upserts=items,
                deletes=[messages.Gone(resource=resource, uid=uid) for resource, uid in deletes],
                completes=list(completes),
            ),
        )

    def manifest(
        self,
        resource: str,
        *objects: dict[str, Any],
        part: int = 0,
        last: bool = True,
        sequence: int | None = None,
    ) -> Any:
        pairs = []
        for raw in objects:
            projected = project(resource, msgspec.json.encode(raw), marker_key=b"k" * 32)
            pairs.append((projected.uid, projected.hash))
        return self.post(
            "sync",
            messages.Manifest(
                wire=self.wire,
                session=self.session,
                sequence=sequence or next(self.sequence),
                resource=resource,
                part=part,
                last=last,
                pairs=pairs,
            ),
        )

    def complete(self, **held: list[dict[str, Any]]) -> None:
        """One whole sync of every kind, as after an enrolment; keyword names have `_` for `.`."""
        for resource in KIND_OF:
            objects = held.get(resource.replace(".", "_"), [])
            want = self.manifest(resource, *objects).json()["want"]
            if want:
                wanted = [(resource, raw) for raw in objects if raw["metadata"]["uid"] in want]
                self.delta(*wanted, completes=(resource,))
