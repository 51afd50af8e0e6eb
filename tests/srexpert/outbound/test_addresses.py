"""The guard of the one way out: a customer's address reaches the public internet or nothing."""

import http.server
import socket
import threading

import pytest

from srexpert import outbound
from srexpert.outbound import addresses, client
from srexpert.outbound.addresses import Forbidden, check

PRIVATE = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://0/", "https://0.0.0.0/", "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/",
    "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data/", "https://198.18.0.1/", "https://224.0.0.1/",
    "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/", "https://[2001::1]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/",
    "https://[fec0::1]/", "https://[ff02::1]/", "https://[2001:db8::1]/", "https://localhost/", "https://LOCALHOST/",
]  # fmt: skip
MALFORMED = [
    "", "https://", "https:///path", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
    "http://example.com/", "//example.com/", "https://user:secret@example.com/", "https://user@127.0.0.1/",
    "https://example.com\\@127.0.0.1/", "https://exa mple.com/", "https://example.com/\r\nHost: x", "https://ex\tample.com/",
    "https://example.com:99999/", "https://127.0.0.1 .example.com/", "javascript:alert(1)", "https://xn--a/", "https://xn--/",
]  # fmt: skip


@pytest.mark.parametrize("url", [*PRIVATE, *MALFORMED])
def test_check_refuses(url):
    with pytest.raises(Forbidden):
        check(url)


def _resolving_to(monkeypatch, *ips):
    def answer(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)


def test_check_gives_the_address_that_was_judged(monkeypatch):
    _resolving_to(monkeypatch, "93.184.216.34")
    target = check("https://hooks.example.com/a?b=c")
    assert (target.ip, target.url.host) == ("93.184.216.34", "hooks.example.com")


def test_check_refuses_a_name_of_which_any_address_is_private(monkeypatch):
    _resolving_to(monkeypatch, "93.184.216.34", "10.0.0.7")
    with pytest.raises(Forbidden):
        check("https://hooks.example.com/")


class _Receiver(http.server.BaseHTTPRequestHandler):
    seen: list[tuple[str, str, bytes]]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.seen.append((self.path, self.headers["Host"], body))
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Host"], b""))
        if self.path == "/long":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 3_000_000)
            return
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/inside")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(settings):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.server_port}"]
    yield server
    server.shutdown()
    server.server_close()


def test_send_reaches_an_allowed_address_with_its_own_host(receiver):
    answer = outbound.send("POST", f"http://127.0.0.1:{receiver.server_port}/hook", content=b"{}")
    assert answer.status == 204
    assert receiver.seen == [("/hook", f"127.0.0.1:{receiver.server_port}", b"{}")]


def test_send_checks_a_redirect_again(receiver):
    with pytest.raises(outbound.Unreachable):
        outbound.send("GET", f"http://127.0.0.1:{receiver.server_port}/")
    assert [path for path, _, _ in receiver.seen] == ["/"]


def test_send_stops_reading_an_endless_answer(receiver):
    with pytest.raises(outbound.Unreachable):
        outbound.send("GET", f"http://127.0.0.1:{receiver.server_port}/long")


def test_send_says_nothing_about_why(settings):
    settings.OUTBOUND_ALLOW = []
    for url in ("https://10.0.0.1/", "https://nowhere.invalid/"):
        with pytest.raises(outbound.Unreachable) as caught:
            outbound.send("GET", url)
        assert str(caught.value) == "the address could not be reached"


def test_send_ignores_proxies_of_the_environment(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert outbound.send("POST", f"http://127.0.0.1:{receiver.server_port}/hook").status == 204


def test_send_ends_although_a_server_keeps_sending_a_little(settings, monkeypatch):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 1.0)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.2):
            try:
                connection.sendall(b"X-Slow: 1\r\n")
            except OSError:
                break
        connection.close()

    dripping = threading.Thread(target=drip)
    dripping.start()
    port = listener.getsockname()[1]
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}"]
    with pytest.raises(outbound.Unreachable):
        outbound.send("POST", f"http://127.0.0.1:{port}/")
    dripping_ended_by_us = not stop.is_set()
    stop.set()
    dripping.join(10)
    listener.close()
    assert dripping_ended_by_us
