"""The agent, the simulated cluster and the real server together: what is in the cluster is in the inventory."""

from collections import Counter

import pytest

from clusters.models import Cluster, KindStatus, KubernetesObject
from srexpert.tenancy import acting_for
from tests.clusters.agent.manifests import pod
from tests.clusters.agent.waiting import until
from tests.factories import clusters as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def held(cast):
    """Names of the objects that the inventory has of a kind."""

    def names(kind: str) -> set[str]:
        with acting_for(cast.northwind):
            return set(KubernetesObject.objects.filter(kind=kind).values_list("name", flat=True))

    return names


def test_inventory_follows_the_cluster(cast, live_server, held, simulated_kubernetes, start, token_file):
    _, token = make.cluster(cast.northwind)
    token_file.write_text(token)
    admin = simulated_kubernetes.admin()
    pods = "/api/v1/namespaces/default/pods"
    admin.create(pods, pod("seen", value="canary-Qz72hTr-value"))
    agent = start(simulated_kubernetes.kubeconfig, server=live_server.url)
    until(lambda: "seen" in held("Pod"))

    admin.create(pods, pod("later"))
    admin.delete(f"{pods}/seen?gracePeriodSeconds=0")
    until(lambda: "later" in held("Pod") and "seen" not in held("Pod"))
    until(lambda: _kinds(cast)["completed"] == _kinds(cast)["watched"] > 20)
    agent.stop()

    expected = {item["metadata"]["name"] for item in admin.get("/apis/apps/v1/deployments")["items"]}
    assert held("Deployment") == expected
    with acting_for(cast.northwind):
        assert Cluster.objects.get().agent_version
        assert not KubernetesObject.objects.filter(projection__icontains="canary-Qz72hTr").exists()
    admin.delete(f"{pods}/later?gracePeriodSeconds=0")


def _kinds(cast) -> Counter[str]:
    with acting_for(cast.northwind):
        kinds = list(KindStatus.objects.values_list("status", "completed_at"))
    return Counter(
        ["watched" for status, _ in kinds if status == "watched"]
        + ["completed" for status, at in kinds if at and status == "watched"]
    )
