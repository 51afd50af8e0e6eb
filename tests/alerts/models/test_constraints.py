"""What must always hold, on both sides of each constraint."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from alerts.models import (
    Alert,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Incident,
    Notification,
    Signal,
)
from srexpert import clock
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


@pytest.fixture
def northwind(cast):
    with acting_for(cast.northwind):
        yield cast


def refused(name: str, change) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


INCIDENT = [
    ("both_acknowledged_at_and_by_set", {"state": "acknowledged", "acknowledged_at": "now"}),
    ("acknowledged", {"state": "acknowledged", "acknowledged_by": "somebody"}),
    ("triggered_is_not_acknowledged", {"acknowledged_at": "now", "acknowledged_by": "somebody"}),
    ("acknowledged_has_time", {"state": "acknowledged"}),
    ("resolved_at_goes_with_state", {"state": "resolved"}),
    ("resolved_at_goes_with_state", {"resolved_at": "now"}),
    ("resolved_at_goes_with_state", {"resolved_by": "somebody"}),
    ("next_step_only_while_triggered", {"next_step": 2, "next_step_at": None}),
    ("next_step_only_while_triggered", {"state": "resolved", "resolved_at": "now", "next_step": 1}),
]


@pytest.mark.parametrize(("name", "fields"), INCIDENT)
def test_incident_refuses_a_half_set_pair(northwind, name, fields):
    incident = make.fire()
    values = {"now": clock.now(), "somebody": northwind.responder}
    given = {
        field: values.get(value, value) if isinstance(value, str) else value
        for field, value in fields.items()
    }
    if "next_step" not in given:
        given |= {"next_step": None, "next_step_at": None}

    refused(name, lambda: Incident.objects.filter(pk=incident.pk).update(**given))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "acknowledged", "acknowledged_at": "now", "acknowledged_by": "somebody"},
        {"state": "resolved", "resolved_at": "now"},
        {"state": "resolved", "resolved_at": "now", "resolved_by": "somebody"},
    ],
)
def test_incident_takes_whole_pairs(northwind, fields):
    incident = make.fire()
    values = {"now": clock.now(), "somebody": northwind.responder}
    given = {field: values.get(value, value) for field, value in fields.items()}

    changed = Incident.objects.filter(pk=incident.pk).update(next_step=None, next_step_at=None, **given)

    assert changed == 1


def test_merged_incident_is_resolved(northwind):
    first, second = make.fire("a"), make.fire("b")

    refused("merged_is_resolved", lambda: Incident.objects.filter(pk=second.pk).update(merged_into=first))


def test_two_open_incidents_never_share_a_root(northwind):
    first, second = make.fire("a"), make.fire("b")

    refused("one_open_a_root", lambda: Incident.objects.filter(pk=second.pk).update(root=first.root))
    over = {"state": "resolved", "resolved_at": clock.now(), "next_step": None, "next_step_at": None}
    assert Incident.objects.filter(pk=second.pk).update(root=first.root, **over) == 1


def test_numbers_are_unique_in_an_organization_and_start_anew_in_the_next(cast):
    for organization in (cast.northwind, cast.elsewhere):
        with acting_for(organization):
            assert [make.fire("a").number, make.fire("b").number] == [1, 2]
            refused("number_unique", lambda: Incident.objects.filter(number=2).update(number=1))


def test_one_alert_fires_for_a_fingerprint(northwind):
    make.fire("a")
    alert = make.fire("b").alerts.get()
    first = Alert.objects.get(key="a")

    refused(
        "one_firing_a_fingerprint",
        lambda: Alert.objects.filter(pk=alert.pk).update(fingerprint=first.fingerprint),
    )
    refused("resolved_at_goes_with_state", lambda: Alert.objects.filter(pk=alert.pk).update(state="resolved"))
    refused(
        "resolved_at_goes_with_state",
        lambda: Alert.objects.filter(pk=alert.pk).update(resolved_at=clock.now()),
    )


def test_one_signal_is_kept_for_a_version(northwind):
    make.fire()
    row = Signal.objects.get()
    row.pk = None

    refused("one_a_version", lambda: Signal.objects.bulk_create([row]))
    refused("severity_goes_with_raised", lambda: Signal.objects.update(severity=None))


def test_notification_without_a_reason_is_no_failure(northwind):
    page = {"incident": make.fire(), "channel": "email", "round": 1, "step": 1}
    over = {"finished_at": clock.now()}

    refused(
        "no_failure_without_reason",
        lambda: Notification.objects.create(**page, **over, key="a", state="failed"),
    )
    refused("finished_at_goes_with_state", lambda: Notification.objects.create(**page, key="b", state="sent"))
    refused("finished_at_goes_with_state", lambda: Notification.objects.create(**page, **over, key="c"))
    Notification.objects.create(**page, **over, key="d", state="failed", reason="the server said no")
    refused("key_unique", lambda: Notification.objects.create(**page, key="d"))


def test_target_is_exactly_one_of_member_team_and_webhook(northwind):
    policy = make.policy([northwind.responder])
    step = policy.steps.get()
    member = Membership.objects.get(user=northwind.admin)
    webhook = make.webhook(northwind.owner)

    refused("exactly_one", lambda: EscalationTarget.objects.create(step=step))
    refused(
        "exactly_one", lambda: EscalationTarget.objects.create(step=step, membership=member, webhook=webhook)
    )
    EscalationTarget.objects.create(step=step, membership=member)
    refused("once_a_step", lambda: EscalationTarget.objects.create(step=step, membership=member))
    refused("position_unique", lambda: EscalationStep.objects.create(policy=policy, position=1))
    refused("position_from_1", lambda: EscalationStep.objects.create(policy=policy, position=0))


def test_one_policy_is_the_default(northwind):
    make.policy([northwind.responder])

    refused("one_default", lambda: EscalationPolicy.objects.create(name="Second", is_default=True))
    second = EscalationPolicy.objects.create(name="Second")
    refused(
        "both_changed_at_and_by_set",
        lambda: EscalationPolicy.objects.filter(pk=second.pk).update(changed_at=clock.now()),
    )


def test_target_of_another_organization_is_refused(cast):
    with acting_for(cast.elsewhere):
        foreign = Membership.objects.get()
    with pytest.raises(IntegrityError, match="same_org"), acting_for(cast.northwind):
        step = make.policy([cast.responder]).steps.get()
        EscalationTarget.objects.create(step=step, membership_id=foreign.pk)
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_rows_of_another_organization_are_not_seen(cast):
    with acting_for(cast.northwind):
        make.fire()
    with acting_for(cast.elsewhere):
        assert [Incident.objects.count(), Alert.objects.count(), Signal.objects.count()] == [0, 0, 0]


def test_urgency_orders_the_worst_and_longest_waiting_first(northwind):
    for key, severity in (("a", "low"), ("b", "critical"), ("c", "critical")):
        make.fire(key, severity=severity, at=make.AT + timedelta(seconds=1))

    assert [i.title for i in Incident.objects.most_urgent_first()] == ["b fails", "c fails", "a fails"]
