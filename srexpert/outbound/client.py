"""Sends one request out: to the address that was checked, with caps on size, time and redirects."""

import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import httpcore
import httpx

from srexpert.outbound.addresses import Forbidden, Target, check
from srexpert.outbound.pinned import Pinned

logger = logging.getLogger(__name__)

_MAX_BYTES = 1024 * 1024
_MAX_REDIRECTS = 3
_TIMEOUT = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 5.0}
TOTAL_SECONDS = 15.0
_FAILURES = (
    Forbidden,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpx.InvalidURL,
    OSError,
    UnicodeError,
)


class Unreachable(Exception):
    """The other side gave no usable answer; says no more than that, since the address is a customer's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and at most one megabyte of body, as it came: a compressed one stays so."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
    """Sends a request and gives its answer, whatever its status, within 15 seconds altogether.

    Raises Unreachable for a refused address, an error or a time-out alike: whoever asks learns nothing
    about our network; the reason is in the log. Redirects are followed only for GET, each checked again.
    """
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = _once(method, check(url), headers or {}, content, deadline)
            if method != "GET" or answer.status not in {301, 302, 303, 307, 308}:
                return answer
            url = str(httpx.URL(url).join(answer.headers.get("location", "")))
    except _FAILURES as error:
        logger.warning("outbound %s refused or failed: %s: %s", method, type(error).__name__, error)
        raise Unreachable("the address could not be reached") from None
    raise Unreachable("the address could not be reached")


@lru_cache
def _trust() -> ssl.SSLContext:
    """The certificates that httpx trusts; TLS 1.2 and newer."""
    return httpx.create_ssl_context(trust_env=False)


def _once(method: str, target: Target, headers: Mapping[str, str], content: bytes, deadline: float) -> Answer:
    """One exchange with the checked IP address, under the host's own name in TLS and in the Host header."""
    sent = {"Host": target.url.netloc.decode(), "User-Agent": "SRExpert", **headers}
    with (
        httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=Pinned(target.ip, deadline)
        ) as connections,
        connections.stream(
            method,
            str(target.url),
            headers=list(sent.items()),
            content=content,
            extensions={"timeout": _TIMEOUT},
        ) as response,
    ):
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise httpcore.ProtocolError("the answer is too long")
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, named, bytes(body))
