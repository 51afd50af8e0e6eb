"""Static pods of the control plane: closed flags stay, the rest is marked."""

import json

import pytest

from clusters.wire.projection import project
from tests.clusters.wire.objects import CANARY, UID, projected

ARGUMENTS = (
    "kube-apiserver",
    "--anonymous-auth=false",
    "--audit-log-maxage=30",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction,Canary",
    "--tls-min-version=VersionTLS12",
    "--client-ca-file=/etc/kubernetes/pki/ca.crt",
    "--etcd-servers=https://10.0.0.1:2379",
    "--oidc-client-id=" + CANARY,
    "--anonymous-auth=" + CANARY,
)
KEPT = (
    "kube-apiserver",
    "--anonymous-auth=false",
    "--audit-log-maxage=30",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction,other",
    "--tls-min-version=VersionTLS12",
    "--client-ca-file=set",
    "--etcd-servers=set",
)


def command_of(name="kube-apiserver", **meta):
    spec = {"containers": [{"name": name, "command": list(ARGUMENTS)}]}
    meta = {"namespace": "kube-system", "annotations": {"kubernetes.io/config.mirror": CANARY}} | meta
    one = projected("pods", metadata=meta, spec=spec)
    again = project("pods", one.json, marker_key=None)
    assert (again.json, again.rejected) == (one.json, [])
    assert CANARY.encode() not in one.json
    return json.loads(one.json)["spec"]["containers"][0]["command"]


def test_closed_flags_stay_and_locations_become_set():
    command = command_of()
    assert tuple(command[:-2]) == KEPT
    assert [each["flag"] for each in command[-2:]] == ["--oidc-client-id", "--anonymous-auth"]


def test_a_node_as_owner_is_a_mirror_too():
    command = command_of(annotations={}, ownerReferences=[{"kind": "Node", "name": "n", "uid": UID}])
    assert command[1] == "--anonymous-auth=false"


@pytest.mark.parametrize("change", [{"namespace": "shop"}, {"annotations": {}}, {"name": "other"}])
def test_other_pods_are_marked_wholly(change):
    name = change.pop("name", "kube-apiserver")
    assert all("marked" in each for each in command_of(name, **change))
