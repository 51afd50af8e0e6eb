"""What all calls of agents share: the bearer token, the compressed body, answers and refusals as JSON."""

import gzip
import io
import logging
import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
import zstandard
from django.db import DatabaseError, DataError, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clusters.domain.enrolment import TOKEN_KIND
from clusters.domain.refusals import Refused, WrongToken
from clusters.models import Cluster
from clusters.wire import messages
from clusters.wire.errors import MalformedMessage
from srexpert.tenancy import acting_for, tokens
from srexpert.web.guard import View, machine

logger = logging.getLogger(__name__)

MAX_COMPRESSED = 8 * 1024 * 1024
MAX_BODY = 32 * 1024 * 1024
_RETRY_SECONDS = "5"


class _TooLarge(Refused):
    """The body is longer than any honest batch."""

    status = 413
    error = "too_large"

    def __init__(self) -> None:
        super().__init__(f"at most {MAX_BODY} bytes, {MAX_COMPRESSED} compressed")


class _Unreadable(Refused):
    """The body's compression is broken or unknown."""

    error = "encoding"


class Caller:
    """An authenticated agent: its cluster and organization; `scope` opens the organization."""

    def __init__(self, resolved: tokens.Resolved) -> None:
        self.organization_id = resolved.organization_id
        self._token_id = resolved.token_id

    def scope(self) -> Any:
        """The organization's scope, in one transaction."""
        return acting_for(self.organization_id)

    def cluster(self) -> Cluster:
        """The token's cluster; call inside `scope`."""
        return Cluster.objects.get(agent_tokens__token_id=self._token_id)


AgentView = Callable[[Caller, bytes], Any]


def agent_call(view: AgentView) -> View:
    """Makes a view of a function of (caller, body) that gives a message of the wire or raises Refused."""

    @machine
    @csrf_exempt
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return _json(200, view(_authenticate(request), _body(request)))
        except Exception as error:
            answer = _refusal(error)
            if answer is None:
                raise
            return answer

    return answered


def _refusal(error: Exception) -> HttpResponse | None:
    """The answer to an error that the agent should hear of; None for a fault of ours."""
    match error:
        case Refused():
            return problem(
                error.status, error.error, error.detail, field=error.field, expected=error.expected
            )
        case MalformedMessage():
            return problem(400, "malformed", str(error), field=error.field)
        case DataError() | IntegrityError():
            # The agent halves the batch, so that one object which can't be stored doesn't hold the others.
            return problem(422, "unstorable", "an object of this batch can't be stored")
        case DatabaseError():
            logger.warning("an agent's call failed for want of the database: %s", type(error).__name__)
            response = problem(503, "unavailable", "try again later")
            response["Retry-After"] = _RETRY_SECONDS
            return response
    return None


def _authenticate(request: HttpRequest) -> Caller:
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    resolved = tokens.resolve(kind=TOKEN_KIND, plain=plain.strip()) if scheme.lower() == "bearer" else None
    if resolved is None:
        raise WrongToken("the token is wrong, revoked or expired")
    return Caller(resolved)


def _body(request: HttpRequest) -> bytes:
    """The body, unpacked; never holds more than the limits, whatever the sender claims."""
    raw = request.read(MAX_COMPRESSED + 1)
    if len(raw) > MAX_COMPRESSED:
        raise _TooLarge
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    try:
        if encoding == "zstd":
            stream: Any = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(io.BytesIO(raw))
        elif encoding == "gzip":
            stream = gzip.GzipFile(fileobj=io.BytesIO(raw))
        elif encoding == "identity":
            stream = io.BytesIO(raw)
        else:
            raise _Unreadable("Content-Encoding must be zstd, gzip or identity")
        body: bytes = stream.read(MAX_BODY + 1)
    except (zstandard.ZstdError, zlib.error, OSError, EOFError) as error:
        raise _Unreadable("the body can't be unpacked") from error
    if len(body) > MAX_BODY:
        raise _TooLarge
    return body


def _json(status: int, message: Any) -> HttpResponse:
    return HttpResponse(messages.encode(message), status=status, content_type="application/json")


def problem(
    status: int, error: str, detail: str, *, field: str = "", expected: int | None = None
) -> HttpResponse:
    """A refusal in the wire's form; says what is wrong, never what was sent."""
    body = messages.Problem(error=error, detail=detail, field=field, expected=expected)
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
