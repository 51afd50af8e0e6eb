"""Who is paged, when, and why not; each step once, whoever works."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from accounts.models import Membership, Team, TeamMember
from alerts.domain import escalation, incidents, policies
from alerts.domain.policies import StepPlan
from alerts.models import Decision, Incident, Notification
from srexpert import clock
from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture
def northwind(cast):
    with acting_for(cast.northwind):
        yield cast


def steps() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(topic=escalation.TOPIC).order_by("id"))


def work(*, later: timedelta = timedelta()) -> None:
    """Lets a worker do what is due by then; mails and webhooks excepted."""
    with time_machine.travel(clock.now() + later):
        while messages := dispatch.claim(external=False, limit=20):
            for message in messages:
                dispatch.perform(message)


def paged() -> list[tuple[int, str]]:
    rows = Notification.objects.order_by("created_at", "pk").select_related("person", "webhook")
    return [(row.step, str(row.person or row.webhook)) for row in rows]


def reasons(incident: Incident) -> list[str]:
    return [d.sentence for d in incident.decisions.with_people().in_order() if d.stage == "escalated"]


def test_first_step_pages_at_once_and_the_second_after_its_delay(northwind):
    make.policy([northwind.responder], [northwind.admin], delay=300)
    incident = make.fire()

    work()
    assert paged() == [(1, "Rui Costa")]
    work(later=timedelta(seconds=290))
    assert paged() == [(1, "Rui Costa")]
    work(later=timedelta(seconds=301))

    assert paged() == [(1, "Rui Costa"), (2, "Ivo Mendes")]
    assert reasons(incident) == [
        "policy 'Default' applies, as the default of the organization",
        "step 1: one recipient paged",
        "step 2: one recipient paged",
        "the policy has no further step; the incident stays open",
    ]


def test_acknowledging_stops_the_escalation_and_says_by_whom(northwind):
    make.policy([northwind.responder], [northwind.admin])
    incident = make.fire()
    work()

    incidents.acknowledge(incident=incident, by=northwind.responder)
    work(later=timedelta(hours=1))

    assert paged() == [(1, "Rui Costa")]
    assert reasons(incident)[-1] == "step 2 not paged because Rui Costa acknowledged it"
    assert [row.state for row in steps()] == ["done", "cancelled"]
    incident.refresh_from_db()
    assert (incident.next_step, incident.next_step_at) == (None, None)


def test_step_that_was_claimed_before_the_acknowledgement_pages_nobody(northwind):
    make.policy([northwind.responder])
    incident = make.fire()
    (message,) = dispatch.claim(external=False, limit=20)

    incidents.acknowledge(incident=incident, by=northwind.admin)
    dispatch.perform(message)

    assert paged() == []
    assert reasons(incident)[-1] == "step 1 not paged because Ivo Mendes acknowledged it"


def test_resolving_stops_the_escalation(northwind):
    make.policy([northwind.responder], [northwind.admin])
    incident = make.fire()
    work()

    make.clear()
    work(later=timedelta(hours=1))

    assert paged() == [(1, "Rui Costa")]
    assert reasons(incident)[-1] == "step 2 not paged because every alert of it is over"


def test_reopening_escalates_anew(northwind):
    make.policy([northwind.responder])
    incident = make.fire()
    work()
    incidents.resolve(incident=incident, by=northwind.responder)

    incidents.reopen(incident=incident, by=northwind.admin, reason="it is still slow")
    work()

    assert paged() == [(1, "Rui Costa"), (1, "Rui Costa")]


def test_policy_edited_later_does_not_change_a_running_incident(northwind):
    policy = make.policy([northwind.responder], [northwind.admin])
    make.fire()

    viewer = list(Membership.objects.filter(user=northwind.viewer))
    policies.plan(policy=policy, steps=[StepPlan(0, members=viewer)], by=northwind.owner)
    work()
    work(later=timedelta(minutes=6))

    assert paged() == [(1, "Rui Costa"), (2, "Ivo Mendes")]


def test_team_and_member_of_it_in_one_step_page_each_person_once(northwind):
    team = Team.objects.create(name="Platform")
    members = list(Membership.objects.filter(user__in=[northwind.responder, northwind.admin]))
    TeamMember.objects.bulk_create(TeamMember(team=team, membership=member) for member in members)
    plan = StepPlan(0, members=members[:1], teams=[team])
    policies.plan(policy=None, steps=[plan], by=northwind.owner)

    make.fire()
    work()

    assert sorted(paged()) == [(1, "Ivo Mendes"), (1, "Rui Costa")]


def test_step_whose_recipients_are_gone_says_so_and_the_next_is_taken_at_once(northwind):
    make.policy([northwind.responder], [northwind.admin])
    incident = make.fire()
    Membership.objects.filter(user=northwind.responder).delete()

    work()

    assert paged() == [(2, "Ivo Mendes")]
    assert "step 1: it has no recipient left" in reasons(incident)


def test_without_a_policy_the_owners_are_paged(northwind):
    incident = make.fire()
    work()

    assert paged() == [(1, "Ana Ribeiro")]
    assert reasons(incident)[0] == "there is no escalation policy, so the owners are paged"


def test_step_that_runs_late_pages_and_tells_how_late(northwind):
    make.policy([northwind.responder])
    incident = make.fire()

    work(later=timedelta(minutes=10))

    assert paged() == [(1, "Rui Costa")]
    assert any("one recipient paged; 60" in reason for reason in reasons(incident))


def test_step_that_is_called_twice_pages_once(northwind):
    make.policy([northwind.responder], [northwind.admin])
    incident = make.fire()

    for _ in range(2):
        escalation.run_step(incident_id=incident.pk, round_=1, step=1)

    assert paged() == [(1, "Rui Costa")]
    assert len(steps()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_one_step_twice(transactional_db, cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder, cast.admin])
        for n in range(15):
            make.fire(f"pod-{n}")
    failures: list[Exception] = []

    def work_on() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work_on) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    assert failures == []
    with acting_for(cast.northwind):
        assert Notification.objects.count() == 30
        assert Decision.objects.filter(stage="escalated", outcome="paged").count() == 15
        assert {row.state for row in steps()} == {"done"}
