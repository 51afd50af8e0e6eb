"""Worker and web killed at seeded random moments while a thousand notifications go out and batches come in."""

import os
import random
import signal
import time

from alerts.models import Incident
from srexpert.tenancy import acting_for
from tests.deployment import Child
from tests.faults.stage import Stage, running_pod

INCIDENTS, WEBHOOKS, KILLS = 100, 10, 15


def test_kills_lose_no_notification_and_no_batch(stage: Stage):
    stage.page_by_webhooks(WEBHOOKS)
    web = stage.deployment.web()
    workers = [stage.deployment.worker(f"worker-{number}") for number in (1, 2)]
    stage.deployment.scheduler()
    agent = stage.agent()
    killer = _Killer(random.Random(20261124), web, workers)
    deadline = time.monotonic() + 300
    raised = 0
    while stage.sent() < INCIDENTS * WEBHOOKS or killer.kills < KILLS:
        assert time.monotonic() < deadline, f"{stage.sent()} sent after {killer.kills} kills"
        if raised < INCIDENTS:
            stage.raise_signals(10, start=raised)
            raised += 10
        agent.send(running_pod(agent.taken))
        killer.maybe()
        time.sleep(0.05)

    arrived = stage.arrivals()
    assert set(arrived) == stage.keys()
    assert len(arrived) == INCIDENTS * WEBHOOKS
    assert arrived.total() - len(arrived) <= killer.killed_hands  # each sends one page at a time
    assert stage.pods_held() == agent.taken
    with acting_for(stage.northwind):
        assert Incident.objects.count() == INCIDENTS


class _Killer:
    """Kills a worker, one of a worker's hands, or the web, and starts it again at once."""

    def __init__(self, chance: random.Random, web: Child, workers: list[Child]) -> None:
        self._chance, self._web, self._workers = chance, web, workers
        self._next = time.monotonic() + 4
        self.kills = self.killed_hands = 0

    def maybe(self) -> None:
        if self.kills == KILLS or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._chance.uniform(1.0, 2.5)
        victim = self._chance.choice(["web", "worker", "worker", "hand"])
        if victim == "web":
            self._again(self._web)
        elif victim == "worker":
            worker = self._chance.choice(self._workers)
            self.killed_hands += len(worker.children())
            self._again(worker)
        else:
            self._kill_hand(self._chance.choice(self._workers))
        self.kills += 1

    def _again(self, child: Child) -> None:
        child.kill()
        child.start()

    def _kill_hand(self, worker: Child) -> None:
        hands = worker.children()
        if hands:
            self.killed_hands += 1
            os.kill(self._chance.choice(hands), signal.SIGKILL)  # a child of our child, which reaps it
