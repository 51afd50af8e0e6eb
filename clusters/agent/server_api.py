"""Talks to the SRExpert server: POSTs under /api/agent/v1/, compressed, with the agent's token. Outbound only."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import urllib3
import zstandard
from urllib3.exceptions import HTTPError

from clusters.agent.cluster_api import BadConfiguration
from clusters.agent.retries import Retryable, told_seconds
from clusters.wire.errors import MalformedMessage
from clusters.wire.messages import Problem, decode_answer

T = TypeVar("T")

PREFIX: Final = "/api/agent/v1/"
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
LONGEST_ANSWER = 16 * 1024 * 1024
# A rejected token may be replaced in its file; meanwhile the server shouldn't be hammered.
UNAUTHORIZED_RETRY_SECONDS = 15.0


class TokenRefused(Retryable):
    """401: the token is unknown or revoked."""


class SessionLost(Exception):
    """409: a gap, or a newer session took over; enrol again and compare by manifest."""


class Refused(Exception):
    """400 and the like: the same bytes will be refused again. Holds the server's error word and field only."""

    def __init__(self, status: int, error: str, field: str) -> None:
        super().__init__(
            f"the server refused the request ({status} {error}{' at ' + field if field else ''})"
        )
        self.status = status
        self.error = error


class TooLarge(Refused):
    """413: to be sent again in smaller pieces."""


def check_url(url: str) -> str:
    """The server's base URL without a trailing slash. Raises BadConfiguration unless https or loopback http."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadConfiguration("--server: not an http(s) URL")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadConfiguration("--server: only scheme, host, port and path may be given")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise BadConfiguration("--server: https is required unless the host is loopback")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates checked, against the system's authorities or this file's."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadConfiguration(f"--ca-file {ca_file}: {error.strerror or 'no certificate in it'}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def read_token(token_file: Path) -> str:
    """The token in this file. Raises BadConfiguration."""
    try:
        token = token_file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadConfiguration(f"token file {token_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadConfiguration(f"token file {token_file}: not plain text") from None
    if not token or any(character.isspace() for character in token):
        raise BadConfiguration(f"token file {token_file}: not one token")
    return token


def pack(body: bytes) -> bytes:
    """The body as it goes over the wire. A repeated request sends these very bytes."""
    return zstandard.ZstdCompressor(level=3).compress(body)


class ServerApi:
    """A client of one server. Each call is one attempt; the caller repeats."""

    def __init__(
        self,
        url: str,
        *,
        token_file: Path,
        ca_file: str | None = None,
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        self.url = check_url(url)
        self._token_file = token_file
        self._may_send = may_send
        context = tls_context(ca_file) if self.url.startswith("https:") else None
        self._pool = urllib3.PoolManager(maxsize=4, retries=False, ssl_context=context)

    def post(self, endpoint: str, packed: bytes, answer: type[T], *, read_seconds: float = READ_SECONDS) -> T:
        """Send packed bytes once. Raises Retryable, SessionLost, Refused, TooLarge."""
        if not self._may_send():
            # Looked at before every request: after a lost lease another replica has the session.
            raise Retryable("another replica holds the lease")
        response = self._request(endpoint, packed, read_seconds)
        try:
            body = response.read(LONGEST_ANSWER)
        except (HTTPError, OSError) as error:
            raise Retryable(f"the server's answer broke off ({type(error).__name__})") from None
        finally:
            response.release_conn()
        if response.status != 200:
            raise _failure(response, body)
        try:
            return decode_answer(body, answer)
        except MalformedMessage:
            # A captive portal or a proxy's page; the answer's text is nobody's business here.
            raise Retryable("the server's answer can't be read") from None

    def close(self) -> None:
        """Close idle connections, so that the server's threads for them end."""
        self._pool.clear()

    def _request(self, endpoint: str, packed: bytes, read_seconds: float) -> urllib3.BaseHTTPResponse:
        try:
            # Read each time: a projected file is replaced while we run.
            token = read_token(self._token_file)
        except BadConfiguration as error:
            raise Retryable(str(error)) from None
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Content-Encoding": "zstd",
            "Accept": "application/json",
            "User-Agent": "srexpert-agent",
        }
        try:
            return self._pool.request(
                "POST",
                f"{self.url}{PREFIX}{endpoint}",
                body=packed,
                headers=headers,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
            )
        except (HTTPError, OSError) as error:
            raise Retryable(f"the server can't be reached ({_cause(error)})") from None


def _cause(error: Exception) -> str:
    """The class of the error and, for TLS, OpenSSL's reason: what a person needs to mend it, and no address."""
    inner = error.__cause__ or error.__context__ or error
    reason = getattr(error, "reason", None) or getattr(inner, "reason", None)
    return f"{type(error).__name__}: {reason}" if isinstance(reason, str) else type(error).__name__


def _failure(response: urllib3.BaseHTTPResponse, body: bytes) -> Exception:
    try:
        problem = decode_answer(body, Problem)
    except MalformedMessage:
        problem = Problem(error="unreadable")
    match response.status:
        case 401:
            return TokenRefused("the server refused the token", retry_after=UNAUTHORIZED_RETRY_SECONDS)
        case 409:
            return SessionLost(problem.error)
        case 413:
            return TooLarge(413, problem.error, problem.field)
        case 408 | 425 | 429 | 500 | 502 | 503 | 504:
            told = told_seconds(response.headers.get("Retry-After"))
            return Retryable(f"the server answered {response.status}", retry_after=told)
    return Refused(response.status, problem.error[:60], problem.field[:120])
