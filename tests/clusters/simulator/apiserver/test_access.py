from typing import Any

import pytest

from clusters.simulator.apiserver.access import Attributes, allowed, user_named
from clusters.simulator.simulation import Simulation
from clusters.simulator.world.platform import AGENT
from tests.clusters.simulator.calling import Caller, config_map

RBAC = "/apis/rbac.authorization.k8s.io/v1"
PODS = "/api/v1/namespaces/default/pods"


def _grant(admin: Caller, name: str, rules: list[dict[str, Any]], *, namespace: str = "") -> None:
    where = f"{RBAC}/namespaces/{namespace}" if namespace else RBAC
    kind = "Role" if namespace else "ClusterRole"
    subject = {"kind": "User", "name": "plain"}
    admin.create(f"{where}/{kind.lower()}s", {"metadata": {"name": name}, "rules": rules})
    admin.create(f"{where}/{kind.lower()}bindings", {
        "metadata": {"name": name}, "roleRef": {"kind": kind, "name": name}, "subjects": [subject],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "refused", "details"),
    [
        ("GET", PODS, ("pods", "list", "pods", "", 'in the namespace "default"'), {"kind": "pods"}),
        ("GET", "/apis/apps/v1/deployments", ("deployments.apps", "list", "deployments", "apps", "at the cluster scope"),
         {"group": "apps", "kind": "deployments"}),
        ("GET", f"{PODS}/x", ('pods "x"', "get", "pods", "", 'in the namespace "default"'), {"name": "x", "kind": "pods"}),
        ("POST", f"{PODS}/x/eviction", ('pods "x"', "create", "pods/eviction", "", 'in the namespace "default"'),
         {"name": "x", "kind": "pods"}),
    ],
)  # fmt: skip
def test_refusal_is_worded_as_the_api_server_words_it(
    plain: Caller, method: str, path: str, refused: tuple[str, ...], details: dict[str, str]
) -> None:
    what, verb, resource, group, where = refused
    message = f'{what} is forbidden: User "plain" cannot {verb} resource "{resource}" in API group "{group}" {where}'
    answer = plain.request(method, path)
    assert answer.status_code == 403
    assert answer.json() == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                             "message": message, "reason": "Forbidden", "details": details, "code": 403}  # fmt: skip


def test_refused_path_is_named(plain: Caller) -> None:
    answer = plain.request("GET", "/metrics").json()
    assert (answer["message"], answer["details"]) == (
        'forbidden: User "plain" cannot get path "/metrics"',
        {},
    )


def test_unknown_token_is_401(simulation: Simulation) -> None:
    answer = Caller(simulation, "nobody-issued-this").request("GET", PODS)
    assert answer.status_code == 401
    assert answer.json() == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                             "message": "Unauthorized", "reason": "Unauthorized", "code": 401}  # fmt: skip


def test_anonymous_sees_health_and_version_only(simulation: Simulation) -> None:
    nobody = Caller(simulation, "")
    assert [
        nobody.request("GET", path).status_code for path in ("/healthz", "/livez", "/readyz", "/version")
    ] == [200] * 4
    answer = nobody.request("GET", PODS)
    assert answer.status_code == 403
    assert 'User "system:anonymous" cannot list' in answer.json()["message"]


def test_every_user_may_discover(plain: Caller) -> None:
    assert [
        plain.request("GET", path).status_code for path in ("/api", "/apis", "/apis/apps/v1", "/openapi/v3")
    ] == [200] * 4


def test_role_opens_its_namespace_and_no_other(admin: Caller, plain: Caller) -> None:
    _grant(admin, "map-reader", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}],
           namespace="shop")  # fmt: skip
    assert plain.request("GET", "/api/v1/namespaces/shop/configmaps").status_code == 200
    assert plain.request("GET", "/api/v1/namespaces/default/configmaps").status_code == 403
    assert plain.request("GET", "/api/v1/configmaps").status_code == 403
    refused = plain.request("POST", "/api/v1/namespaces/shop/configmaps", config_map("x"))
    assert refused.status_code == 403
    assert admin.request("GET", "/api/v1/namespaces/shop/configmaps/x").status_code == 404


def test_resource_names_limit_a_rule_to_those_objects(admin: Caller, plain: Caller) -> None:
    rule = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"], "resourceNames": ["n1"]}
    _grant(admin, "one-node", [rule])
    assert plain.request("GET", "/api/v1/nodes/n1").status_code == 200
    assert plain.request("GET", "/api/v1/nodes/n2").status_code == 403


def test_subresources_need_a_rule_of_their_own(admin: Caller, plain: Caller) -> None:
    _grant(
        admin,
        "scaler",
        [{"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "patch"]}],
    )
    path = "/apis/apps/v1/namespaces/shop/deployments/orders"
    assert plain.request("GET", f"{path}/scale").status_code == 200
    assert plain.request("GET", path).status_code == 403


def test_withdrawn_binding_closes_what_it_opened(admin: Caller, plain: Caller) -> None:
    _grant(admin, "briefly", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}])
    assert plain.request("GET", "/api/v1/namespaces").status_code == 200
    admin.delete(f"{RBAC}/clusterrolebindings/briefly")
    assert plain.request("GET", "/api/v1/namespaces").status_code == 403


def test_self_subject_reviews_tell_the_truth(admin: Caller, plain: Caller) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    wanted = {"spec": {"resourceAttributes": {"verb": "delete", "resource": "nodes"}}}
    assert plain.create(path, wanted)["status"] == {"allowed": False}
    assert admin.create(path, wanted)["status"] == {"allowed": True}


def test_requested_token_stands_for_its_service_account(admin: Caller, simulation: Simulation) -> None:
    made = admin.create("/api/v1/namespaces/srexpert/serviceaccounts/srexpert-agent/token", {"spec": {}})
    agent = Caller(simulation, made["status"]["token"])
    assert agent.request("GET", "/api/v1/pods").status_code == 200
    assert agent.request("GET", "/api/v1/secrets").status_code == 403
    assert AGENT in agent.request("GET", "/api/v1/secrets").json()["message"]


def test_agent_role_reads_and_never_writes_or_sees_secrets(simulation: Simulation) -> None:
    store, agent = simulation.cluster.store, user_named(AGENT)
    assert allowed(store, agent, Attributes("watch", "apps", "deployments"))
    assert allowed(store, agent, Attributes("get", path="/readyz"))
    for refused in (
        Attributes("list", "", "secrets"), Attributes("get", "", "configmaps", namespace="shop", name="x"),
        Attributes("get", "", "pods", "log", "shop", "x"), Attributes("delete", "", "pods", "", "shop", "x"),
        Attributes("patch", "apps", "deployments", "", "shop", "x"),
    ):  # fmt: skip
        assert not allowed(store, agent, refused)
