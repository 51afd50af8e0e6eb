"""The client of SRExpert: where it may connect, what it sends, what it makes of answers."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clusters.agent.cluster_api import BadConfiguration
from clusters.agent.retries import Retryable
from clusters.agent.server_api import (
    Refused,
    ServerApi,
    SessionLost,
    TokenRefused,
    TooLarge,
    check_url,
    pack,
    read_token,
    tls_context,
)
from clusters.wire import messages
from clusters.wire.messages import Acknowledged, Delta, Enrolled, Enrolment, Heartbeat, Queue, Synced
from tests.clusters.agent.fake_server import FakeServer, Fault

SESSION = "00000000-0000-0000-0000-000000000000"


def enrolment() -> bytes:
    return pack(
        messages.encode(
            Enrolment(
                wire=messages.CURRENT, agent_version="0", cluster_uid="uid", kubernetes_version="v1", kinds=[]
            )
        )
    )


def delta() -> bytes:
    return pack(messages.encode(Delta(wire=messages.CURRENT, session=SESSION, sequence=1)))


@pytest.mark.parametrize(
    "url",
    ["https://srexpert.example.com", "http://127.0.0.1:8000", "http://[::1]:80", "http://localhost/base/"],
)
def test_check_url_takes_https_and_loopback(url):
    assert check_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://srexpert.example.com", "https is required"),
        ("http://127.0.0.1.example.com", "https is required"),
        ("http://10.0.0.1", "https is required"),
        ("ftp://srexpert.example.com", "not an http"),
        ("srexpert.example.com", "not an http"),
        ("https://", "not an http"),
        ("https://user:word@srexpert.example.com", "only scheme, host"),
        ("https://srexpert.example.com/?token=x", "only scheme, host"),
    ],
)
def test_check_url_refuses_the_rest_without_repeating_it(url, said):
    with pytest.raises(BadConfiguration, match=said) as refusal:
        check_url(url)
    assert "word" not in str(refusal.value)
    assert "token=x" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b" \n", b"two words", "schlüssel".encode()])
def test_read_token_refuses_what_is_no_token(tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(BadConfiguration, match="token file"):
        read_token(file)


def test_post_sends_the_token_and_reads_the_answer(server, token_file):
    answer = ServerApi(server.url, token_file=token_file).post("enrol", enrolment(), Enrolled)
    assert answer.session == server.session
    assert server.enrolments[0].cluster_uid == "uid"


def test_post_tells_a_refused_token(server, token_file):
    token_file.write_text("another")
    with pytest.raises(TokenRefused):
        ServerApi(server.url, token_file=token_file).post("enrol", enrolment(), Enrolled)
    assert server.enrolments == []


def test_post_tells_a_lost_session(server, token_file):
    with pytest.raises(SessionLost):
        ServerApi(server.url, token_file=token_file).post("sync", delta(), Synced)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault(status=429, headers={"Retry-After": "7"}), Retryable),
        (Fault(status=503), Retryable),
        (Fault(status=502, body=b"<html>"), Retryable),
        (Fault(status=413, body=b'{"error":"size"}'), TooLarge),
        (Fault(status=400, body=b'{"error":"field","field":"upserts[0].uid","detail":"a canary"}'), Refused),
        (Fault(status=302, headers={"Location": "http://127.0.0.1:1/"}), Refused),
        (Fault(status=200, body=b"<html>log in to this network"), Retryable),
    ],
)
def test_post_tells_failures_apart_and_repeats_no_body(server, token_file, fault, raised):
    server.faults.append(fault)
    with pytest.raises(raised) as failure:
        ServerApi(server.url, token_file=token_file).post("sync", delta(), Synced)
    assert type(failure.value) is raised
    assert "canary" not in str(failure.value)
    assert "html" not in str(failure.value)
    if fault.headers.get("Retry-After"):
        assert failure.value.retry_after == 7.0


def test_post_sends_nothing_without_the_lease(server, token_file):
    client = ServerApi(server.url, token_file=token_file, may_send=lambda: False)
    beat = Heartbeat(
        wire=messages.CURRENT, session=SESSION, sent_at="2026-01-01T00:00:00Z", kinds=[], queue=Queue()
    )
    with pytest.raises(Retryable, match="lease"):
        client.post("heartbeat", pack(messages.encode(beat)), Acknowledged)
    assert not server.requests


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "srexpert.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "server.crt", tmp_path / "server.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def test_post_over_tls_needs_a_known_authority(certificate, token_file):
    server = FakeServer(certificate=certificate)
    try:
        with pytest.raises(Retryable, match="can't be reached"):
            ServerApi(server.url, token_file=token_file).post("enrol", enrolment(), Enrolled)
        known = ServerApi(server.url, token_file=token_file, ca_file=str(certificate[0]))
        assert known.post("enrol", enrolment(), Enrolled).session == server.session
        assert len(server.enrolments) == 1
    finally:
        server.close()


def test_tls_context_is_1_2_or_newer_and_checks_names():
    context = tls_context(None)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_tls_context_refuses_a_file_without_certificates(tmp_path):
    file = tmp_path / "ca.crt"
    file.write_text("nothing")
    with pytest.raises(BadConfiguration, match="--ca-file"):
        tls_context(str(file))
