import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.analyzers.scheduling import Predicate, advice, decode, explanation, summary


@pytest.mark.parametrize(
    ("reason", "predicate", "subject"),
    [
        ("2 Insufficient cpu", Predicate.RESOURCES, "cpu"),
        ("2 Insufficient nvidia.com/gpu", Predicate.RESOURCES, "nvidia.com/gpu"),
        ("2 Too many pods", Predicate.TOO_MANY_PODS, ""),
        ("1 node(s) had untolerated taint {dedicated: gpu}", Predicate.TAINT, "dedicated: gpu"),
        ("1 node(s) had untolerated taint(s) {dedicated}", Predicate.TAINT, "dedicated"),
        (
            "1 node(s) had taint {dedicated: gpu}, that the pod didn't tolerate",
            Predicate.TAINT,
            "dedicated: gpu",
        ),
        (
            "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }",
            Predicate.NODE_DOWN,
            "node.kubernetes.io/unreachable",
        ),
        (
            "1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }",
            Predicate.NODE_DOWN,
            "node.kubernetes.io/memory-pressure",
        ),
        ("1 node(s) were unschedulable", Predicate.CORDONED, ""),
        ("3 node(s) didn't match Pod's node affinity/selector", Predicate.NODE_AFFINITY, ""),
        ("3 node(s) didn't match node selector", Predicate.NODE_AFFINITY, ""),
        ("3 node(s) didn't match pod affinity rules", Predicate.POD_AFFINITY, ""),
        ("3 node(s) didn't match pod anti-affinity rules", Predicate.POD_ANTI_AFFINITY, ""),
        ("3 node(s) didn't satisfy existing pods anti-affinity rules", Predicate.POD_ANTI_AFFINITY, ""),
        ("3 node(s) didn't match pod topology spread constraints", Predicate.SPREAD, ""),
        ("1 node(s) didn't have free ports for the requested pod ports", Predicate.PORTS, ""),
        ("1 node(s) exceed max volume count", Predicate.VOLUME_LIMIT, ""),
        ("2 node(s) had volume node affinity conflict", Predicate.VOLUME_NODE, ""),
        ("2 node(s) didn't find available persistent volumes to bind", Predicate.CLAIM_UNBOUND, ""),
        ("pod has unbound immediate PersistentVolumeClaims", Predicate.CLAIM_UNBOUND, ""),
        ('persistentvolumeclaim "data" not found', Predicate.CLAIM_MISSING, "data"),
        ('storageclass.storage.k8s.io "fast" not found', Predicate.CLASS_MISSING, "fast"),
        ("2 a reason from a plug-in of one's own", Predicate.OTHER, "a reason from a plug-in of one's own"),
    ],
)
def test_decode_knows_each_predicate(reason, predicate, subject):
    (found,) = decode(f"0/5 nodes are available: {reason}. preemption: 0/5 nodes are available: 5 whatever.")
    assert (found.predicate, found.subject) == (predicate, subject)


def test_decode_takes_a_message_apart_and_the_widest_refusal_comes_first():
    message = (
        "0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
        "1 Insufficient cpu, 3 Insufficient memory. preemption: 0/5 nodes are available: 5 No preemption victims found."
    )
    found = decode(message)
    assert [(entry.nodes, entry.predicate) for entry in found] == [
        (3, Predicate.RESOURCES),
        (1, Predicate.RESOURCES),
        (1, Predicate.TAINT),
    ]
    assert summary(found) == "not enough cpu left; not enough memory left"
    assert explanation(found).startswith("on 3 nodes: not enough memory left; on 1 node: not enough cpu left")
    assert "lower the pod's requests for memory" in advice(found)
    assert "toleration" not in advice(found)


def test_decode_reads_messages_without_the_usual_head():
    assert [entry.predicate for entry in decode("no nodes available to schedule pods")] == [
        Predicate.NO_NODES
    ]
    assert decode("") == []


@given(st.text(max_size=80))
def test_decode_takes_any_text(message):
    assert isinstance(summary(decode(message)), str)
    assert isinstance(advice(decode(f"0/3 nodes are available: {message}")), str)
