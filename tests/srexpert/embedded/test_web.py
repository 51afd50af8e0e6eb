import datetime as dt
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from srexpert.embedded import process, state, up


@pytest.fixture
def certificate(state_directory: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    paths = state_directory / "certificate.pem", state_directory / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


@pytest.fixture
def serve(state_directory: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the web process with these arguments."""
    children = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "srexpert.embedded.web", "--workers", "1", *arguments]
        children.append(process.spawn(command, name="web", output=None, directory=state.PROJECT))
        return children[-1]

    yield start
    for child in children:
        process.stop(child, ((signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)))


def options(port: int, certificate: Path | None = None, key: Path | None = None) -> up.Options:
    return up.Options(host="127.0.0.1", port=port, demo=False, certificate=certificate, key=key)


def handshake(port: int, authority: Path, version: ssl.TLSVersion) -> str | None:
    context = ssl.create_default_context(cafile=str(authority))
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # else our side would refuse the old versions itself
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.version()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_web_serves_tls_1_2_and_newer_only(
    state_directory: Path,
    certificate: tuple[Path, Path],
    serve: Callable[..., subprocess.Popen[bytes]],
    wait_for: Callable[..., None],
) -> None:
    port = state.free_port()
    serve("--port", str(port), "--certificate", str(certificate[0]), "--key", str(certificate[1]))
    wait_for(lambda: up.is_healthy(options(port, *certificate)), 60, "the web's answer")
    assert not up.is_healthy(options(port))
    assert handshake(port, certificate[0], ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert handshake(port, certificate[0], ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(port, certificate[0], ssl.TLSVersion.TLSv1_1)


@pytest.mark.faults
def test_web_killed_frees_its_port_at_once(
    state_directory: Path, serve: Callable[..., subprocess.Popen[bytes]], wait_for: Callable[..., None]
) -> None:
    port = state.free_port()
    child = serve("--port", str(port))
    wait_for(lambda: up.is_healthy(options(port)), 60, "the web's answer")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_for(lambda: state.port_is_free(port), 5, "the free port")


def test_web_answers_while_many_connections_say_nothing(
    state_directory: Path, serve: Callable[..., subprocess.Popen[bytes]], wait_for: Callable[..., None]
) -> None:
    port = state.free_port()
    serve("--port", str(port))
    wait_for(lambda: up.is_healthy(options(port)), 60, "the web's answer")
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(400)]
    for connection in silent[::2]:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
    assert up.is_healthy(options(port))
    for connection in silent:
        connection.close()
