"""A network for httpcore that connects to one checked address only, and is over at one deadline."""

import time
from collections.abc import Iterable
from typing import Any

import httpcore


class Pinned(httpcore.NetworkBackend):
    """Connects to `ip` whatever the host of the address is, so that nothing is resolved a second time.

    Every read and write ends at `deadline` (monotonic seconds): a server that sends a byte now and then
    can't hold a worker, as it could with a time-out for each read.
    """

    def __init__(self, ip: str, deadline: float) -> None:
        self._ip = ip
        self._deadline = deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- httpcore's signature; the checked address counts
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._network.connect_tcp(
            self._ip,
            port,
            remaining(self._deadline, timeout, httpcore.ConnectTimeout),
            local_address,
            socket_options,
        )
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait is cut at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = remaining(self._deadline, timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining(deadline: float, timeout: float | None, over: type[Exception]) -> float:
    """Seconds that one wait may take; raises `over` once the deadline has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise over("the exchange took too long")
    return left if timeout is None else min(timeout, left)
