"""Why somebody was paged, stage by stage."""

import pytest

from alerts.domain import escalation, incidents, trails
from alerts.models import Notification
from srexpert import clock
from srexpert.reach import EVERYTHING
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture(autouse=True)
def _northwind(cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder], [cast.admin])
        yield


def told(incident) -> list[tuple[str, str, str]]:
    return [(line.name, line.value, line.text) for line in trails.summary(incident, EVERYTHING)]


def test_summary_tells_each_stage_in_order(cast):
    incident = make.fire("node", title="Node n3 is not ready")
    make.fire("pod", cause="node")
    escalation.run_step(incident_id=incident.pk, round_=1, step=1)
    incidents.acknowledge(incident=incident, by=cast.responder)
    incident.refresh_from_db()

    assert told(incident) == [
        ("Received", "2 signals", "from health"),
        (
            "Grouped",
            "2 alerts",
            "of one cause; the last one follows from node, which is in INC-1",
        ),
        ("Routed", "", "policy 'Default' applies, as the default of the organization"),
        ("Not paged", "", "step 2 not paged because Rui Costa acknowledged it"),
        ("Paged", "Rui Costa", "step 1, by email, on its way after 0 tries"),
        ("Kept quiet", "1 signal", "of the same cause paged nobody again"),
    ]


def test_summary_of_a_failed_page_gives_the_reason(cast):
    incident = make.fire()
    escalation.run_step(incident_id=incident.pk, round_=1, step=1)
    over = {"state": "failed", "reason": "the mail server answered 550", "finished_at": clock.now()}
    Notification.objects.update(**over)

    line = ("Not reached", "Rui Costa", "step 1, given up: the mail server answered 550")
    assert line in told(incident)


def test_summary_of_a_reopened_incident_tells_the_last_round(cast):
    incident = make.fire()
    escalation.run_step(incident_id=incident.pk, round_=1, step=1)
    incidents.resolve(incident=incident, by=cast.responder)
    incidents.reopen(incident=incident, by=cast.responder, reason="it is not over")
    incident.refresh_from_db()

    assert told(incident)[2:] == [
        ("Before", "1 page", "in 1 earlier round, before it was reopened"),
        ("Routed", "", "policy 'Default' applies, as the default of the organization"),
    ]


def test_decisions_of_an_incident_each_have_a_reason(cast):
    incident = make.fire()

    found = trails.decisions_of(incident, EVERYTHING).in_order()

    assert [d.outcome for d in found] == ["fired", "started", "opened"]
    assert all(d.sentence for d in found)
