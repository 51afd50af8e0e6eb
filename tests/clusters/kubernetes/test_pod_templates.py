import pytest

from clusters.kubernetes.pod_templates import containers, template_labels, template_of

SPEC = {
    "initContainers": [{"name": "migrate", "image": "m"}, {"name": "proxy", "restartPolicy": "Always"}],
    "containers": [{"name": "web", "image": "w"}],
    "ephemeralContainers": [{"name": "debugger"}],
}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}


@pytest.mark.parametrize(
    ("body", "prefix"),
    [
        ({"kind": "Pod", **TEMPLATE}, "spec"),
        ({"kind": "PodTemplate", "template": TEMPLATE}, "template.spec"),
        ({"kind": "Deployment", "spec": {"template": TEMPLATE}}, "spec.template.spec"),
        ({"kind": "ReplicationController", "spec": {"template": TEMPLATE}}, "spec.template.spec"),
        ({"kind": "Rollout", "spec": {"template": TEMPLATE}}, "spec.template.spec"),
        (
            {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}},
            "spec.jobTemplate.spec.template.spec",
        ),
    ],
)
def test_containers_are_found_in_every_workload_kind(body, prefix):
    found = list(containers(body))
    assert [(entry.name, entry.path) for entry in found] == [
        ("migrate", f"{prefix}.initContainers[0]"),
        ("proxy", f"{prefix}.initContainers[1]"),
        ("web", f"{prefix}.containers[0]"),
        ("debugger", f"{prefix}.ephemeralContainers[0]"),
    ]
    assert [entry.init for entry in found] == [True, False, False, False]
    assert [entry.sidecar for entry in found] == [False, True, False, False]
    assert template_labels(body) == {"app": "web"}


@pytest.mark.parametrize(
    "body", [{}, {"kind": "Service", "spec": {}}, {"kind": "Pod"}, {"kind": "Deployment", "spec": 3}]
)
def test_what_has_no_template_has_no_containers(body):
    assert template_of(body) is None
    assert list(containers(body)) == []
    assert template_labels(body) == {}
