"""Creating and renaming organizations."""

import pytest

from accounts.domain import organizations
from accounts.domain.rules import Refused
from accounts.models import Membership, Organization
from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.permissions import Role
from srexpert.tenancy import acting_everywhere, acting_for

pytestmark = pytest.mark.django_db


def everything(model):
    with acting_everywhere(reason="a test looks at all"):
        return list(model.objects.order_by("pk"))


def test_create_makes_the_person_its_owner_and_tells_upper_apps(cast):
    made = organizations.create(name="Contoso", slug="contoso", by=cast.viewer)
    with acting_for(made):
        assert [(m.user, m.role) for m in Membership.objects.select_related("user")] == [
            (cast.viewer, Role.OWNER)
        ]
        topics = list(OutboxMessage.objects.values_list("topic", "payload"))
    assert topics == [
        ("alerts.tasks.prepare_organization", {"organization": str(made.pk), "owner": str(cast.viewer.pk)})
    ]


def test_create_gives_the_owner_an_escalation_policy(cast):
    made = organizations.create(name="Contoso", slug="contoso", by=cast.viewer)
    dispatch.drain()
    from alerts.models import EscalationPolicy

    with acting_for(made):
        assert EscalationPolicy.objects.standard().count() == 1


def test_create_refuses_a_taken_slug_and_leaves_nothing(cast):
    before = everything(Organization), everything(Membership), everything(OutboxMessage)
    with pytest.raises(Refused, match="taken"):
        organizations.create(name="Other", slug="elsewhere", by=cast.owner)
    assert (everything(Organization), everything(Membership), everything(OutboxMessage)) == before


def test_create_leaves_nothing_when_the_event_cannot_be_written(cast, monkeypatch):
    def fail(*_args, **_named):
        raise RuntimeError("the outbox is full")

    before = everything(Organization), everything(Membership)
    monkeypatch.setattr("srexpert.events.publish", fail)
    with pytest.raises(RuntimeError):
        organizations.create(name="Contoso", slug="contoso", by=cast.viewer)
    assert (everything(Organization), everything(Membership)) == before


def test_rename_keeps_the_slug(cast):
    with acting_for(cast.northwind):
        organizations.rename(organization=cast.northwind, name="Northwind Traders", by=cast.admin)
        assert list(Organization.objects.values_list("name", "slug")) == [("Northwind Traders", "northwind")]


def test_rename_is_for_administrators(cast):
    with acting_for(cast.northwind):
        with pytest.raises(Refused):
            organizations.rename(organization=cast.northwind, name="Mine", by=cast.responder)
        assert list(Organization.objects.values_list("name", flat=True)) == ["Northwind"]
