"""The simulated API server and the real one, asked the same: the agent sends the same of both."""

import itertools
import json
from typing import Any

import pytest

from tests.clusters.agent.manifests import deployment, namespace, pod
from tests.clusters.agent.waiting import until
from tests.clusters.real_kubernetes import Kubernetes

pytestmark = pytest.mark.real_kubernetes

# What differs between any two clusters: identity, time, counters; and what controllers add, which the real one lacks.
OF_ITS_OWN = {"uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "annotations"}
SPACE = "likeness"
_names = itertools.count(1)


def objects() -> dict[str, dict[str, Any]]:
    """By the path where each is created: of several groups, with fields that the API server fills in."""
    quiet = deployment("web", replicas=0, value="a value")
    labels = {"app": "web"}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
        "host": "web.example.com",
    }
    subject = {"kind": "ServiceAccount", "name": "web", "namespace": SPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"}
    alone = pod("alone", value="a value", node="a-node-that-is-not-there")
    # Named, since the real API server of the tests runs without the admission plug-in that would fill it in.
    alone["spec"]["serviceAccountName"] = "default"
    limit = {"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}
    core, rbac = f"/api/v1/namespaces/{SPACE}", f"/apis/rbac.authorization.k8s.io/v1/namespaces/{SPACE}"
    return {
        f"{core}/pods": alone,
        f"{core}/serviceaccounts": {"metadata": {"name": "web"}},
        f"{core}/resourcequotas": {"metadata": {"name": "web"}, "spec": {"hard": {"pods": "10"}}},
        f"{core}/limitranges": {"metadata": {"name": "web"}, "spec": {"limits": [limit]}},
        f"/apis/apps/v1/namespaces/{SPACE}/deployments": quiet,
        f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses": {
            "metadata": {"name": "web"},
            "spec": {"rules": [rule]},
        },
        f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/networkpolicies": {
            "metadata": {"name": "web"},
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]},
        },
        f"{rbac}/roles": {
            "metadata": {"name": "web"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        },
        f"{rbac}/rolebindings": {"metadata": {"name": "web"}, "roleRef": role, "subjects": [subject]},
    }


def sent_of(cluster: Kubernetes, server, start) -> dict[tuple[str, str], dict[str, Any]]:
    """What the agent sends of the objects above, without what is each cluster's own."""
    admin = cluster.admin()
    admin.create("/api/v1/namespaces", namespace(SPACE))
    expected = set()
    for path, body in objects().items():
        created = admin.create(path, body)
        expected.add(created["metadata"]["name"])
    server.objects.clear()
    server.hashes.clear()
    agent = start(cluster.kubeconfig)

    def found() -> dict[tuple[str, str], dict[str, Any]]:
        parsed = [(resource, json.loads(raw)) for (resource, _), raw in list(server.objects.items())]
        return {
            (resource, body["metadata"]["name"]): body
            for resource, body in parsed
            if body["metadata"].get("namespace") == SPACE and body["metadata"]["name"] in expected
        }

    until(lambda: len(found()) >= len(objects()))
    agent.stop()
    return {key: comparable(body) for key, body in found().items()}


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in body["metadata"].items() if name not in OF_ITS_OWN}
    kept = {name: value for name, value in body.items() if name not in {"status", "metadata"}}
    return kept | {"metadata": metadata}


def test_same_objects_lead_to_the_same_projections(real_kubernetes, simulated_kubernetes, server, start):
    real = sent_of(real_kubernetes, server, start)
    simulated = sent_of(simulated_kubernetes, server, start)
    assert len(real) == len(objects())
    assert simulated == real
