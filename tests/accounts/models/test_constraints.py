"""What the database refuses, whatever the code forgets; both sides of each constraint."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Invitation, Membership
from srexpert import clock
from srexpert.permissions import ADMINISTRATORS, Role
from srexpert.tenancy import acting_for
from tests.factories import accounts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_must_reach_everything(cast, role):
    with acting_for(cast.northwind):
        rows = Membership.objects.filter(user=cast.people[role])
        if role in ADMINISTRATORS:
            with pytest.raises(IntegrityError, match="administrators_reach"), transaction.atomic():
                rows.update(whole_organization=False)
        else:
            assert rows.update(whole_organization=False) == 1


def test_an_invitation_ends_in_one_way(cast):
    invitation = accounts.invitation(cast.northwind, cast.owner)
    with acting_for(cast.northwind):
        rows = Invitation.objects.filter(pk=invitation.pk)
        assert rows.update(accepted_at=clock.now()) == 1
        with pytest.raises(IntegrityError, match="not_both"), transaction.atomic():
            rows.update(revoked_at=clock.now())
        assert rows.update(accepted_at=None, revoked_at=clock.now()) == 1
