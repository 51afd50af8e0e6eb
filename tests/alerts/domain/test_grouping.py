"""Alerts of one cause make one incident, in whatever order they arrive."""

import itertools

import pytest

from alerts.domain import incidents
from alerts.models import Decision, Incident
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture(autouse=True)
def _northwind(cast):
    with acting_for(cast.northwind):
        yield


def open_ones() -> dict[str, list[str]]:
    """Title of each open incident → the keys of its alerts."""
    return {
        incident.title: sorted(incident.alerts.values_list("key", flat=True))
        for incident in Incident.objects.open()
    }


def test_two_unrelated_faults_stay_two_incidents():
    make.fire("node", title="Node n3 is not ready")
    make.fire("claim", title="Claim data is pending")

    assert open_ones() == {"Node n3 is not ready": ["node"], "Claim data is pending": ["claim"]}


@pytest.mark.parametrize("order", list(itertools.permutations(["node", "pod-1", "pod-2", "service"])))
def test_tree_becomes_one_incident_whatever_the_order(order):
    causes = {"node": None, "pod-1": "node", "pod-2": "node", "service": "pod-1"}
    severities = {"node": "critical", "pod-1": "high", "pod-2": "high", "service": "low"}
    for key in order:
        make.fire(key, cause=causes[key], severity=severities[key], title=f"{key} fails")

    assert open_ones() == {"node fails": ["node", "pod-1", "pod-2", "service"]}
    assert Incident.objects.open().get().severity_word == "critical"


def test_children_share_an_incident_before_their_root_is_reported():
    make.fire("pod-1", cause="node")
    make.fire("pod-2", cause="node")

    incident = Incident.objects.get()
    assert incident.alerts.count() == 2
    assert incident.cause == "pod-1 fails, which follows from node; that has not been reported itself"


def test_later_link_merges_into_the_older_incident_and_says_why():
    make.fire("pod", title="Pod fails")
    make.fire("node", title="Node fails")

    make.fire("pod", version=2, cause="node", title="Pod fails")

    merged = Incident.objects.get(number=2)
    assert open_ones() == {"Node fails": ["node", "pod"]}
    assert (merged.state, merged.merged_into.number) == ("resolved", 1)
    assert merged.timeline.get(kind="merged").text == "Merged into INC-1: 'Pod fails' links their causes"


def test_incident_that_somebody_has_survives_a_merge(cast):
    make.fire("pod")
    node = make.fire("node")
    incidents.acknowledge(incident=node, by=cast.responder)

    make.fire("pod", version=2, cause="node")

    assert Incident.objects.open().get().number == node.number
    assert Incident.objects.open().get().acknowledged_by == cast.responder


def test_cause_that_goes_away_does_not_scatter_the_incident():
    make.fire("node", title="Node fails")
    make.fire("pod-1", cause="node")
    make.fire("pod-2", cause="node")
    make.clear("node")

    make.fire("pod-1", version=2, cause=None)

    assert open_ones() == {"Node fails": ["node", "pod-1", "pod-2"]}
    assert Decision.objects.filter(outcome="kept").get().reason == (
        "stays with INC-1, since no other open incident has its cause"
    )


def test_changed_cause_moves_the_alert_and_its_followers_to_the_other_incident():
    make.fire("node", title="Node fails")
    make.fire("pod", cause="node")
    make.fire("service", cause="pod")
    make.fire("image", title="Image is missing")

    make.fire("pod", version=2, cause="image")

    assert open_ones() == {"Node fails": ["node"], "Image is missing": ["image", "pod", "service"]}


def test_incident_without_alerts_after_a_move_is_merged():
    make.fire("pod", cause="lost")
    make.fire("image", title="Image is missing")

    make.fire("pod", version=2, cause="image")

    assert open_ones() == {"Image is missing": ["image", "pod"]}
    assert Incident.objects.get(number=1).merged_into.number == 2


def test_causes_in_a_circle_make_one_incident():
    make.fire("a", cause="b")
    make.fire("b", cause="c")
    make.fire("c", cause="a")

    assert list(open_ones().values()) == [["a", "b", "c"]]


def test_alert_that_joins_an_acknowledged_incident_pages_nobody_and_says_why(cast):
    incidents.acknowledge(incident=make.fire("node"), by=cast.responder)

    make.fire("pod", cause="node")

    last = Decision.objects.in_order().last()
    assert (last.outcome, last.sentence) == ("not_paged", "not paged again because Rui Costa has INC-1")
