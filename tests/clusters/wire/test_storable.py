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
    cut = projected(pod(managedFields=[{"manager": "kubectl", "fieldsV1": tree}]))
    assert cut.json.count(b'"f:a"') == 32
    assert cut.rejected == ["ManagedFields.fields_v1"]
    assert project("pods", cut.json, marker_key=None).rejected == []


def test_impossible_time_anywhere_is_left_out():
    raw = pod(deletionTimestamp="2026-02-30T00:00:00Z", managedFields=[{"time": "1969-01-01T00:00:00Z"}])
    raw["status"] |= {
        "startTime": "",
        "conditions": [{"type": "Ready", "lastTransitionTime": "\uff12026-01-01T00:00:00Z"}],
        "containerStatuses": [{"name": "a", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z" * 9}}}],
    }
    kept = json.loads(projected(raw).json)
    assert "startTime" not in kept["status"]
    assert kept["status"]["conditions"] == [{"type": "Ready"}]
    assert kept["status"]["containerStatuses"][0]["state"] == {"running": {}}
    assert "deletionTimestamp" not in kept["metadata"]
    assert kept["metadata"]["managedFields"] == [{}]


def test_nul_in_a_key_is_replaced():
    kept = json.loads(projected(pod(labels={"a\0b": "c\0d"})).json)["metadata"]["labels"]
    assert kept == {"a\N{REPLACEMENT CHARACTER}b": "c\N{REPLACEMENT CHARACTER}d"}


def test_node_name_that_no_server_gives_is_left_out():
    kept = projected(pod() | {"spec": {"nodeName": "no de " * 60}})
    assert json.loads(kept.json)["spec"] == {}
    assert kept.rejected == ["spec.nodeName"]


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\ud800\\u0041", "\\ud800x", "\\udc00\\ud800"])
def test_half_a_surrogate_pair_never_survives(half):
    body = json.dumps(pod()).replace("bad\\u0000byte", f"bad {half} byte").encode()
    try:
        kept = project("pods", body, marker_key=None).json
    except MalformedObject:
        return
    assert not any(0xD800 <= ord(letter) < 0xE000 for letter in json.loads(kept)["status"]["message"])


def test_owner_uid_is_no_longer_than_its_column():
    kept = json.loads(projected(pod(ownerReferences=[{"name": "a", "uid": "u" * 65}])).json)
    assert kept["metadata"]["ownerReferences"] == [{"name": "a"}]


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
