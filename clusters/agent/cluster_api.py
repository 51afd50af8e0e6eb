"""Talks to a Kubernetes API server: single reads, lists in pages, watches. Raw bytes in, no typed models.

The official client does configuration, authentication and TLS; answers go from the socket to msgspec.
Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config
from kubernetes.config.incluster_config import SERVICE_TOKEN_FILENAME
from urllib3.exceptions import HTTPError

from clusters.agent.retries import Patience, Retryable, told_seconds
from privacy.redaction import redact

PAGE_SIZE = 500
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
PAGE_PATIENCE_SECONDS = 30.0
# The server ends a watch by itself after `timeoutSeconds`; a silent peer is noticed this much later.
WATCH_GRACE_SECONDS = 30.0
LONGEST_PROBLEM = 64 * 1024
_USER_NAME = re.compile(r'User "(?!system:)[^"]*"')


class BadConfiguration(Exception):
    """The kubeconfig or the in-cluster environment can't be used; the text says why in one line."""


class Unauthorized(Retryable):
    """The API server doesn't know our credentials (any more). A rotated token may cure it."""


class NotPermitted(Exception):
    """403: the API's own reason, without the name of a person."""


class NotServed(Exception):
    """404: the API server has no such path."""


class Expired(Exception):
    """410: this resourceVersion or continue token is older than what the server remembers."""


class ClusterError(Exception):
    """Another answer that a retry won't cure, told by its status code only."""


class _Status(msgspec.Struct):
    code: int = 0
    reason: str = ""
    message: str = ""


class _ListMeta(msgspec.Struct):
    resource_version: str = msgspec.field(name="resourceVersion", default="")
    continue_token: str = msgspec.field(name="continue", default="")


class _List(msgspec.Struct):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    items: list[msgspec.Raw] | None = None


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class ObjectMeta(msgspec.Struct):
    """What the agent itself needs of an object's metadata."""

    uid: str = ""
    resource_version: str = msgspec.field(name="resourceVersion", default="")


class _Object(msgspec.Struct):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)


_decode_list = msgspec.json.Decoder(_List).decode
_decode_event = msgspec.json.Decoder(_Event).decode
_decode_object = msgspec.json.Decoder(_Object).decode
_decode_status = msgspec.json.Decoder(_Status).decode


def object_meta(raw: bytes | msgspec.Raw) -> ObjectMeta:
    """The uid and resourceVersion of one raw object."""
    return _decode_object(raw).metadata


@dataclass(frozen=True)
class Page:
    """Up to `PAGE_SIZE` raw objects of one list and the resourceVersion of the whole list."""

    items: list[msgspec.Raw]
    resource_version: str


@dataclass(frozen=True)
class WatchEvent:
    """One change: ADDED, MODIFIED, DELETED with the raw object, or BOOKMARK."""

    type: str
    raw: msgspec.Raw
    meta: ObjectMeta = field(repr=False)


def load_configuration(kubeconfig: str | None) -> Configuration:
    """How to reach the API server: the named kubeconfig, else the pod's service account, else the default one.

    Raises BadConfiguration with one line.
    """
    configuration = Configuration()
    try:
        if kubeconfig is not None:
            _require_readable(kubeconfig)
            load_kube_config(kubeconfig, client_configuration=configuration, persist_config=False)
        elif in_cluster():
            load_incluster_config(configuration)
        else:
            load_kube_config(client_configuration=configuration, persist_config=False)
    except BadConfiguration:
        raise
    except ConfigException as error:
        raise BadConfiguration(f"no usable kubeconfig: {_one_line(error)}") from None
    except Exception as error:  # noqa: BLE001 -- foreign code: its loader lets YAML and type errors through
        raise BadConfiguration(f"the kubeconfig can't be read ({type(error).__name__})") from None
    configuration.keep_alive = True
    configuration.connection_pool_maxsize = 64
    configuration.retries = False
    return configuration


def in_cluster() -> bool:
    """Whether this process runs in a pod with a service account."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and Path(SERVICE_TOKEN_FILENAME).exists()


def _require_readable(path: str) -> None:
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise BadConfiguration(f"kubeconfig {path}: {error.strerror}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


class WatchStream:
    """An open watch: iterate over its events, `interrupt` it from another thread, `close` it."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[WatchEvent]:
        """Yields events until the server ends the watch. Raises Expired, or Retryable if it breaks off."""
        try:
            for line in self._lines():
                yield self._event(line)
        except (HTTPError, OSError, ValueError, msgspec.DecodeError) as error:
            raise Retryable(f"the watch broke off ({type(error).__name__})") from None

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        for chunk in self._response.stream(64 * 1024):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
        # What stands after the last newline was cut off; the resumed watch brings it whole.

    @staticmethod
    def _event(line: bytes) -> WatchEvent:
        event = _decode_event(line)
        if event.type == "ERROR":
            status = _decode_status(event.object)
            if status.code == 410 or status.reason in ("Expired", "Gone"):
                raise Expired
            raise Retryable(f"the watch answered an error ({status.code})")
        return WatchEvent(type=event.type, raw=event.object, meta=object_meta(event.object))

    def interrupt(self) -> None:
        """Wake the thread that reads this stream; its iteration ends with Retryable or quietly."""
        try:
            self._response.shutdown()
        except (ValueError, RuntimeError, OSError):
            return  # already closed

    def close(self) -> None:
        self._response.close()


class ClusterApi:
    """A client of one API server. Each call is one attempt; only `pages` retries, page by page."""

    def __init__(self, configuration: Configuration, *, patience: Patience | None = None) -> None:
        self.configuration = configuration
        # A page gives up after a while, so that a kind that fails doesn't keep a place that others wait for.
        self.patience = patience or Patience(give_up_after_seconds=PAGE_PATIENCE_SECONDS)
        self._pool = ApiClient(configuration).rest_client.pool_manager

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """The raw answer. Raises Retryable, NotPermitted, NotServed, Expired, ClusterError."""
        response = self._open(path, query or {}, gzip=True, read_seconds=READ_SECONDS)
        try:
            return response.data
        except HTTPError as error:
            raise Retryable(f"the API server's answer broke off ({type(error).__name__})") from None
        finally:
            response.release_conn()

    def probe(self, path: str) -> None:
        """List one object, to learn whether this path may be listed. Raises as `get`."""
        self.get(path, {"limit": "1"})

    def pages(
        self,
        path: str,
        *,
        limit: int = PAGE_SIZE,
        on_failure: Callable[[BaseException], None] | None = None,
    ) -> Iterator[Page]:
        """One consistent list, page by page. Raises Expired when it must be started again."""
        token = ""
        while True:
            query = {"limit": str(limit)} | ({"continue": token} if token else {})
            listed = self.patience.call(partial(self._list, path, query), on_failure=on_failure)
            yield Page(items=listed.items or [], resource_version=listed.metadata.resource_version)
            token = listed.metadata.continue_token
            if not token:
                return

    def _list(self, path: str, query: Mapping[str, str]) -> _List:
        try:
            return _decode_list(self.get(path, query))
        except msgspec.DecodeError:
            raise Retryable("the API server answered a list that can't be read") from None

    def watch(self, path: str, *, resource_version: str, timeout_seconds: int) -> WatchStream:
        """Open a watch with bookmarks from this resourceVersion. Raises as `get`."""
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(timeout_seconds),
        }
        # No gzip: a compressed stream holds events back in the compressor's window.
        return WatchStream(
            self._open(path, query, gzip=False, read_seconds=timeout_seconds + WATCH_GRACE_SECONDS)
        )

    def close(self) -> None:
        """Close idle connections."""
        self._pool.clear()

    def _open(
        self, path: str, query: Mapping[str, str], *, gzip: bool, read_seconds: float
    ) -> urllib3.BaseHTTPResponse:
        url = f"{self.configuration.host}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "User-Agent": "srexpert-agent"}
        if gzip:
            headers["Accept-Encoding"] = "gzip"
        try:
            # Asked each time: the client re-reads a token that rotates in its file.
            token = self.configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
            if token:
                headers["Authorization"] = token
            response = self._pool.request(
                "GET",
                url,
                headers=headers,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
            )
        except (HTTPError, OSError, ConfigException) as error:
            raise Retryable(f"the API server can't be reached ({type(error).__name__})") from None
        if response.status != 200:
            raise _failure(response)
        return response


def _failure(response: urllib3.BaseHTTPResponse) -> Exception:
    status = _problem(response)
    match response.status:
        case 401:
            return Unauthorized("the API server doesn't accept our credentials")
        case 403:
            return NotPermitted(without_person(status.message) or "Forbidden")
        case 404:
            return NotServed("not served")
        case 410:
            return Expired("too old")
        case 408 | 429 | 500 | 502 | 503 | 504:
            told = told_seconds(response.headers.get("Retry-After"))
            return Retryable(f"the API server answered {response.status}", retry_after=told)
    return ClusterError(f"the API server answered {response.status}")


def _problem(response: urllib3.BaseHTTPResponse) -> _Status:
    try:
        return _decode_status(response.read(LONGEST_PROBLEM))
    except (HTTPError, OSError, msgspec.DecodeError):
        return _Status()
    finally:
        response.close()


def without_person(message: str) -> str:
    """The API's refusal, redacted, and without the user's name unless that is a system's, like a service account."""
    return redact(" ".join(_USER_NAME.sub('User "…"', message).split())).text[:300]
