"""The messages: round trips, both versions, and refusals that name the field."""

import json
import uuid

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.wire import messages
from clusters.wire.errors import MalformedMessage
from clusters.wire.messages import (
    Acknowledged,
    Commands,
    Delta,
    Enrolled,
    Enrolment,
    Gone,
    Heartbeat,
    Item,
    KindStatus,
    Manifest,
    Poll,
    Problem,
    Queue,
    Rejected,
    Synced,
)

SESSION = str(uuid.UUID(int=7))
HASH = "0a" * 16
KIND = KindStatus(
    resource="deployments.apps",
    group="apps",
    version="v1",
    kind="Deployment",
    namespaced=True,
    status="watched",
    reason="",
)
ENROLMENT = Enrolment(
    wire=2, agent_version="0.1", cluster_uid="u-1", kubernetes_version="v1.31.2", kinds=[KIND]
)
DELTA = Delta(
    wire=2,
    session=SESSION,
    sequence=3,
    upserts=[Item(resource="pods", uid="u-2", hash=HASH, object=msgspec.Raw(b'{"kind":"Pod"}'))],
    deletes=[Gone(resource="pods", uid="u-3")],
)
MANIFEST = Manifest(
    wire=2, session=SESSION, sequence=1, resource="pods", part=0, last=True, pairs=[("u-2", HASH)]
)
HEARTBEAT = Heartbeat(
    wire=2, session=SESSION, sent_at="2025-01-02T03:04:05Z", kinds=[KIND], queue=Queue(pending=1, coalesced=2)
)
POLL = Poll(wire=2, session=SESSION, wait_seconds=5)
DECODERS = [
    (messages.decode_enrolment, ENROLMENT),
    (messages.decode_sync, DELTA),
    (messages.decode_sync, MANIFEST),
    (messages.decode_heartbeat, HEARTBEAT),
    (messages.decode_poll, POLL),
]


@pytest.mark.parametrize(("decode", "message"), DECODERS)
def test_request_survives_the_wire(decode, message):
    body = messages.encode(message)
    assert messages.encode(decode(body)) == body


@pytest.mark.parametrize(
    "answer",
    [
        Enrolled(session=SESSION, cluster=SESSION),
        Synced(sequence=4, applied=True, want=["u-2"], rejected=[Rejected(uid="u-9", reason="kind")]),
        Acknowledged(resync=["pods"]),
        Commands(),
        Problem(error="gap", expected=4),
    ],
)
def test_answer_survives_the_wire_and_newer_fields(answer):
    body = json.loads(messages.encode(answer)) | {"added_later": 1}
    assert messages.decode_answer(json.dumps(body).encode(), type(answer)) == answer


def test_object_passes_as_it_is():
    item = messages.decode_sync(messages.encode(DELTA)).upserts[0]
    assert bytes(item.object) == b'{"kind":"Pod"}'


def test_previous_version_has_neither_hash_nor_reason():
    body = json.loads(messages.encode(DELTA)) | {"wire": 1}
    del body["upserts"][0]["hash"]
    assert messages.decode_sync(json.dumps(body).encode()).upserts[0].hash is None
    body = json.loads(messages.encode(ENROLMENT)) | {"wire": 1}
    del body["kinds"][0]["reason"]
    assert messages.decode_enrolment(json.dumps(body).encode()).kinds[0].reason == ""


def without(field):
    return lambda body: body.pop(field)


def changed(**fields):
    return lambda body: body.update(fields)


def in_item(change):
    return lambda body: change(body["upserts"][0])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (without("session"), "session"),
        (without("wire"), "wire"),
        (without("type"), "type"),
        (changed(wire=3, novelty=1), "wire"),
        (changed(wire=0), "wire"),
        (changed(type="other"), "type"),
        (changed(session="x"), "session"),
        (changed(session=SESSION + "\n"), "session"),
        (changed(sequence=0), "sequence"),
        (changed(sequence="1"), "sequence"),
        (changed(upserts={}), "upserts"),
        (in_item(without("hash")), "upserts[0].hash"),
        (in_item(without("uid")), "upserts[0].uid"),
        (in_item(changed(hash="short")), "upserts[0].hash"),
        (in_item(changed(resource="Pods/../x")), "upserts[0].resource"),
        (changed(deletes=[{"resource": "pods", "uid": ""}]), "deletes[0].uid"),
    ],
)
def test_malformed_sync_names_the_field(change, field):
    body = json.loads(messages.encode(DELTA))
    change(body)
    with pytest.raises(MalformedMessage) as caught:
        messages.decode_sync(json.dumps(body).encode())
    assert caught.value.field == field
    assert caught.value.detail


@pytest.mark.parametrize(("decode", "message"), DECODERS)
def test_unknown_field_is_refused_without_repeating_its_name(decode, message):
    body = json.loads(messages.encode(message)) | {"hunter2-secret": 1}
    with pytest.raises(MalformedMessage) as caught:
        decode(json.dumps(body).encode())
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("values", [{"wait_seconds": 31}, {"wait_seconds": -1}])
def test_poll_waits_in_bounds(values):
    body = json.loads(messages.encode(POLL)) | values
    with pytest.raises(MalformedMessage, match="wait_seconds"):
        messages.decode_poll(json.dumps(body).encode())


@pytest.mark.parametrize("decode", [decode for decode, _ in DECODERS])
@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=100) | st.dictionaries(st.sampled_from(["wire", "type", "session", "kinds"]), st.text() | st.integers()).map(json.dumps).map(str.encode))  # fmt: skip
def test_anything_gives_the_declared_error(decode, body):
    with pytest.raises(MalformedMessage):
        decode(body)


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000, b'{"wire":2,"session":"\\ud800"}', b""])
def test_hostile_bytes_are_refused(body):
    for decode, _ in DECODERS:
        with pytest.raises(MalformedMessage):
            decode(body)
    with pytest.raises(MalformedMessage):
        messages.decode_answer(body, Synced)
