"""From a batch to findings to signals: roots and followers, changes, the end, and silence."""

import random
from datetime import timedelta

import pytest

from clusters.domain import contact, staleness
from clusters.models import Cluster, Finding, StaleScope
from srexpert import clock, events
from srexpert.events import SignalCleared, SignalRaised
from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_everywhere, acting_for
from tests.factories import clusters as make

pytestmark = pytest.mark.django_db(transaction=True)

told: list[object] = []


@events.subscribes(SignalRaised)
def hear_raised(event):
    told.append(event)


@events.subscribes(SignalCleared)
def hear_cleared(event):
    told.append(event)


@pytest.fixture(autouse=True)
def _silence():
    told.clear()


@pytest.fixture
def agent(cast):
    agent = make.Agent(make.cluster(cast.northwind)[1])
    agent.enrol()
    return agent


def node(name, ready="True"):
    raw = make.body("nodes", name)
    raw["status"] = {
        "conditions": [
            {
                "type": "Ready",
                "status": ready,
                "reason": "KubeletReady" if ready == "True" else "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status." if ready != "True" else "ok",
                "lastTransitionTime": "2026-11-24T08:00:00Z",
                "lastHeartbeatTime": "2026-11-24T08:00:00Z",
            }
        ]
    }
    return raw


def pod(name, *, ready, on="n1"):
    raw = make.body("pods", name, nodeName=on, containers=[{"name": "app", "image": "shop:1"}])
    state = {"running": {"startedAt": "2026-11-24T08:00:00Z"}}
    word = "True" if ready else "False"
    raw["status"] = {
        "phase": "Running",
        "conditions": [{"type": kind, "status": word, "lastTransitionTime": "2026-11-24T08:01:00Z"} for kind in ("Ready", "ContainersReady")],
        "containerStatuses": [{"name": "app", "ready": ready, "restartCount": 0, "state": state, "image": "shop:1", "imageID": ""}],
    }  # fmt: skip
    return raw


def findings(cast, **wanted):
    with acting_for(cast.northwind):
        return list(Finding.objects.open().filter(status="failing", **wanted).order_by("kind", "name"))


def test_healthy_cluster_reads_healthy(cast, agent):
    agent.complete(nodes=[node("n1")], pods=[pod("a", ready=True)])
    dispatch.drain()
    assert findings(cast) == []
    assert told == []


def test_break_becomes_one_root_with_followers_and_signals_that_name_it(cast, agent):
    agent.complete(nodes=[node("n1")], pods=[pod("a", ready=True), pod("b", ready=True)])
    dispatch.drain()
    agent.delta(
        ("nodes", node("n1", "Unknown")), ("pods", pod("a", ready=False)), ("pods", pod("b", ready=False))
    )
    dispatch.drain()
    by_name = {finding.name: finding for finding in findings(cast)}
    assert by_name["n1"].cause_key == ""
    assert by_name["a"].cause_key == by_name["b"].cause_key == by_name["n1"].key
    raised = {event.object.name: event for event in told}
    assert raised["a"].cause == raised["n1"].key
    assert raised["n1"].cause is None
    assert all(event.source == "health" and event.version == 1 for event in told)


def test_judging_again_without_a_change_tells_nothing(cast, agent):
    agent.complete(nodes=[node("n1", "Unknown")])
    dispatch.drain()
    assert len(told) == 1
    with acting_for(cast.northwind):
        staleness.note_all(cluster=Cluster.objects.get())
    dispatch.drain()
    assert len(told) == 1


def test_healing_clears_with_a_newer_version_and_a_relapse_continues_it(cast, agent):
    agent.complete(nodes=[node("n1", "Unknown")])
    dispatch.drain()
    agent.delta(("nodes", node("n1")))
    dispatch.drain()
    assert findings(cast) == []
    agent.delta(("nodes", node("n1", "Unknown")))
    dispatch.drain()
    assert [(type(event).__name__, event.version) for event in told] == [
        ("SignalRaised", 1),
        ("SignalCleared", 2),
        ("SignalRaised", 3),
    ]


def test_half_a_list_is_not_judged(cast, agent):
    agent.delta(("nodes", node("n1", "Unknown")))
    dispatch.drain()
    assert findings(cast) == []
    agent.complete(nodes=[node("n1", "Unknown")])
    dispatch.drain()
    assert [finding.name for finding in findings(cast)] == ["n1"]


def test_removal_of_the_object_clears_its_finding(cast, agent):
    agent.complete(nodes=[node("n1", "Unknown")])
    dispatch.drain()
    agent.delta(deletes=(("nodes", node("n1")["metadata"]["uid"]),))
    dispatch.drain()
    assert findings(cast) == []


def test_evaluation_takes_the_scopes_it_judged(cast, agent):
    agent.complete(nodes=[node("n1")])
    with acting_for(cast.northwind):
        assert StaleScope.objects.filter(due_at__lte=clock.now()).exists()
    dispatch.drain()
    with acting_for(cast.northwind):
        assert not StaleScope.objects.filter(due_at__lte=clock.now()).exists()
        assert StaleScope.objects.exists()


def test_change_is_judged_again_later_once_for_each_stretch(cast, agent, monkeypatch):
    agent.complete(pods=[pod("a", ready=True)])
    for number in range(5):
        agent.delta(("pods", pod(f"p{number}", ready=True)))
    dispatch.drain()
    with acting_everywhere(reason="test"):
        later = OutboxMessage.objects.filter(topic=staleness.TOPIC, due_at__gt=clock.now())
        assert 3 <= later.count() <= 6
        last = later.latest("due_at").due_at
        waiting = StaleScope.objects.filter(namespace="shop")
        assert waiting.count() == 3 * 6
        assert all(scope.due_at < last for scope in waiting)
    monkeypatch.setattr(clock, "now", lambda: last)
    dispatch.drain()
    with acting_everywhere(reason="test"):
        assert not StaleScope.objects.exists()


def test_silent_agent_is_an_alarm_until_it_calls_again(cast, agent):
    agent.complete()
    with acting_for(cast.northwind):
        Cluster.objects.update(last_contact_at=clock.now() - contact.SILENT_AFTER - timedelta(seconds=1))
    contact.watch()
    contact.watch()
    dispatch.drain()
    assert [finding.title for finding in findings(cast, analyzer="contact")] == [
        "No contact with the agent of prod-eu-west"
    ]
    agent.delta()
    contact.watch()
    dispatch.drain()
    assert findings(cast) == []
    assert [type(event).__name__ for event in told] == ["SignalRaised", "SignalCleared"]


def test_disconnected_or_never_connected_cluster_is_no_alarm(cast):
    make.cluster(cast.northwind, "never")
    assert contact.watch() == 0


def test_node_is_judged_by_all_that_runs_on_it_wherever_the_change_was(cast, agent):
    pods = [pod(f"{ns}-{n}", ready=False) | {} for ns in ("shop", "payments") for n in range(2)]
    for raw, namespace in zip(pods, ("shop", "shop", "payments", "payments"), strict=True):
        raw["metadata"]["namespace"] = namespace
    agent.complete(nodes=[node("n1", "Unknown")], pods=pods)
    dispatch.drain()
    (whole,) = findings(cast, kind="Node")
    # A change in one namespace, then one of the node itself, judge only parts anew.
    changed = dict(pods[0], metadata={**pods[0]["metadata"], "labels": {"touched": "yes"}})
    agent.delta(("pods", changed))
    dispatch.drain()
    agent.delta(("nodes", node("n1", "Unknown") | {"spec": {"unschedulable": False}}))
    dispatch.drain()
    (now,) = findings(cast, kind="Node")
    assert (now.title, now.detail, now.version) == (whole.title, whole.detail, whole.version)


def test_findings_by_parts_equal_those_over_everything(cast, agent):
    agent.complete(
        nodes=[node("n1"), node("n2")], pods=[pod(f"p{n}", ready=True, on=f"n{n % 2 + 1}") for n in range(4)]
    )
    dispatch.drain()
    chance = random.Random(7)
    for _ in range(25):
        if chance.random() < 0.4:
            agent.delta(("nodes", node(f"n{chance.randint(1, 2)}", chance.choice(["True", "Unknown"]))))
        else:
            number = chance.randrange(4)
            agent.delta(("pods", pod(f"p{number}", ready=chance.random() < 0.5, on=f"n{number % 2 + 1}")))
        dispatch.drain()
    with acting_for(cast.northwind):
        stored = set(Finding.objects.open().values_list("key", "title", "cause_key"))
        staleness.note_all(cluster=Cluster.objects.get())
    dispatch.drain()
    with acting_for(cast.northwind):
        assert set(Finding.objects.open().values_list("key", "title", "cause_key")) == stored
