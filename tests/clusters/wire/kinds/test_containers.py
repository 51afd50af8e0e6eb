"""Containers: what is marked, what stays."""

import json

import pytest

from tests.clusters.wire.objects import CANARY, container, projected


def test_env_value_becomes_a_marker():
    one = container(
        env=[
            {"name": "DB_PASSWORD", "value": "hunter2-and-more-of-it"},
            {"name": "MODE", "value": "fast"},
        ]
    )
    secret, mode = (each["value"]["marked"] for each in one["env"])
    assert (secret["length"], secret["credential"], len(secret["hmac"])) == ("17-64", True, 32)
    assert (mode["length"], mode["credential"]) == ("1-8", False)


def test_env_references_stay():
    sources = [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password", "optional": True}}},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode.txt"}}},
        {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['example.com/x']"}}},
        {
            "name": "D",
            "valueFrom": {
                "resourceFieldRef": {"containerName": "app", "resource": "limits.cpu", "divisor": "1m"}
            },
        },
    ]
    whole = [
        {"prefix": "X_", "configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "db", "optional": False}},
    ]
    one = container(env=sources, envFrom=whole)
    assert (one["env"], one["envFrom"]) == (sources, whole)


def test_changed_env_value_changes_the_hash():
    def with_value(value):
        spec = {
            "template": {"spec": {"containers": [{"name": "app", "env": [{"name": "MODE", "value": value}]}]}}
        }
        return projected("deployments.apps", spec=spec)

    assert with_value("fast").hash == with_value("fast").hash
    assert with_value("fast").hash != with_value("slow").hash


def test_equal_values_under_two_names_or_keys_cannot_be_linked():
    one = container(env=[{"name": "A", "value": "same"}, {"name": "B", "value": "same"}])
    assert one["env"][0]["value"]["marked"]["hmac"] != one["env"][1]["value"]["marked"]["hmac"]
    spec = {"containers": [{"name": "app", "env": [{"name": "A", "value": "same"}]}]}
    assert projected("pods", spec=spec).hash != projected("pods", marker_key=b"other", spec=spec).hash


@pytest.mark.parametrize("place", ["containers", "initContainers", "ephemeralContainers"])
def test_all_sorts_of_containers_are_alike(place):
    spec = {
        place: [
            {
                "name": "x",
                "restartPolicy": "Always",
                "env": [{"name": "A", "value": CANARY}],
                "command": [CANARY],
            }
        ]
    }
    one = projected("pods", spec=spec)
    assert CANARY.encode() not in one.json
    assert one.json.count(b'"marked"') == 2


@pytest.mark.parametrize(
    ("resource", "wrap"),
    [
        ("deployments.apps", lambda pod: {"template": pod}),
        ("statefulsets.apps", lambda pod: {"template": pod}),
        ("daemonsets.apps", lambda pod: {"template": pod}),
        ("replicasets.apps", lambda pod: {"template": pod}),
        ("replicationcontrollers", lambda pod: {"template": pod}),
        ("jobs.batch", lambda pod: {"template": pod}),
        ("cronjobs.batch", lambda pod: {"jobTemplate": {"spec": {"template": pod}}}),
    ],
)
def test_every_template_is_projected(resource, wrap):
    pod = {
        "metadata": {"annotations": {"example.com/note": CANARY}},
        "spec": {"containers": [{"name": "x", "image": "nginx:1", "env": [{"name": "A", "value": CANARY}]}]},
    }
    one = projected(resource, spec=wrap(pod))
    assert CANARY.encode() not in one.json
    assert b'"image":"nginx:1"' in one.json
    assert b'"marked"' in one.json


def test_arguments_are_marked_and_flags_keep_their_names():
    one = container(
        command=["/bin/sh", "-c"],
        args=["--token=" + CANARY, "-p" + CANARY, "-Dk.v=" + CANARY, "--verbose", CANARY],
    )
    assert [each.get("flag") for each in one["command"]] == [None, "-c"]
    assert [each.get("flag") for each in one["args"]] == ["--token", "-p", "-Dk.v", "--verbose", None]
    assert [each["marked"]["length"] for each in one["args"]] == ["9-16", "9-16", "9-16", "0", "9-16"]
    assert one["args"][0]["marked"]["credential"] is True
    assert CANARY not in json.dumps(one)


def test_probe_and_lifecycle_commands_are_marked():
    execute = {"exec": {"command": ["curl", "-u", CANARY]}}
    one = container(
        livenessProbe=execute, startupProbe=execute, lifecycle={"preStop": execute, "postStart": execute}
    )
    assert CANARY not in json.dumps(one)
    assert one["lifecycle"]["preStop"]["exec"]["command"][1]["flag"] == "-u"


def test_probe_header_values_and_query_are_dropped():
    get = {
        "path": f"/health?token={CANARY}",
        "port": 80,
        "httpHeaders": [{"name": "Authorization", "value": CANARY}],
    }
    one = container(readinessProbe={"httpGet": get}, lifecycle={"preStop": {"httpGet": get}})
    assert one["readinessProbe"]["httpGet"] == {
        "path": "/health",
        "port": 80,
        "httpHeaders": [{"name": "Authorization"}],
    }
    assert one["lifecycle"]["preStop"]["httpGet"]["httpHeaders"] == [{"name": "Authorization"}]
