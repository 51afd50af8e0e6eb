"""Retries: what is repeated, how long is waited, when it ends."""

import threading
from email.utils import formatdate

import pytest
from tenacity import wait_none

from clusters.agent.retries import Patience, Retryable, WaitAsTold, told_seconds


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, times: int, failure: Exception) -> None:
        self.left, self.failure, self.calls = times, failure, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.failure
        return "answer"


def test_call_repeats_until_the_answer_and_reports_each_failure():
    flaky, seen = Flaky(3, Retryable("down")), []
    patience = Patience(first_seconds=0.001, longest_seconds=0.002)
    assert patience.call(flaky, on_failure=seen.append) == "answer"
    assert flaky.calls == 4
    assert [str(failure) for failure in seen] == ["down"] * 3


def test_call_raises_at_once_what_a_retry_cannot_cure():
    flaky = Flaky(1, ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        Patience(first_seconds=0.001).call(flaky)
    assert flaky.calls == 1


class Hopeless(Retryable):
    pass


def test_call_gives_up_on_what_is_hopeless():
    flaky = Flaky(1, Hopeless("never"))
    with pytest.raises(Hopeless):
        Patience(first_seconds=0.001, hopeless=(Hopeless,)).call(flaky)
    assert flaky.calls == 1


def test_call_gives_up_after_its_time():
    flaky = Flaky(10**6, Retryable("down"))
    with pytest.raises(Retryable, match="down"):
        Patience(first_seconds=0.001, longest_seconds=0.01, give_up_after_seconds=0.05).call(flaky)


def test_call_wakes_from_a_long_wait_when_told_to_stop():
    stopping = threading.Event()
    flaky = Flaky(10**6, Retryable("down", retry_after=600))
    patience = Patience(stopping=stopping)
    with pytest.raises(Retryable):
        patience.call(flaky, on_failure=lambda _failure: stopping.set())
    assert flaky.calls <= 2


class State:
    """What WaitAsTold reads of tenacity's state."""

    def __init__(self, failure: Exception) -> None:
        self.outcome = self
        self.failure = failure

    def exception(self) -> Exception:
        return self.failure


@pytest.mark.parametrize(("told", "waited"), [(None, 0.0), (7.0, 7.0)])
def test_wait_is_as_long_as_the_other_side_asked(told, waited):
    assert WaitAsTold(wait_none())(State(Retryable("busy", retry_after=told))) == waited


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0", 0.0), (None, None), ("", None), ("soon", None), ("99999999", 600.0)],
)
def test_told_seconds_reads_numbers_and_caps_them(header, seconds):
    assert told_seconds(header) == seconds


def test_told_seconds_reads_a_date():
    assert told_seconds(formatdate(0, usegmt=True)) == 0.0
