"""Small objects for the tests of the projection, and what is left of them."""

import json
from typing import Any

from clusters.wire.projection import Projected, project

KEY = b"a key that never leaves the cluster"
UID = "0b5e8c1c-5a4f-4d52-9d8e-0c5f0f8f7a11"
CANARY = "xK7-canary-Qz93"


def projected(resource: str, marker_key: bytes | None = KEY, **content: Any) -> Projected:
    """The projection of an object with these fields and a name, a namespace and a uid."""
    content["metadata"] = {"name": "web", "namespace": "shop", "uid": UID, **content.get("metadata", {})}
    return project(resource, json.dumps(content).encode(), marker_key=marker_key)


def left(resource: str, **content: Any) -> Any:
    """What is left of such an object, decoded."""
    return json.loads(projected(resource, **content).json)


def container(**content: Any) -> Any:
    """What is left of a container."""
    return left("pods", spec={"containers": [{"name": "app", **content}]})["spec"]["containers"][0]


def metadata(**content: Any) -> Any:
    """What is left of metadata."""
    return left("pods", metadata=content)["metadata"]


def marker(length: str, *, credential: bool, hmac: str | None) -> dict[str, Any]:
    """A marker as it stands in JSON."""
    return {"marked": {"length": length, "credential": credential, "hmac": hmac}}
