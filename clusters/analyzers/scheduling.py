"""Takes apart the scheduler's message about a pod that fits on no node, predicate by predicate.

Source: kube-scheduler's `FitError` ("0/5 nodes are available: 1 node(s) …, 2 Insufficient cpu. preemption: …") and
the reasons of its plug-ins, versions 1.20 to 1.35.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Predicate(StrEnum):
    """What a node failed; the values are what a sentence says of it."""

    RESOURCES = "not enough {subject} left"
    TOO_MANY_PODS = "too many pods on the node"
    TAINT = "the pod doesn't tolerate its taint {subject}"
    NODE_DOWN = "the node is down"
    CORDONED = "the node is cordoned"
    NODE_AFFINITY = "node selector or affinity matches no such node"
    POD_AFFINITY = "pod affinity finds no partner there"
    POD_ANTI_AFFINITY = "pod anti-affinity forbids it"
    SPREAD = "topology spread forbids it"
    PORTS = "the host port is taken"
    VOLUME_LIMIT = "the node can attach no more volumes"
    VOLUME_NODE = "the volume is in another zone or on another node"
    CLAIM_UNBOUND = "its volume claim isn't bound"
    CLAIM_MISSING = "its volume claim {subject} doesn't exist"
    CLASS_MISSING = "the storage class {subject} doesn't exist"
    NO_NODES = "the cluster has no nodes"
    OTHER = "{subject}"


STORAGE = frozenset({Predicate.CLAIM_UNBOUND, Predicate.CLASS_MISSING})
NODES = frozenset({Predicate.NODE_DOWN})

_FORMS: tuple[tuple[str, Predicate], ...] = (
    (r"Insufficient (?P<subject>\S+)", Predicate.RESOURCES),
    (r"Too many pods", Predicate.TOO_MANY_PODS),
    (r"taint(?:s|\(s\))? \{(?P<subject>node\.kubernetes\.io/(?:not-ready|unreachable|network-unavailable)[^}]*)\}",
     Predicate.NODE_DOWN),
    (r"taint(?:s|\(s\))? \{(?P<subject>node\.kubernetes\.io/(?:memory|disk|pid)-pressure[^}]*)\}", Predicate.NODE_DOWN),
    (r"taint(?:s|\(s\))? \{(?P<subject>node\.kubernetes\.io/unschedulable[^}]*)\}|were unschedulable", Predicate.CORDONED),
    (r"taint(?:s|\(s\))? \{(?P<subject>[^}]*)\}", Predicate.TAINT),
    (r"untolerated taint|taints that the pod didn't tolerate", Predicate.TAINT),
    (r"[Ss]torage ?[Cc]lass\S* \"?(?P<subject>[^\s\"]+)\"? not found", Predicate.CLASS_MISSING),
    (r"persistentvolumeclaim \"(?P<subject>[^\"]+)\" not found", Predicate.CLAIM_MISSING),
    (r"unbound immediate PersistentVolumeClaims|persistent volumes to bind|to create the persistentvolumeclaim",
     Predicate.CLAIM_UNBOUND),
    (r"volume node affinity conflict|no available volume zone|volume zone conflict", Predicate.VOLUME_NODE),
    (r"exceed max volume count|max volume count", Predicate.VOLUME_LIMIT),
    (r"anti-affinity", Predicate.POD_ANTI_AFFINITY),
    (r"pod affinity", Predicate.POD_AFFINITY),
    (r"topology spread", Predicate.SPREAD),
    (r"node affinity|affinity/selector|node selector|\[NodeAffinity\]", Predicate.NODE_AFFINITY),
    (r"free ports", Predicate.PORTS),
    (r"no nodes available", Predicate.NO_NODES),
)  # fmt: skip
_KNOWN = tuple((re.compile(form), predicate) for form, predicate in _FORMS)
_HEAD = re.compile(r"^\s*(?:running PreFilter plugin \S+: )?\d+/(\d+) nodes are available:?\s*")
# Of each part: the count, then the reason; a comma inside {taint: value} or in a clause doesn't separate.
_PART = re.compile(r"(?:,\s*)(?=\d+ )")
_COUNT = re.compile(r"^(\d+)\s+(?:node\(s\) )?(.*)$", re.DOTALL)
_FIXES = {
    Predicate.RESOURCES: "lower the pod's requests for {subject}, or add nodes (kubectl describe nodes shows what is "
    "requested; limits and use don't count)",
    Predicate.TOO_MANY_PODS: "add nodes, or raise the kubelet's maxPods",
    Predicate.TAINT: "add a toleration for {subject}, or remove the taint from a node meant for this pod",
    Predicate.NODE_DOWN: "bring the node back",
    Predicate.CORDONED: "kubectl uncordon a node that may take pods again",
    Predicate.NODE_AFFINITY: "compare nodeSelector and nodeAffinity with kubectl get nodes --show-labels",
    Predicate.POD_AFFINITY: "check that pods which podAffinity asks for run in that topology",
    Predicate.POD_ANTI_AFFINITY: "add nodes, or make podAntiAffinity preferred instead of required",
    Predicate.SPREAD: "loosen topologySpreadConstraints (maxSkew, whenUnsatisfiable), or add nodes in the short zone",
    Predicate.PORTS: "drop the hostPort, or add nodes where it is free",
    Predicate.VOLUME_LIMIT: "add nodes: each can attach only so many volumes",
    Predicate.VOLUME_NODE: "let the pod run where its volume is, or recreate the volume with WaitForFirstConsumer",
    Predicate.CLAIM_UNBOUND: "see why the claim isn't bound (kubectl describe pvc)",
    Predicate.CLAIM_MISSING: "create the PersistentVolumeClaim {subject}, or correct the name",
    Predicate.CLASS_MISSING: "create the StorageClass {subject}, or name an existing one",
    Predicate.NO_NODES: "add a node",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One predicate, on how many nodes it failed (0 where the message doesn't count), and about what."""

    predicate: Predicate
    nodes: int = 0
    subject: str = ""

    @property
    def words(self) -> str:
        """What failed, without the count."""
        return self.predicate.value.format(subject=self.subject).strip()

    @property
    def advice(self) -> str:
        """What to do about it, or an empty string."""
        return _FIXES.get(self.predicate, "").format(subject=self.subject or "it")


def decode(message: str) -> list[Refusal]:
    """Return the refusals in a scheduler's message, those on most nodes first; what is unknown is quoted."""
    body = re.split(r"\.?\s+preemption:", message, maxsplit=1)[0].strip().rstrip(".")
    if not body:
        return []
    head = _HEAD.match(body)
    parts = _PART.split(body[head.end() :]) if head else [body]
    found: dict[tuple[Predicate, str], int] = {}
    for part in parts:
        counted = _COUNT.match(part)
        nodes, reason = (int(counted[1][:9]), counted[2]) if counted else (0, part)
        predicate, subject = _classify(reason.strip())
        found[predicate, subject] = found.get((predicate, subject), 0) + nodes
    refusals = [Refusal(predicate, nodes, subject) for (predicate, subject), nodes in found.items()]
    return sorted(refusals, key=lambda refusal: (-refusal.nodes, refusal.predicate.name, refusal.subject))


def _classify(reason: str) -> tuple[Predicate, str]:
    for form, predicate in _KNOWN:
        match = form.search(reason)
        if match:
            subject = match.groupdict().get("subject") or ""
            return predicate, subject.strip().rstrip(":,").strip()
    return Predicate.OTHER, reason[:200]


def summary(refusals: list[Refusal]) -> str:
    """Return one fragment that stays the same while node counts change.

    What holds pods off by design (control-plane taints) is left out where something else refuses too.
    """
    telling = [refusal for refusal in refusals if not _by_design(refusal)] or refusals
    words = sorted({refusal.words for refusal in telling})
    return "; ".join(words) if words else "the scheduler gives no reason"


def _by_design(refusal: Refusal) -> bool:
    control_plane = refusal.subject.startswith(("node-role.kubernetes.io/", "CriticalAddonsOnly"))
    return refusal.predicate is Predicate.TAINT and control_plane


def explanation(refusals: list[Refusal]) -> str:
    """Return what each node lacks, with the counts."""
    return "; ".join(
        f"on {refusal.nodes} node{'s' if refusal.nodes != 1 else ''}: {refusal.words}"
        if refusal.nodes
        else refusal.words
        for refusal in refusals
    )


def advice(refusals: list[Refusal]) -> str:
    """Return what to do, one sentence for each kind of refusal that isn't by design."""
    telling = [refusal for refusal in refusals if not _by_design(refusal)] or refusals
    found = dict.fromkeys(refusal.advice for refusal in telling if refusal.advice)
    return "; or ".join(found)
