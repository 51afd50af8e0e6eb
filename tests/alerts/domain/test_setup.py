"""A new organization pages its owner, and the demo its responder, before anybody has set anything up."""

from pathlib import Path

from accounts.events import OrganizationCreated
from alerts import demo
from alerts.domain import setup
from alerts.models import EscalationPolicy
from srexpert.demo import Demo
from srexpert.events import publish
from srexpert.outbox import dispatch
from srexpert.tenancy import acting_for


def steps() -> list[tuple[int, list[str]]]:
    policy = EscalationPolicy.objects.with_steps().get()
    return [
        (step.delay_seconds, [str(target.membership.user) for target in step.targets.all()])
        for step in policy.steps.all()
    ]


def test_new_organization_pages_its_owner(cast):
    with acting_for(cast.northwind):
        publish(OrganizationCreated(organization=cast.northwind.pk, owner=cast.owner.pk))
        dispatch.drain()

        assert steps() == [(0, ["Ana Ribeiro"]), (300, ["Ana Ribeiro"])]


def test_defaults_twice_change_nothing(cast):
    with acting_for(cast.northwind):
        first = setup.defaults(organization=cast.northwind, owner=cast.owner)

        assert setup.defaults(organization=cast.northwind, owner=cast.admin) == first


def test_defaults_for_somebody_who_is_no_member_make_none(cast):
    with acting_for(cast.northwind):
        assert setup.defaults(organization=cast.northwind, owner=cast.outsider) is None


def test_demo_pages_the_responder_and_then_the_admin(cast):
    made = Demo(Path(), organization=cast.northwind, people=dict(cast.people))

    for _ in range(2):
        demo.seed(made)

    with acting_for(cast.northwind):
        assert steps() == [(0, ["Rui Costa"]), (300, ["Ivo Mendes"])]
