"""Of two replicas one sends: leader election by a Lease, with the official client's election over it.

The client decides who may take or renew the Lease. Its own loop can't be stopped and dies of a network error, so
the loop is here; and `held` compares with a monotonic clock, so that a replica whose renewal hangs stops sending
before another may take over.
Source: https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kubernetes.client import ApiClient, Configuration, CoordinationV1Api
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection.electionconfig import Config
from kubernetes.leaderelection.leaderelection import LeaderElection
from kubernetes.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock
from urllib3.exceptions import HTTPError

log = logging.getLogger(__name__)

LEASE_NAME = "srexpert-agent"
REQUEST_SECONDS = 5.0


class _BoundedApi:
    """The Lease API with a time limit on every call, which the client's lock doesn't set."""

    def __init__(self, api: CoordinationV1Api, seconds: float) -> None:
        self._api = api
        self._seconds = seconds

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(getattr(self._api, name), _request_timeout=self._seconds)


def identity() -> str:
    """A name of this replica: the pod's name where there is one, and a part that no other process has."""
    return f"{os.environ.get('POD_NAME') or 'agent'}_{secrets.token_hex(4)}"


class Election:
    """`run` is the body of its thread; `held` may be asked from any."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        namespace: str,
        stopping: threading.Event,
        lease_seconds: int = 15,
        renew_seconds: int = 10,
        retry_seconds: int = 2,
        name: str | None = None,
    ) -> None:
        self.identity = name or identity()
        self._stopping = stopping
        self._renew_seconds = renew_seconds
        self._retry_seconds = retry_seconds
        self._renewed: float | None = None
        self._lock = LeaseLock(LEASE_NAME, namespace, self.identity)
        api = CoordinationV1Api(ApiClient(configuration))
        bounded: Any = _BoundedApi(api, min(REQUEST_SECONDS, renew_seconds / 2))
        self._lock.api_instance = bounded
        self._election = LeaderElection(
            Config(self._lock, lease_seconds, renew_seconds, retry_seconds, _unused, _unused)
        )
        # It tells of every renewal, and of failures with the answer's body.
        logging.getLogger("leaderelection").setLevel(logging.CRITICAL)

    def held(self) -> bool:
        """Whether this replica may send now."""
        renewed = self._renewed
        return renewed is not None and time.monotonic() - renewed < self._renew_seconds

    def run(self) -> None:
        """Take the Lease when it is free, renew it, give it back at the end."""
        while not self._stopping.is_set():
            before = self.held()
            self.attempt()
            if self.held() != before:
                log.info("leading" if self.held() else "not leading", extra={"identity": self.identity})
            self._stopping.wait(self._retry_seconds * random.uniform(0.8, 1.2))  # noqa: S311 -- not for secrets
        self.release()

    def attempt(self) -> None:
        """One attempt to take or renew the Lease."""
        # Taken before the request: the Lease says a time that is no earlier.
        started = time.monotonic()
        try:
            taken = self._election.try_acquire_or_renew()
        except (HTTPError, OSError, ApiException, ValueError) as error:
            log.warning("the lease can't be reached", extra={"error": type(error).__name__})
            return
        if taken:
            self._renewed = started
            return
        observed = self._election.observed_record
        if observed is not None and observed.holder_identity != self.identity:
            self._renewed = None

    def release(self) -> None:
        """Leave the Lease to the next replica at once, if it is ours."""
        if self._renewed is None:
            return
        self._renewed = None
        try:
            found, record = self._lock.get(LEASE_NAME, self._lock.namespace)
            if found and record.holder_identity == self.identity:
                free = LeaderElectionRecord("", 1, record.acquire_time, record.renew_time)
                self._lock.update(LEASE_NAME, self._lock.namespace, free)
        except (HTTPError, OSError, ApiException, ValueError) as error:
            log.warning("the lease could not be given back", extra={"error": type(error).__name__})


def _unused() -> None:
    """The election's own thread hooks, which our loop doesn't use."""
