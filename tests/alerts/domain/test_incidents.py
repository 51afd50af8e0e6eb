"""What people may do with an incident, and what that leaves."""

import pytest

from alerts.domain import decisions, incidents
from alerts.models import Decision, Incident, TimelineEntry
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture(autouse=True)
def _northwind(cast):
    with acting_for(cast.northwind):
        yield


def test_acknowledge_takes_the_incident_and_notes_it(cast):
    incident = incidents.acknowledge(incident=make.fire(), by=cast.responder, note="looking at it")

    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by) == ("acknowledged", cast.responder)
    lines = [(e.kind, e.sentence) for e in incident.timeline.newest_first()[:2]]
    assert lines == [("comment", "looking at it"), ("acknowledged", "Rui Costa acknowledged the incident")]


def test_acknowledge_twice_by_the_same_person_changes_nothing(cast):
    incident = incidents.acknowledge(incident=make.fire(), by=cast.responder)
    lines = TimelineEntry.objects.count()

    again = incidents.acknowledge(incident=incident, by=cast.responder)

    assert again.acknowledged_at == incident.acknowledged_at
    assert TimelineEntry.objects.count() == lines


def test_acknowledge_of_an_incident_that_another_has_is_refused(cast):
    incident = incidents.acknowledge(incident=make.fire(), by=cast.responder)

    with pytest.raises(incidents.WrongStateError, match="INC-1 is with Rui Costa already"):
        incidents.acknowledge(incident=incident, by=cast.admin)

    incident.refresh_from_db()
    assert incident.acknowledged_by == cast.responder


def test_acknowledge_leaves_nothing_when_the_decision_cannot_be_written(cast, monkeypatch):
    incident = make.fire()

    def refuse(**_):
        raise RuntimeError("no room")

    monkeypatch.setattr(decisions, "record", refuse)
    with pytest.raises(RuntimeError):
        incidents.acknowledge(incident=incident, by=cast.responder)

    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_by) == ("triggered", None)


def test_resolved_incident_cannot_be_acknowledged_or_resolved_again(cast):
    incident = incidents.resolve(incident=make.fire(), by=cast.responder, note="rolled back")

    for act in (incidents.acknowledge, incidents.resolve):
        with pytest.raises(incidents.WrongStateError, match="INC-1 is resolved"):
            act(incident=incident, by=cast.admin)
    assert Incident.objects.get().resolved_by == cast.responder


def test_reopen_is_refused_while_the_cause_has_a_newer_incident(cast):
    incident = incidents.resolve(incident=make.fire("child", cause="root"), by=cast.responder)
    make.fire("other", cause="root")

    with pytest.raises(incidents.WrongStateError, match="INC-2 is open for the same cause"):
        incidents.reopen(incident=incident, by=cast.responder, reason="not yet")


def test_reopen_of_an_open_or_a_merged_incident_is_refused(cast):
    make.fire("pod")
    make.fire("node")
    make.fire("pod", version=2, cause="node")
    merged = Incident.objects.get(number=2)

    with pytest.raises(incidents.WrongStateError, match="INC-2 was merged into INC-1"):
        incidents.reopen(incident=merged, by=cast.responder, reason="mine")
    with pytest.raises(incidents.WrongStateError, match="INC-1 is open"):
        incidents.reopen(incident=merged.merged_into, by=cast.responder, reason="mine")


def test_comment_needs_words_and_keeps_them_as_written(cast):
    incident = make.fire()

    with pytest.raises(ValueError, match="needs words"):
        incidents.comment(incident=incident, by=cast.viewer, text="  \n ")
    incidents.comment(incident=incident, by=cast.viewer, text=" see {person} ")

    assert incident.timeline.get(kind="comment").sentence == "see {person}"


def test_sentences_stay_readable_without_the_person(cast):
    incident = incidents.acknowledge(incident=make.fire(), by=cast.responder)

    Decision.objects.update(person=None)

    assert "somebody acknowledged it" in [d.sentence for d in incident.decisions.all()]
    assert "Rui" not in "".join(Decision.objects.values_list("reason", flat=True))


def test_numbers_are_counted_by_organization(cast):
    make.fire("a")
    assert make.fire("b").label == "INC-2"


def test_severity_is_the_worst_also_while_it_heals():
    make.fire("root", severity="critical")
    make.fire("child", cause="root", severity="low")
    make.clear("root")
    assert Incident.objects.get().severity_word == "critical"
    make.clear("child")
    assert Incident.objects.get().severity_word == "critical"


def test_severity_falls_when_an_alert_is_judged_less_severe():
    make.fire(severity="critical")
    make.fire(version=2, severity="low")

    assert Incident.objects.get().severity_word == "low"
