"""Signals come in any order, late and often; what they say once counts once."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from alerts.domain import incidents, intake
from alerts.models import Alert, Decision, Incident, Signal
from srexpert import clock
from srexpert.events import publish
from srexpert.outbox import dispatch
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture(autouse=True)
def _northwind(request, cast):
    if "transactional_db" in request.fixturenames:
        yield
        return
    with acting_for(cast.northwind):
        yield


def outcomes(key: str = "pods/Pod/shop/cart-1") -> list[str]:
    return list(Signal.objects.filter(key=key).order_by("version").values_list("outcome", flat=True))


def test_raised_signal_makes_an_alert_and_an_incident(cast):
    incident = make.fire(title="Pod cart-1 fails", detail="exit code 1", severity="critical")

    alert = Alert.objects.get()
    assert (alert.state, alert.severity_word, alert.cluster_name) == ("firing", "critical", "prod-eu-west")
    assert (incident.label, incident.state, incident.title) == ("INC-1", "triggered", "Pod cart-1 fails")
    assert incident.cause == "exit code 1"
    assert outcomes() == ["fired"]


def test_same_version_again_changes_nothing_but_leaves_a_decision():
    make.fire()
    rows = list(Alert.objects.values()), list(Incident.objects.values())

    intake.take_raised(signal=make.raised(title="other words"))

    assert (list(Alert.objects.values()), list(Incident.objects.values())) == rows
    assert Signal.objects.count() == 1
    assert Decision.objects.in_order().last().outcome == "duplicate"


def test_older_version_is_ignored_with_a_decision():
    make.fire(version=5)

    make.clear(version=4)

    assert Alert.objects.get().state == "firing"
    assert outcomes() == ["stale", "fired"]
    assert Decision.objects.in_order().last().reason == "version 4 is older than 5, which is known already"


def test_cleared_before_raised_leaves_nothing_firing():
    make.clear(version=2)

    intake.take_raised(signal=make.raised(version=1))

    assert not Alert.objects.exists()
    assert outcomes() == ["stale", "nothing_to_end"]


def test_newer_version_brings_the_alert_up_to_date():
    make.fire(severity="medium")

    incident = make.fire(version=2, severity="critical", title="Worse", fix="Roll back.")

    assert Alert.objects.count() == 1
    assert (incident.severity_word, incident.title, incident.fix) == ("critical", "Worse", "Roll back.")
    assert incident.timeline.filter(kind="severity").get().text == "Severity medium → critical"


def test_unknown_severity_counts_as_high_and_says_so():
    incident = make.fire(severity="catastrophic")

    assert incident.severity_word == "high"
    assert "'catastrophic' is unknown and counts as high" in Decision.objects.in_order().first().reason


def test_incident_resolves_with_its_last_alert():
    make.fire("root")
    make.fire("child", cause="root")

    make.clear("root")
    assert Incident.objects.get().state == "triggered"
    make.clear("child")

    incident = Incident.objects.get()
    assert (incident.state, incident.resolved_by) == ("resolved", None)
    assert incident.resolved_at is not None


def test_condition_that_returns_soon_reopens_its_incident(cast):
    make.policy([cast.responder])
    make.fire()
    make.clear(version=2)

    incident = make.fire(version=3)

    assert (incident.number, incident.state, incident.round) == (1, "triggered", 2)
    assert Alert.objects.count() == 1


def test_condition_that_returns_late_opens_another_incident():
    make.fire()
    make.clear(version=2)

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        incident = make.fire(version=3)

    assert incident.number == 2
    assert Alert.objects.count() == 2


def test_alert_of_a_resolved_incident_reopens_it_only_when_it_gets_worse(cast):
    incident = make.fire(severity="medium")
    incidents.resolve(incident=incident, by=cast.responder)

    make.fire(version=2, severity="medium", title="still there")
    assert Incident.objects.get().state == "resolved"
    assert Decision.objects.in_order().last().reason == (
        "not paged: INC-1 was resolved while it fired, and it didn't get worse"
    )

    make.fire(version=3, severity="critical")
    assert Incident.objects.get().state == "triggered"


def test_worse_alert_of_a_resolved_incident_joins_the_newer_one_of_its_cause(cast):
    incidents.resolve(incident=make.fire("root", severity="medium"), by=cast.responder)
    newer = make.fire("child", cause="root")

    assert make.fire("root", version=2, severity="critical") == newer
    newer.refresh_from_db()
    assert (newer.title, newer.severity_word) == ("root fails", "critical")


def test_published_event_is_taken_in_once_by_the_worker(cast):
    publish(make.raised(), key="one")
    publish(make.raised(), key="one")

    dispatch.drain()

    assert Signal.objects.count() == 1
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_signals_of_one_cause_at_the_same_time_open_one_incident(transactional_db, cast):
    threads = 6
    ready = threading.Barrier(threads)
    failures: list[Exception] = []

    def tell(n: int) -> None:
        try:
            ready.wait(timeout=20)
            with acting_for(cast.northwind):
                intake.take_raised(signal=make.raised(f"pod-{n}", cause="node" if n else None))
                intake.take_raised(signal=make.raised("node", title="Node n3 is not ready"))
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=tell, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    assert failures == []
    with acting_for(cast.northwind):
        assert sorted(Incident.objects.values_list("title", flat=True)) == [
            "Node n3 is not ready",
            "pod-0 fails",
        ]
        assert Incident.objects.get(title="Node n3 is not ready").alerts.count() == threads
        assert sorted(Incident.objects.values_list("number", flat=True)) == [1, 2]
