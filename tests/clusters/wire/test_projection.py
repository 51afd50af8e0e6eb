"""The projection as a whole: identity, refusals, unknown fields, the published list."""

import hashlib
import json

import pytest
from msgspec import Raw

from clusters.wire.errors import MalformedObject, UnknownKind
from clusters.wire.projection import fields, project, resources
from tests.clusters.wire.objects import CANARY, KEY, UID, projected


def test_projected_names_the_object():
    one = projected("deployments.apps", spec={"replicas": 2})
    assert (one.resource, one.kind, one.api_version) == ("deployments.apps", "Deployment", "apps/v1")
    assert (one.namespace, one.name, one.uid) == ("shop", "web", UID)
    assert one.hash == hashlib.blake2b(one.json, digest_size=16).hexdigest()


def test_json_has_sorted_keys():
    one = projected("pods", spec={"volumes": [], "containers": []}, status={"phase": "Running"})
    assert one.json == json.dumps(json.loads(one.json), sort_keys=True, separators=(",", ":")).encode()


def test_version_of_the_list_fills_in():
    raw = json.dumps({"metadata": {"name": "a", "uid": UID}}).encode()
    one = project("horizontalpodautoscalers.autoscaling", raw, marker_key=KEY, api_version="autoscaling/v1")
    assert one.api_version == "autoscaling/v1"
    assert one.namespace == ""


def test_raw_is_taken_as_it_comes_off_the_wire():
    raw = Raw(json.dumps({"metadata": {"name": "a", "uid": UID}}).encode())
    assert project("pods", raw, marker_key=None).name == "a"


@pytest.mark.parametrize(
    "resource", ["secrets", "configmaps", "controllerrevisions.apps", "widgets.example.com", "", "Pod"]
)
def test_kind_without_type_is_never_projected(resource):
    with pytest.raises(UnknownKind) as caught:
        project(resource, b"{}", marker_key=KEY)
    assert caught.value.resource == resource


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"kind": "Secret"}, "kind"),
        ({"apiVersion": "apps/v1"}, "apiVersion"),
        ({"metadata": None}, "metadata"),
        ({"metadata": {"name": "a"}}, "metadata.uid"),
        ({"metadata": {"name": "a", "uid": "a b\n"}}, "metadata.uid"),
        ({"metadata": {"uid": UID}}, "metadata.name"),
        (
            {"spec": {"containers": [{"ports": [{"containerPort": CANARY}]}]}},
            "spec.containers[0].ports[0].containerPort",
        ),
    ],
)
def test_malformed_object_names_the_field_and_no_value(content, field):
    raw = json.dumps({"metadata": {"name": "a", "uid": UID}} | content).encode()
    with pytest.raises(MalformedObject) as caught:
        project("pods", raw, marker_key=KEY)
    assert caught.value.field == field
    assert CANARY not in str(caught.value)


def test_every_kind_is_listed():
    for resource in resources():
        assert {each.disposition for each in fields(resource)} <= {
            "keep",
            "redact",
            "mark",
            "drop",
            "pseudonym",
        }


def test_paths_and_dispositions_come_from_the_types():
    listed = dict(fields("pods"))
    assert listed["spec.containers[].env[].value"] == "mark"
    assert listed["spec.initContainers[].args[]"] == "mark"
    assert listed["spec.containers[].livenessProbe.httpGet.httpHeaders[].value"] == "drop"
    assert listed["status.message"] == "redact"
    assert listed["spec.hostPID"] == "keep"
    assert dict(fields("RoleBinding"))["subjects[].name"] == "pseudonym"


def test_unknown_kind_is_not_listed():
    with pytest.raises(UnknownKind):
        fields("secrets")
