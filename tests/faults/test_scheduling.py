"""No scheduler, two schedulers, two workers, a worker stopped past its lease: each step is taken once."""

import signal
from collections import Counter

from alerts.models import Decision, Notification
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_for
from tests.deployment import until
from tests.faults.stage import Stage

INCIDENTS, STEPS = 20, 3


def test_two_schedulers_and_two_workers_take_each_step_once(stage: Stage):
    stage.page_by_webhooks(*[1] * STEPS)
    for number in (1, 2):
        stage.deployment.worker(f"worker-{number}")
    stage.raise_signals(INCIDENTS)  # nobody rings for these: this process has another broker
    first = stage.deployment.scheduler("scheduler-1")
    stage.deployment.scheduler("scheduler-2")
    until(lambda: stage.sent() >= INCIDENTS, "the first steps")
    first.kill()
    until(lambda: stage.sent() == INCIDENTS * STEPS, "the last steps")
    until(lambda: not stage.unfinished(), "the end of all work that is due")

    with acting_for(stage.northwind):
        steps = Counter(
            (str(incident), inputs["step"])
            for incident, inputs in Decision.objects.filter(
                stage="escalated", outcome__in=["paged", "nobody"]
            ).values_list("incident", "inputs")
        )
        attempts = set(Notification.objects.values_list("attempts", flat=True))
    assert len(steps) == INCIDENTS * STEPS
    assert set(steps.values()) == {1}
    assert attempts == {1}
    assert set(stage.arrivals().values()) == {1}


def test_overdue_work_is_done_when_the_scheduler_returns(stage: Stage):
    stage.page_by_webhooks(1, 1)
    stage.deployment.worker()
    stage.raise_signals(5)
    stage.deployment.scheduler().kill()
    assert stage.sent() == 0
    stage.deployment.scheduler("returned")
    until(lambda: stage.sent() == 10, "both steps of all incidents")


def test_stopped_worker_is_fenced_out(stage: Stage):
    stage.page_by_webhooks(1)
    stage.hooks.delay = 3  # so that the first worker is caught while it sends
    stage.raise_signals(1)
    stage.deployment.scheduler()
    stopped = stage.deployment.worker("stopped")
    until(lambda: stage.hooks.requests, "the first request")
    stopped.signal(signal.SIGSTOP)
    stage.hooks.delay = 0
    stage.deployment.worker("other")
    until(lambda: stage.sent() == 1, "the page by the other worker")
    stopped.signal(signal.SIGCONT)
    until(
        lambda: "was taken over; its outcome here is dropped" in stopped.log.read_text(),
        "the fenced worker's word",
    )
    with acting_for(stage.northwind):
        row = OutboxMessage.objects.get(topic="alerts.notification")
    assert (row.state, row.attempts, row.fence) == ("done", 2, 2)
    assert set(stage.arrivals()) == stage.keys()
