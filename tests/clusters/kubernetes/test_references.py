from clusters.kubernetes.references import claims, config_maps, controller, owners, secrets

POD = {
    "kind": "Pod",
    "metadata": {
        "name": "web-0",
        "ownerReferences": [
            {"kind": "Tool", "name": "t", "uid": "1"},
            {"kind": "StatefulSet", "name": "web", "uid": "2", "controller": True},
            "nonsense",
        ],
    },
    "spec": {
        "imagePullSecrets": [{"name": "registry"}],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}},
            {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}},
            {"name": "tls", "secret": {"secretName": "tls"}},
            {
                "name": "all",
                "projected": {"sources": [{"secret": {"name": "p"}}, {"configMap": {"name": "q"}}]},
            },
            {"name": "conf", "configMap": {"name": "conf"}},
        ],
        "initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "init"}}]}],
        "containers": [
            {
                "name": "web",
                "env": [
                    {"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}},
                    {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "flags", "key": "k"}}},
                ],
            }
        ],
    },
}


def test_owners_keep_their_order_and_the_controller_is_marked():
    assert [owner.kind for owner in owners(POD)] == ["Tool", "StatefulSet"]
    found = controller(POD)
    assert found is not None
    assert (found.kind, found.uid) == ("StatefulSet", "2")


def test_a_sole_owner_counts_as_controller_and_two_unmarked_ones_do_not():
    first = {"kind": "Job", "name": "a"}
    assert controller({"metadata": {"ownerReferences": [first]}}) is not None
    assert controller({"metadata": {"ownerReferences": [first, first]}}) is None
    assert controller({}) is None


def test_claims_include_generic_ephemeral_volumes_of_pods():
    assert claims(POD) == ["data-web-0", "web-0-scratch"]
    assert claims({"kind": "Deployment", "spec": {"template": {"spec": POD["spec"]}}}) == ["data-web-0"]


def test_secrets_and_config_maps_are_found_in_volumes_and_environment():
    assert secrets(POD) == {"registry", "tls", "p", "init", "db"}
    assert config_maps(POD) == {"q", "conf", "flags"}
    assert secrets({}) == config_maps({"spec": []}) == set()
