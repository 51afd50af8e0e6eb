"""The simulated API server beside a real one: the same requests, the same answers.

Compared are bodies after normalising: what each server chooses (uids, versions, times), who manages fields, and what
newer versions than the real one's (1.20 and up) fill in. Status is left out, since no controller runs at the real one.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from clusters.simulator.simulation import Options, Simulation, running
from tests.clusters.real_kubernetes import Kubernetes
from tests.clusters.simulator.calling import JSON_PATCH, MERGE, STRATEGIC, Caller, deployment

pytestmark = pytest.mark.real_kubernetes

NAMESPACE = "compared"
CORE, APPS = f"/api/v1/namespaces/{NAMESPACE}", f"/apis/apps/v1/namespaces/{NAMESPACE}"
ADMIN = "admin-token"
TOKENS = {ADMIN: "", "plain-token": "plain"}
CHOSEN = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "generation",
    "selfLink",
    "continue",
)
NEWER = ("internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy", "clusterIP", "clusterIPs", "serviceAccount",
         "serviceAccountName", "persistentVolumeClaimRetentionPolicy")  # fmt: skip
NEWER_DEFAULTS = (("maxSurge", 0),)
BY_CONTROLLERS = ("nodeName", "deployment.kubernetes.io/revision")
Answer = tuple[int, Any]


class Both:
    """Asks the real server and the simulated one the same."""

    def __init__(self, kubernetes: Kubernetes, simulation: Simulation) -> None:
        self._real = kubernetes.admin().configuration
        self._pool = urllib3.PoolManager(
            ca_certs=self._real.ssl_ca_cert
        )  # the tokens', not the client certificate's
        self._simulated = {token: Caller(simulation, token) for token in (*TOKENS, "bad-token", "")}

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "application/json",
        token: str = ADMIN,
    ) -> tuple[Answer, Answer]:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        pool = self._pool
        content = None if body is None else json.dumps(body)
        real = pool.request(method, self._real.host + path, body=content, headers=headers, timeout=20.0)
        simulated = self._simulated[token].request(method, path, body, kind)
        return (real.status, _read(real.data)), (simulated.status_code, _read(simulated.content))


def _read(data: bytes) -> Any:
    try:
        return normal(json.loads(data))
    except ValueError:
        return data.decode()


def normal(value: Any) -> Any:
    """Without what either server chooses, without empty maps, and without what newer versions add."""
    if isinstance(value, dict):
        value = {key: inner for key, inner in value.items() if (key, inner) not in NEWER_DEFAULTS}
        kept = {
            key: normal(inner)
            for key, inner in value.items()
            if key not in (*CHOSEN, *NEWER, *BY_CONTROLLERS)
        }
        if kept.get("kind") not in (None, "Status", "Scale"):
            kept.pop("status", None)
        return {key: inner for key, inner in kept.items() if inner not in ({}, None)}
    if isinstance(value, list):
        return [normal(inner) for inner in value]
    return value


@pytest.fixture(scope="module")
def both(real_kubernetes: Kubernetes) -> Iterator[Both]:
    if real_kubernetes.audit_log is None:
        pytest.skip("the tokens of shared/kubernetes are needed, REAL_KUBECONFIG names another cluster")
    with running(Options(tokens=TOKENS, speed=20)) as simulation:
        both = Both(real_kubernetes, simulation)
        made = both.ask(
            "POST",
            "/api/v1/namespaces",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        )
        assert [answer[0] for answer in made] == [201, 201]
        yield both


def _pod(name: str) -> dict[str, Any]:
    container = {
        "name": "c", "image": "nginx:1", "env": [{"name": "A", "value": "b"}], "ports": [{"containerPort": 80}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}}, "resources": {"limits": {"cpu": "1"}},
    }  # fmt: skip
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [container]},
    }


def _template(kind: str, **spec: Any) -> dict[str, Any]:
    body = deployment(f"a-{kind.lower()}")
    body["kind"] = kind
    body["spec"] = {**{key: body["spec"][key] for key in ("selector", "template")}, **spec}
    return body


CREATED = {
    "deployment": (f"{APPS}/deployments", deployment("created", "nginx")),
    "daemonset": (f"{APPS}/daemonsets", _template("DaemonSet")),
    "statefulset": (f"{APPS}/statefulsets", _template("StatefulSet", serviceName="x")),
    "replicaset": (f"{APPS}/replicasets", _template("ReplicaSet")),
    "pod": (f"{CORE}/pods", _pod("created")),
    "service": (f"{CORE}/services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "created"},
                                     "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}),
    "configmap": (f"{CORE}/configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "created"}, "data": {"a": "b"}}),
    "claim": (f"{CORE}/persistentvolumeclaims", {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "created"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "x"}}),
    "networkpolicy": (f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies", {
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "created"},
        "spec": {"podSelector": {"matchLabels": {"a": "b"}}}}),
    "role": (f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/roles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "created"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
    "rolebinding": (f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "created"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "created"},
        "subjects": [{"kind": "User", "name": "nobody-here"}]}),
}  # fmt: skip


@pytest.mark.parametrize("what", CREATED)
def test_create_get_and_delete_answer_alike(both: Both, what: str) -> None:
    path, body = CREATED[what]
    real, simulated = both.ask("POST", path, body)
    assert simulated == real
    real, simulated = both.ask("GET", f"{path}/{body['metadata']['name']}")
    assert simulated == real
    if what not in ("pod", "claim"):  # whose deletes wait for a kubelet or a controller
        real, simulated = both.ask("DELETE", f"{path}/{body['metadata']['name']}")
        assert simulated == real


REFUSED: dict[str, tuple[Any, ...]] = {
    "missing object": ("GET", f"{APPS}/deployments/nope"),
    "missing core object": ("DELETE", f"{CORE}/pods/nope"),
    "unserved resource": ("GET", "/api/v1/nopes"),
    "unserved group": ("GET", "/apis/nope/v1/nopes"),
    "unknown field": ("GET", "/api/v1/pods?fieldSelector=spec.foo%3Dx"),
    "unreadable limit": ("GET", "/api/v1/pods?limit=x"),
    "unreadable version": ("GET", "/api/v1/pods?resourceVersion=abc"),
    "no name": ("POST", f"{CORE}/configmaps", {"kind": "ConfigMap", "apiVersion": "v1"}),
    "bad name": ("POST", f"{CORE}/configmaps", {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "A_b"}}),
    "other namespace": ("POST", f"{CORE}/configmaps", {"kind": "ConfigMap", "apiVersion": "v1",
                                                       "metadata": {"name": "a", "namespace": "other"}}),
    "missing namespace": ("POST", "/api/v1/namespaces/missing/configmaps", {"kind": "ConfigMap", "apiVersion": "v1",
                                                                            "metadata": {"name": "a"}}),
    "empty deployment": ("POST", f"{APPS}/deployments", {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "a"}}),
    "put on a collection": ("PUT", f"{CORE}/configmaps", {}),
    "not permitted": ("GET", f"{CORE}/pods", None, "application/json", "plain-token"),
    "not permitted, named": ("GET", f"{APPS}/deployments/x", None, "application/json", "plain-token"),
    "not permitted, cluster": ("GET", "/api/v1/nodes", None, "application/json", "plain-token"),
    "not permitted, subresource": ("POST", f"{CORE}/pods/x/eviction", {}, "application/json", "plain-token"),
    "not permitted, path": ("GET", "/metrics", None, "application/json", "plain-token"),
    "anonymous": ("GET", "/api/v1/pods", None, "application/json", ""),
    "unknown token": ("GET", "/api/v1/pods", None, "application/json", "bad-token"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_are_worded_alike(both: Both, what: str) -> None:
    real, simulated = both.ask(*REFUSED[what])
    assert simulated == real


@pytest.fixture(scope="module")
def patched(both: Both) -> str:
    body = deployment("patched")
    body["spec"]["template"]["spec"]["containers"] = [
        {"name": "web", "image": "a:1", "env": [{"name": "X", "value": "1"}], "ports": [{"containerPort": 80}], "args": ["-a"]},
        {"name": "side", "image": "b:1"},
    ]  # fmt: skip
    both.ask("POST", f"{APPS}/deployments", body)
    return f"{APPS}/deployments/patched"


def _containers(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(containers)}}}}


PATCHES: dict[str, tuple[str, Any]] = {
    "set image": (STRATEGIC, _containers({"name": "web", "image": "a:2"})),
    "add env": (STRATEGIC, _containers({"name": "web", "env": [{"name": "Y", "value": "2"}]})),
    "delete env": (STRATEGIC, _containers({"name": "web", "env": [{"name": "X", "$patch": "delete"}]})),
    "replace args": (STRATEGIC, _containers({"name": "web", "args": ["-b", "-c"]})),
    "add port": (STRATEGIC, _containers({"name": "web", "ports": [{"containerPort": 81}]})),
    "delete container": (STRATEGIC, _containers({"name": "side", "$patch": "delete"})),
    "restart": (STRATEGIC, {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}}),
    "recreate": (STRATEGIC, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}),
    "labels": (MERGE, {"metadata": {"labels": {"team": "x", "app": None}}}),
    "replicas": (JSON_PATCH, [{"op": "replace", "path": "/spec/replicas", "value": 0}]),
    "failed test": (JSON_PATCH, [{"op": "test", "path": "/spec/replicas", "value": 7}]),
    "stale": (MERGE, {"metadata": {"resourceVersion": "1"}}),
    "other selector": (MERGE, {"spec": {"selector": {"matchLabels": {"a": "b"}}}}),
    "negative": (MERGE, {"spec": {"replicas": -1}}),
    "other type": ("text/plain", {}),
}  # fmt: skip


@pytest.mark.parametrize("what", PATCHES)
def test_patches_do_alike(both: Both, patched: str, what: str) -> None:
    kind, body = PATCHES[what]
    real, simulated = both.ask("PATCH", patched, body, kind)
    assert simulated == real


def test_scale_answers_alike(both: Both) -> None:
    both.ask("POST", f"{APPS}/deployments", deployment("scaled"))
    path = f"{APPS}/deployments/scaled/scale"
    for method, body in (("PATCH", {"spec": {"replicas": 0}}), ("PATCH", {"spec": {"replicas": -1}})):
        real, simulated = both.ask(method, path, body, MERGE)
        for answer in (real, simulated):
            answer[1].pop("status", None) if answer[0] == 200 else None  # how many run by now
        assert simulated == real


def test_second_create_and_failed_preconditions_answer_alike(both: Both) -> None:
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "twice"}}
    for method, path, given in (
        ("POST", f"{CORE}/configmaps", body), ("POST", f"{CORE}/configmaps", body),
        ("PUT", f"{CORE}/configmaps/twice", {**body, "metadata": {"name": "twice", "resourceVersion": "1"}}),
        ("PUT", f"{CORE}/configmaps/twice", {**body, "metadata": {"name": "other"}}),
        ("DELETE", f"{CORE}/configmaps/twice?propagationPolicy=zzz", None),
        ("DELETE", f"{CORE}/configmaps/twice", None), ("DELETE", f"{CORE}/configmaps/twice", None),
    ):  # fmt: skip
        real, simulated = both.ask(method, path, given)
        assert simulated == real


def test_lists_have_the_same_form(both: Both) -> None:
    for name in ("listed-a", "listed-b", "listed-c"):
        both.ask("POST", f"{CORE}/configmaps", {"kind": "ConfigMap", "apiVersion": "v1",
                                                "metadata": {"name": name, "labels": {"listed": "yes"}}})  # fmt: skip
    for query in (
        "labelSelector=listed",
        "labelSelector=listed%3Dyes&limit=2",
        "labelSelector=listed+notin+(yes)",
    ):
        real, simulated = both.ask("GET", f"{CORE}/configmaps?{query}")
        assert _items_typed(simulated) == _items_typed(real)


def _items_typed(answer: Answer) -> Answer:
    """Items of a list leave out their kind, at one server or both."""
    code, body = answer
    items = [
        {k: v for k, v in item.items() if k not in ("kind", "apiVersion")} for item in body.get("items") or ()
    ]
    return code, {**body, "items": items}


def test_discovery_of_a_group_answers_alike(both: Both) -> None:
    (_, real), (_, simulated) = both.ask("GET", "/apis/apps/v1")
    kept = ("name", "namespaced", "kind", "verbs", "shortNames", "categories")
    listed = [
        {r["name"]: {k: v for k, v in r.items() if k in kept} for r in body["resources"]}
        for body in (real, simulated)
    ]
    assert listed[1] == listed[0]
