"""The broker emptied and away: it is only a doorbell."""

import time

import httpx

from tests.deployment import until
from tests.faults.stage import Stage, running_pod

AWAY_SECONDS = 6


def test_emptied_and_absent_broker_loses_nothing(stage: Stage):
    stage.page_by_webhooks(2)
    stage.deployment.web()
    stage.deployment.worker()
    stage.deployment.scheduler()
    agent = stage.agent()

    for start in range(0, 50, 5):
        stage.raise_signals(5, start=start)
        agent.send(running_pod(agent.taken))
        stage.deployment.broker.empty()
    until(lambda: stage.sent() == 100, "the pages in spite of an emptied broker")

    stage.deployment.broker.stop()
    gone = time.monotonic()
    raised = 50
    while time.monotonic() < gone + AWAY_SECONDS:
        stage.raise_signals(1, start=raised)
        raised += 1
        agent.send(running_pod(agent.taken))
        time.sleep(0.1)
    assert (
        httpx.get(f"{stage.deployment.url}/accounts/login/", trust_env=False, timeout=20).status_code == 200
    )
    stage.deployment.broker.start()

    until(lambda: stage.sent() == 2 * raised, "the pages after the broker's return")
    until(lambda: not stage.unfinished(), "the end of all work that is due")
    assert set(agent.statuses) == {200}
    assert agent.client.unanswered == 0
    assert stage.pods_held() == agent.taken
    assert set(stage.arrivals().values()) == {1}
    assert set(stage.arrivals()) == stage.keys()
