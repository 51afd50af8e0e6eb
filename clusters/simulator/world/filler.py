"""Filler workloads, for clusters of thousands of pods: Deployments whose pods are copies of one that was really started.

Going through scheduler and kubelet for each would take minutes; the copies share the parts that don't differ.
"""

from collections.abc import Iterator
from typing import Any

from clusters.simulator.apiserver.store import copy_of
from clusters.simulator.cluster import KUBECTL, Cluster
from clusters.simulator.world.system import add_namespace

Object = dict[str, Any]

_IN_DEPLOYMENT = 25
_IN_NAMESPACE = 500
_SETTLED_SECONDS = 30.0


def build(cluster: Cluster, count: int) -> None:
    """Add so many pods, in Deployments of 25 and namespaces of 500."""
    nodes = sorted(node["metadata"]["name"] for node in cluster.store.all("nodes"))
    addresses = _addresses()
    for first in range(0, count, _IN_DEPLOYMENT):
        namespace = f"team-{first // _IN_NAMESPACE:03d}"
        if first % _IN_NAMESPACE == 0:
            add_namespace(cluster, namespace, team=namespace)
        size = min(_IN_DEPLOYMENT, count - first)
        _deploy(cluster, namespace, first // _IN_DEPLOYMENT, size=size, nodes=nodes, addresses=addresses)
    cluster.placements = {}


def _addresses() -> Iterator[str]:
    for number in range(2, 2**24):
        if number % 256 not in (0, 255):
            yield f"100.{64 + (number >> 16) % 64}.{(number >> 8) % 256}.{number % 256}"


def _manifest(namespace: str, number: int) -> Object:
    name = f"worker-{number:04d}"
    labels = {"app": name, "app.kubernetes.io/name": name, "team": namespace}
    container = {
        "name": "worker", "image": f"registry.northwind.example/batch/worker:3.{number % 40}.0",
        "args": ["--queue=default", f"--api-key=wk-{number:06d}-simulated"],
        "env": [{"name": "QUEUE_URL", "value": f"amqp://w{number}:pw-{number:05d}@event-bus.platform.svc:5672"},
                {"name": "SHARD", "value": str(number)}],
        "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "64Mi"}},
    }  # fmt: skip
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}  # fmt: skip
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _deploy(
    cluster: Cluster, namespace: str, number: int, *, size: int, nodes: list[str], addresses: Iterator[str]
) -> None:
    manifest = _manifest(namespace, number)
    cluster.placements = {
        f"{namespace}/{manifest['metadata']['name']}": [nodes[number * _IN_DEPLOYMENT % len(nodes)]]
    }
    made = cluster.create(manifest, KUBECTL)
    cluster.engine.settle(_SETTLED_SECONDS)
    replica_set = cluster.store.owned(made["metadata"]["uid"], "replicasets.apps")[0]
    pod = cluster.store.owned(replica_set["metadata"]["uid"], "pods")[0]
    hosts = {
        node["metadata"]["name"]: node["status"]["addresses"][0]["address"]
        for node in cluster.store.all("nodes")
    }
    for copy in range(1, size):
        node = nodes[(number * _IN_DEPLOYMENT + copy) % len(nodes)]
        cluster.store.write("pods", _another(cluster, pod, node, hosts[node], next(addresses)))
    _resize(cluster, "deployments.apps", made, size)
    _resize(cluster, "replicasets.apps", replica_set, size)
    cluster.engine.settle(1.0)


def _another(cluster: Cluster, pod: Object, node: str, host: str, address: str) -> Object:
    """A copy of a running pod, on another node; what is the same in both is shared, not copied."""
    metadata = dict(pod["metadata"], uid=cluster.writer.uid())
    metadata["name"] = metadata["generateName"] + cluster.writer.suffix()
    containers = [dict(c, containerID=f"containerd://{cluster.writer.random.getrandbits(256):064x}")
                  for c in pod["status"]["containerStatuses"]]  # fmt: skip
    status = dict(pod["status"], hostIP=host, hostIPs=[{"ip": host}], podIP=address, podIPs=[{"ip": address}],
                  containerStatuses=containers)  # fmt: skip
    return dict(pod, metadata=metadata, spec=dict(pod["spec"], nodeName=node), status=status)


def _resize(cluster: Cluster, resource: str, obj: Object, size: int) -> None:
    """Say that so many replicas are wanted and there, before a controller looks."""
    current = cluster.store.get(resource, obj["metadata"]["namespace"], obj["metadata"]["name"])
    new = copy_of(current or obj)
    new["spec"]["replicas"] = size
    counts = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "fullyLabeledReplicas")
    new["status"] |= {name: size for name in counts if name in new["status"]}
    cluster.store.write(resource, new)
