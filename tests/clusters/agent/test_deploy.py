"""The manifests of deploy/agent: the role is the contract's, and the agent asks for nothing beyond it."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from kubernetes import utils

from clusters.agent.catalogue import catalogue
from clusters.agent.discovery import split
from tests.clusters.agent.fake_server import FakeServer
from tests.clusters.agent.manifests import deployment, pod
from tests.clusters.agent.waiting import until
from tests.clusters.real_kubernetes import Admin, Kubernetes

DEPLOY = Path(__file__).parents[3] / "deploy" / "agent"
USERNAME = "system:serviceaccount:srexpert-agent:srexpert-agent"
READING = {"get", "list", "watch"}

# The contract's table, written out by hand: the test must not read it from what it judges.
PERMITTED = {
    "": "nodes namespaces pods services endpoints persistentvolumes persistentvolumeclaims replicationcontrollers "
    "resourcequotas limitranges events serviceaccounts",
    "apps": "deployments statefulsets daemonsets replicasets",
    "batch": "jobs cronjobs",
    "autoscaling": "horizontalpodautoscalers",
    "policy": "poddisruptionbudgets",
    "networking.k8s.io": "ingresses ingressclasses networkpolicies",
    "gateway.networking.k8s.io": "gatewayclasses gateways httproutes referencegrants",
    "storage.k8s.io": "storageclasses",
    "scheduling.k8s.io": "priorityclasses",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "metrics.k8s.io": "pods nodes",
    "apiextensions.k8s.io": "customresourcedefinitions",
    "admissionregistration.k8s.io": "validatingwebhookconfigurations mutatingwebhookconfigurations",
    "rbac.authorization.k8s.io": "roles rolebindings clusterroles clusterrolebindings",
    "cert-manager.io": "certificates",
}
# What every authenticated client may read, by Kubernetes' own default role system:discovery.
DISCOVERY = ("/api", "/api/", "/apis", "/apis/")
LEASES = "/apis/coordination.k8s.io/v1/namespaces/srexpert-agent/leases"


def manifests() -> list[dict[str, Any]]:
    """All objects that the kustomization names."""
    listed = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())["resources"]
    return [document for name in listed for document in yaml.safe_load_all((DEPLOY / name).read_text())]


def manifest(kind: str) -> dict[str, Any]:
    [found] = [document for document in manifests() if document["kind"] == kind]
    return found


def test_kustomization_names_every_manifest():
    listed = set(yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())["resources"])
    assert listed == {file.name for file in DEPLOY.glob("*.yaml")} - {"kustomization.yaml"}


def test_cluster_role_is_the_contract_and_nothing_more():
    granted: dict[str, set[str]] = {}
    others = []
    for rule in manifest("ClusterRole")["rules"]:
        if "nonResourceURLs" in rule:
            others.append(rule)
            continue
        assert set(rule) == {"apiGroups", "resources", "verbs"}
        assert set(rule["verbs"]) == READING
        for group in rule["apiGroups"]:
            granted.setdefault(group, set()).update(rule["resources"])
    assert granted == {group: set(names.split()) for group, names in PERMITTED.items()}
    assert others == [{"nonResourceURLs": ["/version", "/healthz", "/livez", "/readyz"], "verbs": ["get"]}]


def test_role_is_for_leases_of_its_own_namespace():
    role = manifest("Role")
    assert role["metadata"]["namespace"] == "srexpert-agent"
    assert role["rules"] == [
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}
    ]


def test_every_resource_of_the_catalogue_is_permitted():
    for resource in catalogue():
        plural, group = split(resource)
        assert plural in PERMITTED[group].split()


def test_pod_is_confined():
    spec = manifest("Deployment")["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not [key for key in ("hostNetwork", "hostPID", "hostIPC", "initContainers") if key in spec]
    assert {volume["name"] for volume in spec["volumes"]} == {"srexpert", "api-token"}
    assert all(mount["readOnly"] for mount in container["volumeMounts"])
    policy = manifest("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == []


@contextmanager
def suppress_conflict() -> Iterator[None]:
    try:
        yield
    except utils.FailToCreateError as error:
        if any(failure.status != 409 for failure in error.api_exceptions):
            raise


@pytest.fixture
def deployed(real_kubernetes: Kubernetes) -> Iterator[Admin]:
    """The manifests, applied as an administrator would."""
    admin = real_kubernetes.admin()
    for document in manifests():
        # A cluster that outlives the tests has them already.
        with suppress_conflict():
            utils.create_from_dict(admin.api_client, document)
    yield admin
    admin.delete("/apis/apps/v1/namespaces/srexpert-agent/deployments/srexpert-agent")


def kubeconfig_of_the_agent(admin: Admin, folder: Path) -> Path:
    """A kubeconfig with a token of the agent's ServiceAccount, as the kubelet would mount it."""
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 3600},
    }
    path = "/api/v1/namespaces/srexpert-agent/serviceaccounts/srexpert-agent/token"
    token = admin.create(path, request)["status"]["token"]
    cluster = {"server": admin.configuration.host}
    if admin.configuration.ssl_ca_cert:
        ca = Path(admin.configuration.ssl_ca_cert).read_bytes()
        cluster["certificate-authority-data"] = base64.b64encode(ca).decode()
    file = folder / "agent.kubeconfig"
    file.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "agent",
                "clusters": [{"name": "agent", "cluster": cluster}],
                "contexts": [{"name": "agent", "context": {"cluster": "agent", "user": "agent"}}],
                "users": [{"name": "agent", "user": {"token": token}}],
            }
        )
    )
    return file


def within_the_role(entry: dict[str, Any]) -> bool:
    """Whether the contract permits this request of the audit log."""
    path = urlsplit(entry["requestURI"]).path
    reference = entry.get("objectRef")
    if reference is None:
        return entry["verb"] == "get" and (path == "/version" or path.startswith(DISCOVERY))
    group, resource, verb = reference.get("apiGroup", ""), reference["resource"], entry["verb"]
    if group == "coordination.k8s.io":
        return path.startswith(LEASES) and verb in {"get", "create", "update"}
    permitted = resource in PERMITTED.get(group, "").split() and verb in READING
    return permitted and "subresource" not in reference


@pytest.mark.real_kubernetes
def test_agent_runs_within_its_role(deployed, real_kubernetes, server: FakeServer, start, synced, tmp_path):
    if real_kubernetes.audit_log is None:
        pytest.skip("the audit log of a foreign cluster can't be read")
    pods = "/api/v1/namespaces/srexpert-agent/pods"
    deployed.create(pods, pod("watched"))
    deployed.create("/apis/apps/v1/namespaces/srexpert-agent/deployments", deployment("watched"))
    before = len(real_kubernetes.audited(USERNAME))
    agent = start(
        kubeconfig_of_the_agent(deployed, tmp_path),
        leader_elect=True,
        lease_seconds=4,
        renew_seconds=3,
        retry_seconds=1,
        watch_seconds=2,
    )
    synced()
    deployed.delete(f"{pods}/watched?gracePeriodSeconds=0")
    until(lambda: "watched" in server.names("deployments.apps") and "watched" not in server.names("pods"))
    assert agent.stop() == 0

    asked = real_kubernetes.audited(USERNAME)[before:]
    assert {entry["verb"] for entry in asked} == {"get", "list", "watch", "create", "update"}
    assert [entry["requestURI"] for entry in asked if not within_the_role(entry)] == []
    assert [entry["requestURI"] for entry in asked if entry["responseStatus"]["code"] == 403] == []
    assert not {kind.resource for kind in server.enrolments[-1].kinds if kind.status == "not_permitted"}
    watched = [entry for entry in asked if entry["verb"] == "watch"]
    assert all(
        parse_qs(urlsplit(entry["requestURI"]).query)["allowWatchBookmarks"] == ["true"] for entry in watched
    )
    deployed.delete("/apis/apps/v1/namespaces/srexpert-agent/deployments/watched")


@pytest.mark.real_kubernetes
def test_role_refuses_what_the_contract_forbids(deployed, real_kubernetes, tmp_path):
    agent = Admin(kubeconfig_of_the_agent(deployed, tmp_path))
    for path in (
        "/api/v1/secrets",
        "/api/v1/configmaps",
        "/apis/apps/v1/controllerrevisions",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "/api/v1/namespaces/srexpert-agent/pods/any/log",
        "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/any",
    ):
        with pytest.raises(AssertionError, match="403"):
            agent.get(path)
    with pytest.raises(AssertionError, match="403"):
        agent.create(
            "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
        )
