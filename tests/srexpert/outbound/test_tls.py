"""Over TLS the name that the customer gave is checked, although the connection goes to an address."""

import datetime as dt
import http.server
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from srexpert import outbound
from srexpert.outbound import addresses, client


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for hooks.test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.test")])
    now = dt.datetime.now(tz=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class _Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.hosts.append(self.headers["Host"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def port(certificate, settings, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.hosts = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OUTBOUND_ALLOW = [f"{host}:{server.server_port}" for host in ("hooks.test", "other.test")]
    monkeypatch.setattr(
        addresses.socket,
        "getaddrinfo",
        lambda _host, number, *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", number))],
    )
    monkeypatch.setattr(client, "_trust", lambda: ssl.create_default_context(cafile=str(certificate)))
    yield server
    server.shutdown()
    server.server_close()


def test_send_speaks_tls_to_the_named_host(port):
    assert outbound.send("POST", f"https://hooks.test:{port.server_port}/", content=b"{}").status == 204
    assert port.hosts == [f"hooks.test:{port.server_port}"]


def test_send_refuses_a_certificate_of_another_name(port):
    with pytest.raises(outbound.Unreachable):
        outbound.send("POST", f"https://other.test:{port.server_port}/", content=b"{}")
    assert port.hosts == []
