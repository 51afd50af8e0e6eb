"""A real API server that has forgotten: its own 410, not a proxy's."""

import time

import pytest

from tests.clusters.agent.manifests import namespace, pod
from tests.clusters.agent.proxy import Proxy, Rule
from tests.clusters.agent.waiting import until
from tests.clusters.real_kubernetes import Kubernetes, provided

PODS = "/api/v1/pods"
SPACE = "/api/v1/namespaces/forgetful/pods"


@pytest.fixture
def forgetful(tmp_path):
    """Without a watch cache, so that etcd's compaction is what a watch meets."""
    with provided(tmp_path / "run", extra="--etcd-compaction-interval=1s --watch-cache=false") as server:
        if server.audit_log is None:
            pytest.skip("a foreign cluster's compaction can't be set")
        yield server


@pytest.mark.real_kubernetes
def test_watch_from_compacted_history_leads_to_the_same_end_state(
    forgetful: Kubernetes, server, start, synced, tmp_path
):
    admin = forgetful.admin()
    admin.create("/api/v1/namespaces", namespace("forgetful"))
    admin.create(SPACE, pod("stays"))
    admin.create(SPACE, pod("goes"))
    proxy = Proxy(admin, tmp_path)
    try:
        agent = start(proxy.kubeconfig)
        synced()
        until(lambda: {"stays", "goes"} <= server.names("pods") and proxy.asked(PODS, watch=True))
        away = Rule(lambda request: request.path == PODS and request.is_watch, status=503, times=10**6)
        proxy.rules.append(away)
        proxy.cut_watches()
        admin.delete(f"{SPACE}/goes?gracePeriodSeconds=0")
        admin.create(SPACE, pod("comes"))
        time.sleep(5)  # some rounds of compaction, each of which forgets what the one before saw
        away.times = 0
        until(lambda: agent.metric("relists_total", cause="expired") >= 1)
        until(lambda: server.names("pods") == {"stays", "comes"})
        agent.stop()
    finally:
        proxy.close()
