"""Events, routing, scaling, storage, rights, webhooks, definitions and certificates."""

import json

from tests.clusters.wire.objects import CANARY, left, projected


def test_event_keeps_what_happened_and_redacts_the_message():
    content = {
        "reason": "BackOff",
        "type": "Warning",
        "count": 3,
        "involvedObject": {
            "kind": "Pod",
            "name": "web",
            "namespace": "shop",
            "fieldPath": "spec.containers{app}",
        },
        "source": {"component": "kubelet", "host": "node-1"},
        "lastTimestamp": "2025-01-02T03:04:05Z",
    }
    one = left(
        "events", message="failed: password=Zq12345!xJ9", metadata={"annotations": {"a": "b"}}, **content
    )
    assert {name: one[name] for name in content} == content
    assert "Zq12345!xJ9" not in one["message"]
    assert "annotations" not in one["metadata"]


def test_event_of_the_newer_group_is_alike():
    one = left(
        "events.events.k8s.io",
        note="all is well",
        regarding={"kind": "Pod", "name": "web"},
        reportingController="kubelet",
    )
    assert (one["apiVersion"], one["note"]) == ("events.k8s.io/v1", "all is well")


def test_service_and_ingress_keep_their_routing():
    service = {
        "type": "ExternalName",
        "externalName": "db.example.com",
        "ports": [{"port": 80, "targetPort": "http"}],
    }
    assert left("services", spec=service)["spec"] == service
    ingress = {
        "rules": [{"host": "*.example.com", "http": {"paths": [{"path": "/a", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}],
        "tls": [{"hosts": ["a.example.com"], "secretName": "tls"}],
    }  # fmt: skip
    assert left("ingresses.networking.k8s.io", spec=ingress)["spec"] == ingress


def test_route_loses_header_values():
    rule = {
        "matches": [
            {
                "path": {"type": "PathPrefix", "value": "/a"},
                "headers": [{"name": "X-Key", "value": CANARY}],
            }
        ],
        "filters": [
            {
                "type": "RequestHeaderModifier",
                "requestHeaderModifier": {"set": [{"name": "Authorization", "value": CANARY}]},
            }
        ],
    }
    one = left("httproutes.gateway.networking.k8s.io", spec={"rules": [rule]})["spec"]["rules"][0]
    assert one["matches"][0]["headers"] == [{"name": "X-Key"}]
    assert one["filters"][0]["requestHeaderModifier"]["set"] == [{"name": "Authorization"}]


def test_autoscaler_forms_stay():
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    first = {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 80}
    assert (
        left("horizontalpodautoscalers.autoscaling", apiVersion="autoscaling/v1", spec=first)["spec"] == first
    )
    metric = {
        "metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}},
        "target": {"type": "AverageValue", "averageValue": "30"},
    }
    second = {
        "scaleTargetRef": target,
        "maxReplicas": 3,
        "metrics": [{"type": "External", "external": metric}],
    }
    for version in ("v2beta2", "v2"):
        one = left("horizontalpodautoscalers.autoscaling", apiVersion=f"autoscaling/{version}", spec=second)
        assert one["spec"] == second


def test_disruption_budget_of_both_versions():
    spec = {"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}}
    for version in ("v1beta1", "v1"):
        assert left("poddisruptionbudgets.policy", apiVersion=f"policy/{version}", spec=spec)["spec"] == spec


def test_persistent_volume_loses_attributes_and_handles():
    csi = {
        "driver": "ebs.csi.aws.com",
        "fsType": "ext4",
        "volumeHandle": CANARY,
        "volumeAttributes": {"a": CANARY},
    }
    spec = {
        "capacity": {"storage": "5Gi"},
        "storageClassName": "fast",
        "csi": csi,
        "mountOptions": [CANARY],
        "nfs": {"server": CANARY, "path": CANARY},
    }
    assert left("persistentvolumes", spec=spec)["spec"] == {
        "capacity": {"storage": "5Gi"},
        "storageClassName": "fast",
        "csi": {"driver": "ebs.csi.aws.com", "fsType": "ext4"},
        "nfs": {},
    }


def test_rbac_keeps_rules_and_hides_people():
    rules = [
        {
            "apiGroups": ["", "apps"],
            "resources": ["pods", "pods/log"],
            "verbs": ["*"],
            "resourceNames": ["web"],
        }
    ]
    assert left("clusterroles.rbac.authorization.k8s.io", rules=rules)["rules"] == rules
    subjects = [
        {"kind": "User", "name": "jane.doe@example.org", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "Group", "name": "jane-team"},
        {"kind": "Group", "name": "system:masters"},
        {"kind": "ServiceAccount", "name": "builder", "namespace": "ci"},
    ]
    one = left(
        "clusterrolebindings.rbac.authorization.k8s.io",
        subjects=subjects,
        roleRef={"kind": "ClusterRole", "name": "admin"},
    )
    names = [each["name"] for each in one["subjects"]]
    assert names[2:] == ["system:masters", "builder"]
    assert names[0].startswith("user-")
    assert names[1].startswith("group-")
    assert "jane" not in json.dumps(one)
    again = left("rolebindings.rbac.authorization.k8s.io", subjects=subjects[:1])
    assert again["subjects"][0]["name"] == names[0]


def test_server_withholds_a_name_without_pseudonym():
    one = projected(
        "rolebindings.rbac.authorization.k8s.io",
        marker_key=None,
        subjects=[{"kind": "User", "name": "jane"}],
    )
    assert json.loads(one.json)["subjects"] == [{"kind": "User", "name": "user-withheld"}]
    assert one.rejected == ["subjects.name"]


def test_webhook_keeps_only_the_service():
    service = {"name": "hook", "namespace": "ops", "path": "/validate", "port": 443}
    hook = {
        "name": "a.example.com",
        "failurePolicy": "Fail",
        "clientConfig": {"service": service, "caBundle": CANARY, "url": CANARY},
        "matchConditions": [{"name": "x", "expression": CANARY}],
    }
    for resource in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
        one = left(f"{resource}.admissionregistration.k8s.io", webhooks=[hook])["webhooks"][0]
        assert one["clientConfig"] == {"service": service}
        assert CANARY not in json.dumps(one)


def test_definition_loses_schemas():
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"default": CANARY}},
               "additionalPrinterColumns": [{"name": "Ready", "type": "string", "jsonPath": ".status.ready"}], "subresources": {"status": {}}}  # fmt: skip
    names = {"kind": "Widget", "plural": "widgets"}
    one = left(
        "customresourcedefinitions.apiextensions.k8s.io",
        spec={"group": "example.com", "names": names, "versions": [version]},
    )
    del version["schema"]
    assert one["spec"] == {"group": "example.com", "names": names, "versions": [version]}


def test_certificate_keeps_its_status_only():
    status = {"notAfter": "2025-01-02T03:04:05Z", "conditions": [{"type": "Ready", "status": "True"}]}
    one = left("certificates.cert-manager.io", spec={"secretName": CANARY}, status=status | {"revision": 3})
    assert one["status"] == status
    assert "spec" not in one


def test_unknown_fields_are_dropped():
    one = projected(
        "pods",
        spec={"newField": CANARY, "containers": [{"name": "a", "x": CANARY}]},
        data={"a": CANARY},
        stringData=CANARY,
    )
    assert json.loads(one.json).keys() == {"apiVersion", "kind", "metadata", "spec"}
    assert CANARY.encode() not in one.json
