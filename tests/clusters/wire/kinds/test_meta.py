"""Metadata: labels, annotations, owners, managed fields."""

import json

from tests.clusters.wire.objects import CANARY, UID, left, metadata


def test_legal_labels_stay():
    labels = {"app.kubernetes.io/name": "web", "pod-template-hash": "7d9f8b6c5d", "empty": ""}
    assert metadata(labels=labels)["labels"] == labels


def test_other_labels_are_redacted():
    token = "ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dE4fG6"
    one = metadata(labels={"token": token, "owner": "jane.doe@example.org", token: "x"})["labels"]
    assert token not in json.dumps(one)
    assert "jane.doe" not in json.dumps(one)


def test_allow_listed_annotations_stay():
    annotations = {
        "meta.helm.sh/release-name": "shop",
        "meta.helm.sh/release-namespace": "shop",
        "deployment.kubernetes.io/revision": "7",
        "kubernetes.io/ingress.class": "nginx",
        "pod-security.kubernetes.io/enforce-policy": "restricted:v1.30",
        "kubernetes.io/change-cause": "kubectl set image deployment/web web=nginx:2",
    }
    assert metadata(annotations=annotations)["annotations"] == annotations


def test_change_cause_is_redacted():
    one = metadata(annotations={"kubernetes.io/change-cause": "kubectl create --password=Zq12345!xJ9 x"})
    assert "Zq12345!xJ9" not in json.dumps(one)


def test_other_annotations_keep_only_their_key():
    one = metadata(
        annotations={"example.com/note": CANARY, "meta.helm.sh/release-name": f"not a name {CANARY}"}
    )
    assert one["annotations"] == {"example.com/note": "", "meta.helm.sh/release-name": ""}


def test_applied_manifests_and_snippets_go_wholly():
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"data": CANARY}),
        "nginx.ingress.kubernetes.io/configuration-snippet": CANARY,
        "nginx.ingress.kubernetes.io/auth-secret": CANARY,
        "bad key": CANARY,
    }
    one = left("ingresses.networking.k8s.io", metadata={"annotations": annotations})["metadata"]
    assert one["annotations"] == {}


def test_managed_fields_keep_known_managers_times_and_paths():
    entries = [
        {
            "manager": "kubectl-client-side-apply",
            "operation": "Update",
            "time": "2025-01-02T03:04:05Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:replicas": {}, 'k:{"name":"app"}': {".": {}}, f'v:"{CANARY}"': {}}},
        },
        {"manager": "jane-doe-laptop", "fieldsV1": {f'k:{{"secret":"{CANARY}"}}': CANARY}},
    ]
    one = metadata(managedFields=entries)["managedFields"]
    assert one[0]["fieldsV1"] == {"f:spec": {"f:replicas": {}, 'k:{"name":"app"}': {".": {}}, "v:": {}}}
    assert one[0]["manager"] == "kubectl-client-side-apply"
    assert one[1] == {"manager": "other", "fieldsV1": {"k:{}": {}}}


def test_identity_and_owners_stay():
    content = {
        "resourceVersion": "123",
        "generation": 4,
        "creationTimestamp": "2025-01-02T03:04:05Z",
        "finalizers": ["kubernetes.io/pvc-protection"],
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": "web-1",
                "uid": UID,
                "controller": True,
            }
        ],
    }
    one = metadata(**content)
    assert {name: one[name] for name in content} == content
