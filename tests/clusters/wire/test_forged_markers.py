"""Forged markers carry nothing through the second wall."""

import json

import pytest

from clusters.wire.errors import MalformedObject
from clusters.wire.projection import project
from tests.clusters.wire.objects import CANARY, KEY, marker, projected

FORGED = (
    {"marked": {"length": CANARY, "credential": True, "hmac": None}},
    {"marked": {"length": "1-8", "credential": False, "hmac": CANARY}},
    {"marked": {"length": "1-8", "credential": False, "hmac": "0" * 33}},
    {"marked": {"length": "1-8", "credential": False, "hmac": None}, "flag": CANARY},
    {"marked": {"length": "1-8", "credential": False, "hmac": None}, "flag": f"--{CANARY}={CANARY}"},
    {"marked": {"length": "1-8", "credential": False, "hmac": None, "extra": CANARY}, "more": CANARY},
    CANARY,
)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("key", [None, KEY])
def test_forged_marker_carries_nothing(forged, key):
    spec = {"containers": [{"name": "a", "args": [forged], "env": [{"name": "A", "value": forged}]}]}
    one = projected("pods", marker_key=key, spec=spec)
    assert CANARY.encode() not in one.json
    assert one.rejected or key or "extra" in json.dumps(forged)
    again = project("pods", one.json, marker_key=None)
    assert (again.json, again.rejected) == (one.json, [])


@pytest.mark.parametrize(
    "marked", [CANARY, 1, None, {"length": "0", "credential": CANARY}, {"length": 1, "credential": True}]
)
def test_marker_of_other_types_is_refused(marked):
    with pytest.raises(MalformedObject) as caught:
        projected("pods", marker_key=None, spec={"containers": [{"args": [{"marked": marked}]}]})
    assert caught.value.field.startswith("spec.containers[0].args[0].marked")


def test_valid_marker_stays_at_the_server():
    valid = marker("17-64", credential=True, hmac="0a" * 16)
    one = projected(
        "pods",
        marker_key=None,
        spec={"containers": [{"name": "a", "env": [{"name": "A", "value": valid}]}]},
    )
    assert json.loads(one.json)["spec"]["containers"][0]["env"][0]["value"] == valid
    assert one.rejected == []


def test_plain_value_at_the_server_is_replaced_and_counted():
    spec = {
        "containers": [{"name": "a", "env": [{"name": "A", "value": "plain"}], "command": ["run", "--x=1"]}]
    }
    one = projected("pods", marker_key=None, spec=spec)
    held = json.loads(one.json)["spec"]["containers"][0]
    assert held["env"][0]["value"] == marker("1-8", credential=False, hmac=None)
    assert one.rejected == ["command", "command", "env.value"]


def test_flag_has_no_place_in_an_env_marker():
    smuggling = marker("1-8", credential=False, hmac=None) | {"flag": "--smuggled-words"}
    spec = {"containers": [{"name": "a", "env": [{"name": "A", "value": smuggling}]}]}
    one = projected("pods", marker_key=None, spec=spec)
    assert b"smuggled" not in one.json
    assert one.rejected == ["env.value"]
