"""What the agent does when the API server or SRExpert fails: the end state is the same, and nothing is sent twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clusters.agent.conftest import RunningAgent, StartAgent
from tests.clusters.agent.fake_server import FakeServer, Fault
from tests.clusters.agent.manifests import pod
from tests.clusters.agent.proxy import Proxy, Request, Rule
from tests.clusters.agent.waiting import until
from tests.clusters.real_kubernetes import Admin, Kubernetes

PODS = "/api/v1/pods"


@pytest.fixture
def proxy(admin: Admin, tmp_path: Path) -> Iterator[Proxy]:
    between = Proxy(admin, tmp_path)
    yield between
    between.close()


@pytest.fixture
def pods(space: str) -> str:
    return f"/api/v1/namespaces/{space}/pods"


def lists(path: str) -> Callable[[Request], bool]:
    return lambda request: request.path == path and not request.is_watch and request.query.get("limit") != "1"


def watches(path: str) -> Callable[[Request], bool]:
    return lambda request: request.path == path and request.is_watch


# -- the API server fails


def test_cut_watch_resumes_where_it_was(proxy, admin, pods, server, start, synced):
    admin.create(pods, pod("before"))
    start(proxy.kubeconfig)
    synced()
    until(lambda: "before" in server.names("pods") and proxy.asked(PODS, watch=True))
    listed = len([request for request in proxy.requests if lists(PODS)(request)])
    admin.create(pods, pod("during"))
    until(lambda: "during" in server.names("pods"))

    proxy.cut_watches()
    admin.create(pods, pod("after"))
    until(lambda: "after" in server.names("pods"))
    assert len([request for request in proxy.requests if lists(PODS)(request)]) == listed
    versions = [int(request.query["resourceVersion"]) for request in proxy.asked(PODS, watch=True)]
    assert versions == sorted(versions)
    assert versions[-1] > versions[0]


def test_expired_watch_lists_again_and_finds_what_was_missed(proxy, admin, pods, server, start, synced):
    admin.create(pods, pod("stays"))
    admin.create(pods, pod("goes"))
    agent = start(proxy.kubeconfig)
    synced()
    until(lambda: {"stays", "goes"} <= server.names("pods") and proxy.asked(PODS, watch=True))

    # While the watch can't be opened again, one pod goes and one comes; then its resourceVersion is too old.
    proxy.rules.append(Rule(watches(PODS), status=503, times=3))
    proxy.rules.append(Rule(watches(PODS), status=410, reason="Expired"))
    proxy.cut_watches()
    admin.delete(f"{pods}/goes?gracePeriodSeconds=0")
    admin.create(pods, pod("comes"))
    until(lambda: "goes" not in server.names("pods") and {"stays", "comes"} <= server.names("pods"))
    until(lambda: agent.metric("relists_total", cause="expired") == 1)


def test_expired_continue_token_starts_the_list_again(proxy, admin, pods, server, start, synced):
    names = {f"page-{number}" for number in range(5)}
    for name in names:
        admin.create(pods, pod(name))
    proxy.rules.append(
        Rule(
            lambda request: request.path == PODS and "continue" in request.query, status=410, reason="Expired"
        )
    )
    start(proxy.kubeconfig, page_size=2)
    synced()
    until(lambda: names <= server.names("pods"))
    complete = [manifest for manifest in server.manifests if manifest.resource == "pods"]
    assert [manifest.last for manifest in complete] == [True]


def test_list_that_breaks_off_deletes_nothing(proxy, admin, pods, server, start, synced):
    names = {f"kept-{number}" for number in range(4)}
    for name in names:
        admin.create(pods, pod(name))
    first = start(proxy.kubeconfig)
    synced()
    until(lambda: names <= server.names("pods"))
    first.stop()

    broken = Rule(lambda request: request.path == PODS and "continue" in request.query, cut=200, times=5)
    proxy.rules.append(broken)
    seen: list[int] = []
    server.refuse = lambda delta: seen.append(len(delta.deletes)) or 0  # type: ignore[func-returns-value]
    manifests = len([m for m in server.manifests if m.resource == "pods"])
    start(proxy.kubeconfig, page_size=2)
    until(lambda: broken.times == 0)
    until(lambda: len([m for m in server.manifests if m.resource == "pods"]) > manifests)
    assert names <= server.names("pods")
    assert not any(seen)


def test_throttled_list_waits_as_told(proxy, admin, pods, server, start, synced):
    admin.create(pods, pod("patient"))
    proxy.rules.append(Rule(lists(PODS), status=429, headers={"Retry-After": "2"}))
    start(proxy.kubeconfig)
    until(lambda: proxy.rules[0].times == 0)
    throttled_at = time.monotonic()
    asked = len([request for request in proxy.requests if lists(PODS)(request)])
    until(lambda: "patient" in server.names("pods"))
    assert time.monotonic() - throttled_at > 1.0
    assert len([request for request in proxy.requests if lists(PODS)(request)]) == asked + 1


def test_forbidden_kind_is_told_and_the_rest_goes_on_until_it_is_permitted(
    proxy, admin, pods, server, start, synced
):
    admin.create(pods, pod("hidden"))
    reason = 'pods is forbidden: User "jane@example.com" cannot list resource "pods" in API group ""'
    rule = Rule(lambda request: request.path == PODS, status=403, reason=reason, times=10**6)
    proxy.rules.append(rule)
    start(proxy.kubeconfig)
    synced()
    told = {kind.resource: kind for kind in server.enrolments[-1].kinds}
    assert told["pods"].status == "not_permitted"
    assert told["pods"].reason == reason.replace("jane@example.com", "…")
    assert server.names("namespaces")
    assert not server.names("pods")

    rule.times = 0
    until(lambda: "hidden" in server.names("pods"))
    until(
        lambda: (
            [kind.status for kind in server.heartbeats[-1].kinds if kind.resource == "pods"] == ["watched"]
        )
    )


def test_one_failing_kind_does_not_hold_up_the_others(proxy, admin, pods, server, start):
    admin.create(pods, pod("well"))
    for path in ("/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/apis/apps/v1/daemonsets"):
        proxy.rules.append(Rule(lambda request, path=path: request.path == path, status=500, times=10**6))  # type: ignore[misc]
    start(proxy.kubeconfig, give_up_seconds=0.5)
    until(lambda: "well" in server.names("pods"))
    until(lambda: server.heartbeats)
    statuses = {kind.resource: kind.status for kind in server.heartbeats[-1].kinds}
    assert statuses["deployments.apps"] == "failing"


# -- SRExpert fails


def test_server_away_costs_bounded_memory_and_no_change(cluster, admin, pods, server, start, synced):
    agent = start(cluster.kubeconfig, queue_bytes=20_000)
    synced()
    admin.create(pods, pod("busy"))
    until(lambda: "busy" in server.names("pods"))

    server.go_away()
    for number in range(20):
        admin.patch(f"{pods}/busy", {"metadata": {"labels": {"round": str(number)}}})
    until(lambda: agent.metric("queue_coalesced") > 5)
    for number in range(30):
        admin.create(pods, pod(f"more-{number}"))
    until(lambda: agent.metric("queue_overflows") >= 1)
    assert agent.metric("queue_held_bytes") <= 20_000
    admin.delete(f"{pods}/more-7?gracePeriodSeconds=0")

    server.come_back()
    expected = {"busy"} | {f"more-{number}" for number in range(30)} - {"more-7"}
    until(lambda: expected <= server.names("pods") and "more-7" not in server.names("pods"))
    until(lambda: any(b'"round":"19"' in raw for raw in list(server.objects.values())))
    assert len(server.enrolments) == 1


def test_lost_answer_is_repeated_with_the_same_bytes(cluster, admin, pods, server, start, synced):
    start(cluster.kubeconfig)
    synced()
    server.faults.append(Fault(drop_answer=True))
    admin.create(pods, pod("twice"))
    until(lambda: server.repeats == 1)
    until(lambda: "twice" in server.names("pods"))
    assert [
        times for body, times in Counter(server.bodies).items() if b'"sequence"' in body and times > 1
    ] == [2]
    assert len(server.enrolments) == 1


def test_lost_answer_to_a_manifest_still_brings_every_object(cluster, admin, pods, server, start, synced):
    names = {f"all-{number}" for number in range(3)}
    for name in names:
        admin.create(pods, pod(name))
    server.faults += [Fault(drop_answer=True)] * 15
    start(cluster.kubeconfig)
    until(lambda: names <= server.names("pods"))


def test_throttling_server_is_not_asked_before_its_time(cluster, admin, pods, server, start, synced):
    start(cluster.kubeconfig)
    synced()
    server.faults.append(Fault(status=429, headers={"Retry-After": "2"}))
    asked = server.requests["sync"]
    admin.create(pods, pod("later"))
    until(lambda: server.requests["sync"] == asked + 1)
    throttled_at = time.monotonic()
    until(lambda: "later" in server.names("pods"))
    assert time.monotonic() - throttled_at > 1.0


def test_gap_makes_the_agent_enrol_and_compare_everything(cluster, admin, pods, server, start, synced):
    start(cluster.kubeconfig)
    synced()
    # As after a restore of the server's database: it expects an older number.
    server.expected -= 3
    admin.create(pods, pod("beyond"))
    until(lambda: len(server.enrolments) == 2)
    synced()
    until(lambda: "beyond" in server.names("pods"))


def test_session_taken_over_is_noticed_by_the_heartbeat(cluster, admin, pods, server, start, synced):
    admin.create(pods, pod("held"))
    start(cluster.kubeconfig)
    synced()
    until(lambda: "held" in server.names("pods"))
    server.objects.clear()
    server.hashes.clear()
    server.session = "00000000-0000-0000-0000-000000000000"
    until(lambda: len(server.enrolments) == 2)
    until(lambda: "held" in server.names("pods"))


@pytest.mark.parametrize("status", [400, 413])
def test_refused_object_does_not_hold_up_the_others(status, cluster, admin, pods, server, start, synced):
    names = {f"good-{number}" for number in range(6)}
    for name in names | {"bad"}:
        admin.create(pods, pod(name))
    server.refuse = lambda delta: (
        status if any(b'"name":"bad"' in bytes(item.object) for item in delta.upserts) else 0
    )
    agent = start(cluster.kubeconfig)
    until(lambda: names <= server.names("pods"))
    assert "bad" not in server.names("pods")
    assert agent.metric("rejected_objects_total") == 1
    assert len(server.enrolments) == 1


def test_rotated_token_is_read_again(cluster, admin, pods, server, start, synced, token_file):
    start(cluster.kubeconfig)
    synced()
    token_file.write_text("the-new-token\n")
    server.token = "the-new-token"
    admin.create(pods, pod("fresh"))
    until(lambda: "fresh" in server.names("pods"))
    assert len(server.enrolments) == 1


# -- the agent itself is killed


@pytest.mark.faults
def test_killed_agent_comes_back_to_the_same_end_state(cluster, admin, pods, server, token_file, tmp_path):
    for name in ("first", "second"):
        admin.create(pods, pod(name))
    process = _spawn(cluster, server, token_file, tmp_path)
    try:
        until(lambda: {"first", "second"} <= server.names("pods"))
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
    admin.delete(f"{pods}/first?gracePeriodSeconds=0")
    admin.create(pods, pod("third"))

    process = _spawn(cluster, server, token_file, tmp_path)
    try:
        until(lambda: {"second", "third"} <= server.names("pods") and "first" not in server.names("pods"))
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def _spawn(
    cluster: Kubernetes, server: FakeServer, token_file: Path, folder: Path
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "clusters.agent", "run", "--server", server.url, "--health-port", "0"]
    files = ["--token-file", str(token_file), "--kubeconfig", str(cluster.kubeconfig)]
    return subprocess.Popen(
        [*command, *files, "--state-dir", str(folder / "state")],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def running(agents: list[RunningAgent]) -> list[RunningAgent]:
    return [agent for agent in agents if agent.agent.term is not None]


def test_of_two_replicas_one_sends_and_the_other_takes_over(
    cluster, admin, pods, space, server, start: StartAgent
):
    lease = {
        "leader_elect": True,
        "lease_namespace": space,
        "lease_seconds": 4,
        "renew_seconds": 3,
        "retry_seconds": 1,
    }
    replicas = [start(cluster.kubeconfig, **lease) for _ in range(2)]
    until(lambda: len(running(replicas)) == 1)
    [leader] = running(replicas)
    admin.create(pods, pod("by-the-first"))
    until(lambda: "by-the-first" in server.names("pods"))
    assert len(server.enrolments) == 1

    # It hangs: no renewal arrives any more. It must stop by itself before the other one starts.
    assert leader.agent.election is not None
    leader.agent.election.attempt = lambda: None  # type: ignore[method-assign]
    until(lambda: leader.agent.term is None)
    [standby] = [replica for replica in replicas if replica is not leader]
    until(lambda: standby.agent.term is not None)
    assert leader.agent.term is None
    admin.create(pods, pod("by-the-second"))
    until(lambda: "by-the-second" in server.names("pods"))
    assert len(server.enrolments) == 2
