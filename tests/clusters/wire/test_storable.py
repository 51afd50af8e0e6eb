"""Whatever an object holds, its projection can be stored."""

import json

import msgspec
import pytest

from clusters.wire import messages
from clusters.wire.errors import MalformedMessage, MalformedObject
from clusters.wire.projection import project


def pod(**metadata):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "shop", "uid": "u-1", **metadata},
        "spec": {},
        "status": {"message": "bad\0byte", "reason": "Evicted"},
    }


def projected(raw, **options):
    return project("pods", json.dumps(raw).encode(), marker_key=b"k" * 32, **options)


def test_nul_is_replaced_and_the_result_is_its_own_projection():
    once = projected(pod())
    assert b"\\u0000" not in once.json
    assert "bad\N{REPLACEMENT CHARACTER}byte" in json.loads(once.json)["status"]["message"]
    assert project("pods", once.json, marker_key=None).json == once.json


def test_backslash_before_u0000_is_no_nul():
    raw = pod()
    raw["status"]["message"] = "path \\u0000 as text"
    assert json.loads(projected(raw).json)["status"]["message"] == "path \\u0000 as text"


@pytest.mark.parametrize("name", ["metadata.name", "metadata.namespace"])
def test_name_that_no_server_gives_is_refused(name):
    with pytest.raises(MalformedObject) as refused:
        projected(pod(**{name.partition(".")[2]: "n" * 300}))
    assert refused.value.field == name


@pytest.mark.parametrize(
    "time",
    ["", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "9999-99-99T99:99:99Z"],
)
def test_impossible_time_is_left_out(time):
    assert "creationTimestamp" not in json.loads(projected(pod(creationTimestamp=time)).json)["metadata"]


def test_ordinary_time_stays():
    kept = json.loads(projected(pod(creationTimestamp="2026-11-24T09:00:00Z")).json)
    assert kept["metadata"]["creationTimestamp"] == "2026-11-24T09:00:00Z"


def test_managed_fields_end_at_a_depth_that_pages_can_show():
    tree = {}
    for _ in range(400):
        tree = {"f:a": tree}
    body = projected(pod(managedFields=[{"manager": "kubectl", "fieldsV1": tree}])).json
    assert body.count(b'"f:a"') <= 33


def test_error_does_not_repeat_a_wrong_tag():
    body = msgspec.json.encode({"type": "CANARY-tag", "wire": 2})
    with pytest.raises(MalformedMessage) as refused:
        messages.decode_sync(body)
    assert "CANARY" not in str(refused.value)


def test_manifest_of_an_absurd_part_is_malformed():
    body = msgspec.json.encode(
        {
            "type": "manifest",
            "wire": 2,
            "session": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
            "sequence": 1,
            "resource": "pods",
            "part": 2**52,
            "last": True,
            "pairs": [],
        }
    )
    with pytest.raises(MalformedMessage):
        messages.decode_sync(body)
