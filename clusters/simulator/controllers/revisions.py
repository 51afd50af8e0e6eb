"""Hashes and names of template revisions, as the controllers put them into labels and names."""

import msgspec

from clusters.simulator.apiserver.store import Object, copy_of
from clusters.simulator.apiserver.writer import Actor
from clusters.simulator.cluster import Cluster
from clusters.simulator.controllers.pods import owner_reference

HASH = "controller-revision-hash"

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_encode = msgspec.json.Encoder(order="sorted").encode


def template_hash(template: Object, length: int = 10) -> str:
    """A short hash of a template in letters that spell nothing; FNV-1a, as the real one is."""
    value = 0xCBF29CE484222325
    for byte in _encode(template):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    text = ""
    while len(text) < length:
        value, digit = divmod(value, len(_LETTERS))
        text += _LETTERS[digit]
    return text


def keep_revision(cluster: Cluster, workload: Object) -> str:
    """Record a DaemonSet's or StatefulSet's template as a ControllerRevision; its name's hash."""
    template = workload["spec"]["template"]
    hashed = template_hash(template)
    metadata = workload["metadata"]
    name = f"{metadata['name']}-{hashed}"
    revisions = cluster.store.owned(metadata["uid"], "controllerrevisions.apps")
    newest = max((revision["revision"] for revision in revisions), default=0)
    known = next((revision for revision in revisions if revision["metadata"]["name"] == name), None)
    if known is None:
        labels = {**(template["metadata"].get("labels") or {}), HASH: hashed}
        cluster.create({
            "apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": newest + 1,
            "metadata": {"name": name, "namespace": metadata["namespace"], "labels": labels,
                         "ownerReferences": [owner_reference(workload)]},
            "data": {"spec": {"template": {**copy_of(template), "$patch": "replace"}}},
        }, Actor("kube-controller-manager"))  # fmt: skip
    elif known["revision"] < newest:
        cluster.change("controllerrevisions.apps", metadata["namespace"], name,
                       lambda obj: obj.update(revision=newest + 1), Actor("kube-controller-manager"))  # fmt: skip
    return hashed
