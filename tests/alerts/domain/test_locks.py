"""Acknowledging and the dispatcher meet at the same step, each holding what the other wants next."""

import threading

import pytest
from django.db import connection

from alerts.domain import escalation, incidents, locks
from alerts.models import Incident
from srexpert.outbox.models import OutboxMessage, State
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.mark.django_db(transaction=True)
def test_acknowledging_leaves_a_step_alone_that_a_worker_is_taking(cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        incident = make.fire()
    taken, acknowledging, failures = threading.Event(), threading.Event(), []

    def work() -> None:
        try:
            with acting_for(cast.northwind):
                OutboxMessage.objects.filter(topic=escalation.TOPIC).update(
                    state=State.DONE, finished_at=incident.opened_at
                )
                taken.set()
                acknowledging.wait(10)
                escalation.run_step(incident_id=incident.pk, round_=1, step=1)
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with acting_for(cast.northwind):
        locks.hold_one(incident.pk)
        worker.start()
        assert taken.wait(10)
        acknowledging.set()
        incidents.acknowledge(incident=incident, by=cast.responder)
    worker.join(20)

    assert failures == []
    with acting_for(cast.northwind):
        assert Incident.objects.get().state == "acknowledged"
        assert not Incident.objects.get().notifications.exists()
