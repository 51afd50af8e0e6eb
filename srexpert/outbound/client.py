"""Sends one request out: to the address that was checked, with caps on size, time and redirects."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from srexpert.outbound.addresses import Forbidden, Target, check

logger = logging.getLogger(__name__)

_MAX_BYTES = 1024 * 1024
_MAX_REDIRECTS = 3
_TIMEOUT = httpx.Timeout(10, connect=5)
_TOTAL_SECONDS = 15.0


class Unreachable(Exception):
    """The other side gave no usable answer; says no more than that, since the address is a customer's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and at most one megabyte of body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
    """Sends a request and gives its answer, whatever its status.

    Raises Unreachable for a refused address, an error or a time-out alike: whoever asks learns nothing
    about our network; the reason is in the log. Redirects are followed only for GET, each checked again.
    """
    deadline = time.monotonic() + _TOTAL_SECONDS
    try:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = _once(method, check(url), headers or {}, content, deadline)
            if method != "GET" or answer.status not in {301, 302, 303, 307, 308}:
                return answer
            url = str(httpx.URL(url).join(answer.headers.get("location", "")))
    except (Forbidden, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        logger.warning("outbound %s refused or failed: %s: %s", method, type(error).__name__, error)
        raise Unreachable("the address could not be reached") from None
    raise Unreachable("the address could not be reached")


def _once(method: str, target: Target, headers: Mapping[str, str], content: bytes, deadline: float) -> Answer:
    """One exchange with the checked IP address, under the host's own name in TLS and in the Host header."""
    host = target.url.netloc.decode()
    request = httpx.Request(
        method,
        target.url.copy_with(host=target.ip),
        headers={"User-Agent": "SRExpert", **headers, "Host": host},
        content=content,
        extensions={"sni_hostname": target.url.host, "timeout": _TIMEOUT.as_dict()},
    )
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=_TIMEOUT) as client:
        response = client.send(request, stream=True)
        try:
            return Answer(response.status_code, dict(response.headers), _read(response, deadline))
        finally:
            response.close()


def _read(response: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_BYTES or time.monotonic() > deadline:
            raise httpx.ReadError("the answer is too long, in bytes or in time")
    return bytes(body)
