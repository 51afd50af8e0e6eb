"""The cause as a chain, what it affects, and the commands inside advice."""

from datetime import timedelta

import pytest

from alerts.domain import causes, timelines
from alerts.models import Alert
from srexpert.reach import EVERYTHING
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.mark.parametrize(
    ("advice", "commands"),
    [
        (
            "Read it: kubectl logs a.b -n shop -c app --previous",
            ["kubectl logs a.b -n shop -c app --previous"],
        ),
        ("kubectl describe hpa a -n b; CPU needs metrics.", ["kubectl describe hpa a -n b"]),
        (
            "See kubectl top pods -A and kubectl describe node n3.",
            ["kubectl top pods -A", "kubectl describe node n3"],
        ),
        ("Run kubectl get pods (as admin), kubectl get pods.", ["kubectl get pods"]),
        ("Roll back.", []),
    ],
)
def test_commands_in_finds_what_can_be_pasted(advice, commands):
    assert causes.commands_in(advice) == commands


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("c/pods/Pod/shop/cart-1", "Pod shop/cart-1"),
        ("c/nodes/Node//n3", "Node n3"),
        ("watchdog", "watchdog"),
    ],
)
def test_spoken_names_the_object_of_a_key(key, words):
    assert causes.spoken(key) == words


def test_chain_has_a_link_for_each_level_with_the_seconds_between(cast):
    with acting_for(cast.northwind):
        incident = make.fire("c/n/Node//n3", kind="Node", namespace="", title="Node n3 is not ready")
        for n in range(3):
            at = make.AT + timedelta(seconds=40 + n)
            make.fire(f"c/p/Pod/shop/cart-{n}", cause="c/n/Node//n3", at=at)
        incident.refresh_from_db()

        links = causes.chain(incident, causes.alerts_of(incident, Alert.objects.all()))

    assert [(link.title, link.text, link.gap, link.state) for link in links] == [
        ("Node n3 is not ready", "", None, "failing"),
        ("3 Pods", "in shop", 40.0, "failing"),
    ]


def test_chain_begins_with_a_cause_that_was_not_reported(cast):
    with acting_for(cast.northwind):
        incident = make.fire("c/p/Pod/shop/cart-1", cause="c/n/Node//n3")

        links = causes.chain(incident, causes.alerts_of(incident, Alert.objects.all()))

    assert [(link.title, link.state) for link in links] == [
        ("Node n3", "unknown"),
        ("c/p/Pod/shop/cart-1 fails", "failing"),
    ]


def test_affected_names_workloads_and_counts_what_they_made(cast):
    with acting_for(cast.northwind):
        incident = make.fire("c/d/Deployment/shop/cart", kind="Deployment")
        for n in range(2):
            make.fire(f"c/p/Pod/shop/cart-{n}", cause="c/d/Deployment/shop/cart")
        make.fire("c/p/Pod/bank/lone", namespace="bank", cause="c/d/Deployment/shop/cart")

        found = causes.affected(causes.alerts_of(incident, Alert.objects.all()))

    assert [(a.namespace, [x.object_kind for x in a.alerts], a.below) for a in found] == [
        ("shop", ["Deployment"], "2 Pods"),
        ("bank", ["Pod"], ""),
    ]


def test_timeline_folds_many_signals_of_a_minute_and_tells_each_when_asked(cast):
    with acting_for(cast.northwind):
        incident = make.fire("node")
        for n in range(5):
            make.fire(f"pod-{n}", cause="node", at=make.AT + timedelta(seconds=n))

        folded = timelines.lines(incident, reach=EVERYTHING)
        told = timelines.lines(incident, reach=EVERYTHING, only="signals")

    assert [line["title"] for line in folded if "title" in line] == ["6 conditions followed:"]
    assert len(told) == 6
