"""The nodes: three larger ones, and n3 and n5 that are smaller, as a story about memory needs them."""

from functools import partial
from typing import Any

from clusters.simulator.clock import stamp
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers.nodes import KUBELET_STATUS, set_well

Object = dict[str, Any]

_SMALL = frozenset({3, 5})
_ZONES = ("eu-west-1a", "eu-west-1a", "eu-west-1b", "eu-west-1b", "eu-west-1c")


def node(number: int) -> Object:
    """Node `n<number>` without its status."""
    name = f"n{number}"
    zone = _ZONES[(number - 1) % len(_ZONES)]
    size = "m6i.xlarge" if number in _SMALL else "m6i.2xlarge"
    labels = {
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": size, "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
    }  # fmt: skip
    high, low = divmod(number, 250)
    cidr = f"10.{244 + high}.{low}.0/24"
    spec = {"podCIDR": cidr, "podCIDRs": [cidr], "providerID": f"aws:///{zone}/i-{number:017x}"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": spec}


def status(number: int, version: str, now: str) -> Object:
    """What the kubelet of that node reports when all is well."""
    cores, memory = (4, "16384Mi") if number in _SMALL else (8, "32768Mi")
    free = f"{15974 if number in _SMALL else 32102}Mi"
    high, low = divmod(number, 250)
    address = f"10.0.{high + 1}.{low + 4}"
    told: Object = {
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": f"n{number}"}],
        "capacity": {"cpu": str(cores), "memory": memory, "pods": "110", "ephemeral-storage": "102400Mi"},
        "allocatable": {"cpu": f"{cores * 1000 - 80}m", "memory": free, "pods": "110", "ephemeral-storage": "94372Mi"},
        "nodeInfo": {
            "architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": f"v{version}",
            "containerRuntimeVersion": "containerd://2.1.4", "kernelVersion": "6.12.48", "kubeProxyVersion": "",
            "osImage": "Bottlerocket OS 1.50.0", "machineID": f"{number:032x}", "systemUUID": f"{number:032x}",
            "bootID": f"{number:08x}-0000-4000-8000-000000000000",
        },
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
    }  # fmt: skip
    set_well({"status": told}, now)
    return told


def _report(number: int, version: str, now: str, obj: Object) -> None:
    obj["status"] = status(number, version, now)


def build(cluster: Cluster, count: int) -> None:
    """Add the nodes n1 to n<count>."""
    now = stamp(cluster.clock.now())
    for number in range(1, count + 1):
        made = cluster.create(node(number))
        cluster.writer.edit("nodes", made, partial(_report, number, cluster.version, now), KUBELET_STATUS)
        cluster.machine(made["metadata"]["name"])
