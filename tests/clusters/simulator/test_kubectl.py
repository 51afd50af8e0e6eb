"""kubectl against the simulated cluster, where it's installed."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from clusters.simulator.simulation import Simulation
from tests.clusters.simulator.calling import deployment, eventually

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl isn't on PATH")

Kubectl = Callable[..., str]


@pytest.fixture(scope="module")
def kubectl(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    home = tmp_path_factory.mktemp("kubectl")
    path = home / "config"
    path.write_text(simulation.kubeconfig())

    def call(*arguments: str, given: str = "") -> str:
        environment = os.environ | {"KUBECONFIG": str(path), "HOME": str(home)}
        done = subprocess.run(["kubectl", *arguments], input=given, capture_output=True, text=True, env=environment,
                              timeout=60, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_get_prints_tables_json_and_yaml(kubectl: Kubectl) -> None:
    assert "n3     Ready" in kubectl("get", "nodes")
    assert len(json.loads(kubectl("get", "deploy", "-n", "shop", "-o", "json"))["items"]) == 8 + 1
    loaded = yaml.safe_load(kubectl("get", "deploy", "checkout", "-n", "shop", "-o", "yaml"))
    assert loaded["spec"]["replicas"] == 6
    assert "checkout" in kubectl("get", "all", "-n", "shop")


def test_describe_and_events(kubectl: Kubectl) -> None:
    assert "Allocated resources" in kubectl("describe", "node", "n3")
    assert "StrategyType:" in kubectl("describe", "deployment", "checkout", "-n", "shop")
    assert "LAST SEEN" in kubectl("events", "-n", "shop")


def test_create_scale_restart_set_image_undo_and_delete(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", given=json.dumps(deployment("web")))
    kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    kubectl("scale", "deployment/web", "--replicas=3")
    eventually(lambda: kubectl("get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}") == "3")
    kubectl("rollout", "restart", "deployment/web")
    kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    kubectl("set", "image", "deployment/web", "web=registry.northwind.example/test/web:1.1")
    kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    history = kubectl("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines()[2:] if line] == ["1", "2", "3"]
    kubectl("rollout", "undo", "deployment/web")
    kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    assert kubectl("get", "deploy", "web", "-o", image).endswith("web:1.0")
    kubectl("delete", "deployment", "web", "--timeout=30s")
    eventually(lambda: kubectl("get", "pods", "-l", "app=web", "-o", "name") == "")


def test_apply_creates_and_changes(kubectl: Kubectl, tmp_path: Path) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "applied"},
        "data": {"a": "1", "b": "2"},
    }
    assert "created" in kubectl("apply", "-f", "-", given=yaml.safe_dump(manifest))
    manifest["data"] = {"a": "3"}
    assert "configured" in kubectl("apply", "-f", "-", given=yaml.safe_dump(manifest))
    assert json.loads(kubectl("get", "cm", "applied", "-o", "json"))["data"] == {"a": "3"}
    assert "unchanged" in kubectl("apply", "-f", "-", given=yaml.safe_dump(manifest))
    assert "serverside-applied" in kubectl("apply", "--server-side", "--force-conflicts", "-f", "-",
                                           given=yaml.safe_dump(manifest))  # fmt: skip


def test_cordon_drain_and_uncordon(kubectl: Kubectl) -> None:
    kubectl("cordon", "n4")
    assert "SchedulingDisabled" in kubectl("get", "nodes")
    kubectl("drain", "n4", "--ignore-daemonsets", "--timeout=50s", "--delete-emptydir-data", "--force")
    pods = json.loads(kubectl("get", "pods", "-A", "-o", "json", "--field-selector=spec.nodeName=n4"))[
        "items"
    ]
    assert {pod["metadata"]["labels"]["app"] for pod in pods} == {"log-shipper"}
    kubectl("uncordon", "n4")


def test_top_version_and_api_resources(kubectl: Kubectl) -> None:
    assert "n3" in kubectl("top", "nodes")
    assert "v1.35.4" in kubectl("version")
    assert "certificates" in kubectl("api-resources")
