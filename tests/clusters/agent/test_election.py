"""The Lease on a real API server: one holder, handed on at once when given back, never shared."""

import threading
import time

import pytest

from clusters.agent.cluster_api import load_configuration
from clusters.agent.election import LEASE_NAME, Election
from tests.clusters.agent.waiting import until


@pytest.fixture
def candidates(cluster, space):
    """Two replicas with short leases, not yet running."""
    configuration = load_configuration(str(cluster.kubeconfig))
    stopping = [threading.Event(), threading.Event()]
    return [
        Election(
            configuration,
            namespace=space,
            stopping=stop,
            lease_seconds=3,
            renew_seconds=2,
            retry_seconds=1,
            name=f"replica-{number}",
        )
        for number, stop in enumerate(stopping)
    ]


def test_attempt_gives_the_lease_to_one(candidates, admin, space):
    first, second = candidates
    first.attempt()
    second.attempt()
    assert (first.held(), second.held()) == (True, False)
    lease = admin.get(f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases/{LEASE_NAME}")
    assert lease["spec"]["holderIdentity"] == "replica-0"
    assert lease["spec"]["leaseDurationSeconds"] == 3


def test_release_lets_the_other_take_it_at_once(candidates):
    first, second = candidates
    first.attempt()
    second.attempt()
    first.release()
    second.attempt()
    assert (first.held(), second.held()) == (False, True)


def test_held_ends_by_the_clock_before_the_other_may_take_over(candidates):
    first, second = candidates
    first.attempt()
    second.attempt()
    deadline = time.monotonic() + 20
    while not second.held():
        # `first` never renews, as when its calls hang.
        assert time.monotonic() < deadline
        second.attempt()
        assert not (first.held() and second.held())
        time.sleep(0.1)


def test_a_stolen_lease_is_noticed(candidates, admin, space):
    first, _ = candidates
    first.attempt()
    path = f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases/{LEASE_NAME}"
    lease = admin.get(path)
    lease["spec"] |= {"holderIdentity": "somebody", "renewTime": "2099-01-01T00:00:00.000000Z"}
    admin.request("PUT", path, lease)
    first.attempt()
    assert not first.held()


def test_run_keeps_the_lease_and_gives_it_back(candidates):
    first, second = candidates
    thread = threading.Thread(target=first.run, daemon=True)
    thread.start()
    until(first.held)
    time.sleep(3.5)  # longer than the lease: it was renewed
    second.attempt()
    assert (first.held(), second.held()) == (True, False)
    first._stopping.set()
    thread.join(timeout=10)
    second.attempt()
    assert (first.held(), second.held()) == (False, True)
