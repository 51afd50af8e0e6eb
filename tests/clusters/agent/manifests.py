"""Kubernetes objects for the agent's tests."""

from typing import Any


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def pod(name: str, *, value: str = "plain", node: str | None = None) -> dict[str, Any]:
    """A pod with an environment variable of this value, which must never leave."""
    spec: dict[str, Any] = {
        "containers": [{"name": "main", "image": "nginx:1.27", "env": [{"name": "SETTING", "value": value}]}],
    }
    if node:
        spec["nodeName"] = node
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def deployment(name: str, *, replicas: int = 1, value: str = "plain") -> dict[str, Any]:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod(name, value=value)["spec"]},
        },
    }
