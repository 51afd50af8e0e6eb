"""Pods: images, volumes, placement and status."""

import pytest

from tests.clusters.wire.objects import CANARY, container, left


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        ("nginx", "nginx"),
        ("registry.example.com:5000/team/app:1.2.3", "registry.example.com:5000/team/app:1.2.3"),
        ("ghcr.io/a/b:v1@sha256:" + "0a" * 32, "ghcr.io/a/b:v1@sha256:" + "0a" * 32),
        ("user:p@ss@registry.example.com/app:1", "registry.example.com/app:1"),
        ("https://user:pass@registry.example.com/app:1", "https://registry.example.com/app:1"),
    ],
)
def test_image_loses_only_its_userinfo(image, kept):
    assert container(image=image)["image"] == kept


def test_volumes_keep_type_names_and_paths():
    volumes = [
        {"name": "a", "hostPath": {"path": "/var/run/docker.sock", "type": "Socket"}},
        {
            "name": "b",
            "secret": {"secretName": "db", "items": [{"key": "k", "path": "p/k", "mode": 256}]},
        },
        {"name": "c", "configMap": {"name": "settings", "optional": True}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "e", "emptyDir": {}},
        {"name": "f", "nfs": {"server": "nas.example.com", "path": "/export"}},
        {
            "name": "g",
            "projected": {"sources": [{"serviceAccountToken": {"path": "token", "audience": "vault"}}]},
        },
    ]
    assert left("pods", spec={"volumes": volumes})["spec"]["volumes"] == volumes


def test_volume_attributes_and_options_are_dropped():
    volumes = [
        {"name": "a", "csi": {"driver": "csi.example.com", "volumeAttributes": {"password": CANARY}}},
        {"name": "b", "flexVolume": {"driver": "example.com/x", "options": {"password": CANARY}}},
        {"name": "c", "iscsi": {"targetPortal": CANARY, "iqn": CANARY, "readOnly": True}},
    ]
    assert left("pods", spec={"volumes": volumes})["spec"]["volumes"] == [
        {"name": "a", "csi": {"driver": "csi.example.com"}},
        {"name": "b", "flexVolume": {"driver": "example.com/x"}},
        {"name": "c", "iscsi": {"readOnly": True}},
    ]


def test_placement_stays():
    spec = {
        "hostname": "web-0",
        "subdomain": "web",
        "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db.example.com"]}],
        "nodeName": "node-1",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
                    ]
                }
            }
        },
    }
    assert left("pods", spec=spec)["spec"] == spec


def test_security_settings_stay():
    context = {
        "privileged": True,
        "runAsUser": 0,
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
    }
    assert container(securityContext=context)["securityContext"] == context


def test_status_keeps_reasons_and_loses_the_log_tail():
    terminated = {
        "exitCode": 137,
        "reason": "OOMKilled",
        "message": CANARY,
        "finishedAt": "2025-01-02T03:04:05Z",
    }
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s, password=Zq12345!xJ9"}
    status = {
        "phase": "Running",
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "not ready"}
        ],
        "containerStatuses": [
            {"name": "app", "state": {"waiting": waiting}, "lastState": {"terminated": terminated}}
        ],
    }
    one = left("pods", status=status)["status"]
    assert one["conditions"] == status["conditions"]
    state = one["containerStatuses"][0]
    assert state["lastState"]["terminated"] == {
        "exitCode": 137,
        "reason": "OOMKilled",
        "finishedAt": "2025-01-02T03:04:05Z",
    }
    assert state["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert "Zq12345!xJ9" not in state["state"]["waiting"]["message"]
