"""How long the agent waits before it tries again: backoff with jitter, or as long as the other side asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_delay,
    stop_any,
    stop_never,
    stop_when_event_set,
    wait_random_exponential,
)
from tenacity.wait import wait_base
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

T = TypeVar("T")

LONGEST_TOLD_SECONDS = 600.0


class Retryable(Exception):
    """A failure that another attempt may cure. Its text never holds a body or a header of an answer."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WaitAsTold(wait_base):
    """Wait as the failure's `retry_after` says, and never shorter than the backoff."""

    def __init__(self, backoff: wait_base) -> None:
        self.backoff = backoff

    def __call__(self, retry_state: RetryCallState) -> float:
        delay = self.backoff(retry_state)
        failure = retry_state.outcome.exception() if retry_state.outcome else None
        told = failure.retry_after if isinstance(failure, Retryable) else None
        # The jitter is added, so that a thousand agents that were told "30" don't all return together.
        return delay if told is None else told + delay


@dataclass(frozen=True)
class Patience:
    """A policy of retries that ends when the agent stops, and, with `give_up_after_seconds`, at a time."""

    stopping: Event = field(default_factory=Event)
    first_seconds: float = 0.5
    longest_seconds: float = 60.0
    give_up_after_seconds: float | None = None
    hopeless: tuple[type[Exception], ...] = ()

    def call(
        self,
        function: Callable[[], T],
        *,
        retry_on: type[Exception] = Retryable,
        on_failure: Callable[[BaseException], None] | None = None,
    ) -> T:
        """Call until it succeeds. Raises the last failure when told to stop or out of patience."""

        def worth_it(failure: BaseException) -> bool:
            return isinstance(failure, retry_on) and not isinstance(failure, self.hopeless)

        def report(state: RetryCallState) -> None:
            failure = state.outcome.exception() if state.outcome else None
            if on_failure is not None and failure is not None:
                on_failure(failure)

        give_up = (
            stop_never if self.give_up_after_seconds is None else stop_after_delay(self.give_up_after_seconds)
        )
        retrying = Retrying(
            retry=retry_if_exception(worth_it),
            stop=stop_any(stop_when_event_set(self.stopping), give_up),
            wait=WaitAsTold(wait_random_exponential(multiplier=self.first_seconds, max=self.longest_seconds)),
            sleep=sleep_using_event(self.stopping),
            before_sleep=report,
            reraise=True,
        )
        return retrying(function)


def told_seconds(header: str | None) -> float | None:
    """The seconds of a Retry-After header (a number or a date), capped; None when absent or unreadable."""
    if not header:
        return None
    try:
        seconds = Retry().parse_retry_after(header)
    except InvalidHeader:
        return None
    return min(max(0.0, seconds), LONGEST_TOLD_SECONDS)
