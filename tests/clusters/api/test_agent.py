"""The ingest: in order, whole or not at all, twice with the effect of once; bad batches change nothing."""

import gzip
import json
import uuid

import pytest
import zstandard

from clusters.domain import enrolment
from clusters.models import AgentToken, Cluster, KindStatus, KubernetesObject, ObjectChange
from srexpert.tenancy import acting_for
from tests.factories import clusters as make

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def cluster(cast):
    return make.cluster(cast.northwind)


@pytest.fixture
def agent(cluster):
    agent = make.Agent(cluster[1])
    agent.enrol()
    return agent


def held(cast):
    with acting_for(cast.northwind):
        return list(KubernetesObject.objects.order_by("name").values_list("kind", "name"))


def changes(cast):
    with acting_for(cast.northwind):
        return list(ObjectChange.objects.order_by("id").values_list("verb", "name"))


def pod(name, **spec):
    return make.body("pods", name, **spec)


def test_enrol_opens_a_session_and_notes_what_the_agent_sees(cast, cluster, agent):
    with acting_for(cast.northwind):
        stored = Cluster.objects.get()
        assert (stored.kubernetes_version, stored.agent_version) == ("v1.35.4", "0.1.0")
        assert KindStatus.objects.count() == 4
        assert not stored.is_stale


def test_delta_writes_objects_once_however_often_it_comes(cast, agent):
    first = agent.delta(("pods", pod("a")), ("pods", pod("b")), sequence=1)
    again = agent.delta(("pods", pod("a")), ("pods", pod("b")), sequence=1)
    assert (first.json()["applied"], again.json()["applied"]) == (True, False)
    assert first.json()["sequence"] == again.json()["sequence"] == 2
    assert held(cast) == [("Pod", "a"), ("Pod", "b")]


def test_first_sight_is_no_change_but_what_comes_later_is(cast, agent):
    agent.complete(pods=[pod("a")])
    assert changes(cast) == []
    agent.delta(("pods", pod("b")))
    agent.delta(("pods", pod("a", nodeName="n1")))
    agent.delta(deletes=(("pods", pod("b")["metadata"]["uid"]),))
    assert changes(cast) == [("added", "b"), ("changed", "a"), ("removed", "b")]
    assert held(cast) == [("Pod", "a")]


def test_unchanged_object_is_not_written(cast, agent):
    agent.complete(pods=[pod("a")])
    with acting_for(cast.northwind):
        before = KubernetesObject.objects.get().received_at
    agent.delta(("pods", pod("a")))
    with acting_for(cast.northwind):
        assert KubernetesObject.objects.get().received_at == before
    assert changes(cast) == []


def test_gap_is_refused_and_names_what_is_expected(cast, agent):
    response = agent.delta(("pods", pod("a")), sequence=5)
    assert response.status_code == 409
    assert (response.json()["error"], response.json()["expected"]) == ("gap", 1)
    assert held(cast) == []


def test_older_session_is_refused(cast, cluster, agent):
    make.Agent(cluster[1]).enrol()
    response = agent.delta(("pods", pod("a")))
    assert (response.status_code, response.json()["error"]) == (409, "session")
    assert held(cast) == []


def test_manifest_wants_what_is_missing_or_differs_and_removes_the_rest(cast, agent):
    agent.complete(pods=[pod("same"), pod("other"), pod("gone")])
    changed = pod("other", nodeName="n2")
    answer = agent.manifest("pods", pod("same"), changed, pod("new")).json()
    assert sorted(answer["want"]) == sorted([changed["metadata"]["uid"], pod("new")["metadata"]["uid"]])
    assert held(cast) == [("Pod", "other"), ("Pod", "same")]
    assert changes(cast) == [("removed", "gone")]


def test_part_of_a_manifest_removes_nothing(cast, agent):
    agent.complete(pods=[pod("a"), pod("b"), pod("c")])
    agent.manifest("pods", pod("a"), part=0, last=False)
    assert len(held(cast)) == 3
    agent.manifest("pods", pod("b"), part=1, last=True)
    assert held(cast) == [("Pod", "a"), ("Pod", "b")]


def test_manifest_without_its_first_part_is_refused(cast, agent):
    agent.complete(pods=[pod("a")])
    response = agent.manifest("pods", part=1, last=True)
    assert (response.status_code, response.json()["error"]) == (409, "manifest")
    assert held(cast) == [("Pod", "a")]


def test_manifest_begun_in_an_earlier_session_counts_for_nothing(cast, cluster, agent):
    agent.complete(pods=[pod("a"), pod("b")])
    agent.manifest("pods", pod("a"), part=0, last=False)
    agent.enrol()
    assert agent.manifest("pods", pod("b"), part=1, last=True).status_code == 409
    assert len(held(cast)) == 2


def test_forbidden_fields_are_not_stored_even_from_a_raw_object(cast, agent):
    canary = "canary-" + uuid.uuid4().hex
    raw = pod("a", containers=[{"name": "app", "image": "shop:1", "env": [{"name": "X", "value": canary}]}])
    raw["spec"]["unknownField"] = canary
    raw["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": canary}
    message = {
        "type": "delta",
        "wire": 2,
        "session": agent.session,
        "sequence": 1,
        "upserts": [{"resource": "pods", "uid": raw["metadata"]["uid"], "hash": "0" * 32, "object": raw}],
    }
    response = agent.post("sync", json.dumps(message).encode())
    assert response.status_code == 200
    assert response.json()["rejected"][0]["uid"] == raw["metadata"]["uid"]
    with acting_for(cast.northwind):
        stored = KubernetesObject.objects.get()
    assert canary not in json.dumps(stored.projection)
    assert stored.projection["spec"]["containers"][0]["env"][0]["name"] == "X"


def test_kind_without_a_projection_is_rejected_and_the_rest_goes_on(cast, agent):
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "uid": "s-1"},
        "data": {"a": "b"},
    }
    message = {
        "type": "delta",
        "wire": 2,
        "session": agent.session,
        "sequence": 1,
        "upserts": [
            {"resource": "secrets", "uid": "s-1", "hash": "0" * 32, "object": secret},
            {"resource": "pods", "uid": pod("a")["metadata"]["uid"], "hash": "0" * 32, "object": pod("a")},
        ],
    }
    response = agent.post("sync", json.dumps(message).encode())
    assert [entry["uid"] for entry in response.json()["rejected"]] == ["s-1"]
    assert held(cast) == [("Pod", "a")]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"this is not JSON", "zstd", 400),
        (b"[]", "zstd", 400),
        (b'{"type": "delta", "wire": 2, "session": 7, "sequence": 1}', "zstd", 400),
        (b'{"type": "delta", "wire": 99, "session": "x", "sequence": 1}', "zstd", 400),
        (b"\xff\xfe\x00", "identity", 400),
        (b"not compressed", "gzip", 400),
        (b"{}", "br", 400),
        (b'{"a": ' + b"[" * 100_000, "zstd", 400),
    ],
)
def test_malformed_batch_gets_a_clear_error_and_changes_nothing(cast, agent, body, encoding, status):
    response = agent.post("sync", body, encoding=encoding)
    assert response.status_code == status
    assert response.json()["detail"]
    assert held(cast) == []
    assert agent.delta(("pods", pod("a")), sequence=1).json()["applied"]


def test_batch_of_50_megabytes_is_refused(agent):
    assert agent.post("sync", b"x" * 50_000_000, encoding="identity").status_code == 413


@pytest.mark.parametrize("pack", [zstandard.compress, gzip.compress])
def test_decompression_bomb_is_refused(agent, pack):
    bomb = pack(b"\0" * 200_000_000)
    encoding = "zstd" if pack is zstandard.compress else "gzip"
    response = agent.client.post(
        "/api/agent/v1/sync", bomb, content_type="application/json", headers={"Content-Encoding": encoding}
    )
    assert response.status_code == 413


@pytest.mark.parametrize("token", ["", "nonsense", "sre_agent_" + "A" * 43 + "aaaaaa"])
def test_wrong_token_is_refused(db, token):
    agent = make.Agent(token)
    assert agent.enrol().status_code == 401


def test_revoked_token_is_refused_at_once(cast, cluster, agent):
    with acting_for(cast.northwind):
        enrolment.revoke_token(agent_token=AgentToken.objects.get(), by=cast.owner)
    assert agent.delta(("pods", pod("a"))).status_code == 401
    assert held(cast) == []


def test_token_is_not_stored(cast, cluster):
    with acting_for(cast.northwind):
        digest = bytes(AgentToken.objects.get().token.digest)
    assert cluster[1].encode() not in digest
    assert len(digest) == 32


def test_session_of_another_organizations_cluster_is_refused(cast, cluster, agent):
    theirs = make.Agent(make.cluster(cast.elsewhere, "theirs")[1], cluster_uid="another")
    theirs.enrol()
    theirs.session = agent.session
    response = theirs.delta(("pods", pod("smuggled")))
    assert (response.status_code, response.json()["error"]) == (409, "session")
    assert held(cast) == []


def test_token_of_another_kubernetes_cluster_is_refused(cluster, agent):
    stranger = make.Agent(cluster[1], cluster_uid="another-kube-system")
    response = stranger.enrol()
    assert (response.status_code, response.json()["error"]) == (409, "cluster")


def test_previous_wire_is_accepted(cast, cluster):
    agent = make.Agent(cluster[1], wire=1)
    assert agent.enrol().status_code == 200
    message = {
        "type": "delta",
        "wire": 1,
        "session": agent.session,
        "sequence": 1,
        "upserts": [{"resource": "pods", "uid": pod("a")["metadata"]["uid"], "object": pod("a")}],
    }
    assert agent.post("sync", json.dumps(message).encode()).json()["applied"]
    assert held(cast) == [("Pod", "a")]


def test_same_object_twice_in_a_batch_keeps_the_later(cast, agent):
    agent.delta(("pods", pod("a")), ("pods", pod("a", nodeName="n9")))
    with acting_for(cast.northwind):
        assert KubernetesObject.objects.get().node == "n9"


def test_manifest_of_an_absurd_part_is_refused_without_counting_to_it(cast, agent):
    assert agent.manifest("pods", part=900, last=False).status_code == 409
    assert agent.manifest("pods", part=2**52, last=True, sequence=1).status_code in {400, 409}


def test_corrupt_gzip_gets_a_clear_error(agent):
    packed = bytearray(gzip.compress(b"{}" * 1000))
    packed[20] ^= 0xFF
    response = agent.client.post(
        "/api/agent/v1/sync",
        bytes(packed),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )
    assert (response.status_code, response.json()["error"]) == (400, "encoding")


def test_stranger_to_the_session_is_refused_before_the_projection(agent, monkeypatch):
    def costly(_delta):
        raise AssertionError("projected for a stranger")

    monkeypatch.setattr("clusters.api.agent.ingest.Batch", costly)
    agent.session = str(uuid.uuid4())
    assert agent.delta(("pods", pod("a"))).status_code == 409


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw["metadata"].update(namespace="n" * 64),
        lambda raw: raw["metadata"].update(name="n" * 300),
        lambda raw: raw["metadata"].update(creationTimestamp="2026-02-30T00:00:00Z"),
        lambda raw: raw["metadata"].update(creationTimestamp="9999-12-31T23:59:59-14:00"),
        lambda raw: raw["spec"].update(nodeName="n" * 300),
        lambda raw: raw.update(status={"phase": "Running", "message": "bad\0byte", "reason": "a\0b"}),
    ],
)
def test_object_that_cannot_be_stored_never_stops_the_others(cast, agent, spoil):
    raw = pod("spoilt")
    spoil(raw)
    message = {
        "type": "delta",
        "wire": 2,
        "session": agent.session,
        "sequence": 1,
        "upserts": [
            {"resource": "pods", "uid": raw["metadata"]["uid"], "hash": "0" * 32, "object": raw},
            {
                "resource": "pods",
                "uid": pod("fine")["metadata"]["uid"],
                "hash": "0" * 32,
                "object": pod("fine"),
            },
        ],
    }
    response = agent.post("sync", json.dumps(message).encode())
    assert response.status_code == 200
    assert ("Pod", "fine") in held(cast)


def test_kind_named_twice_or_no_longer_is_no_trouble(cast, cluster):
    agent = make.Agent(cluster[1])
    agent.enrol("pods", "nodes")
    agent.enrol("pods")
    with acting_for(cast.northwind):
        assert dict(KindStatus.objects.values_list("resource", "status")) == {
            "pods": "watched",
            "nodes": "not_served",
        }


def test_uid_that_comes_back_as_another_kind_is_that_kind(cast, agent):
    uid = pod("a")["metadata"]["uid"]
    agent.delta(("pods", pod("a")))
    agent.delta(("nodes", make.body("nodes", "n1", uid=uid)))
    assert held(cast) == [("Node", "n1")]
