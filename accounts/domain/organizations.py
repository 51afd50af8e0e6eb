"""Creates and renames organizations."""

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.rules import Refused
from accounts.events import OrganizationCreated
from accounts.models import Membership, Organization, User
from srexpert import events
from srexpert.permissions import Role
from srexpert.tenancy import acting_for


def create(*, name: str, slug: str, by: User) -> Organization:
    """An organization with the person as its first owner; upper apps learn of it by an event.

    Raises Refused when the slug is taken: others' organizations can't be seen, so only the insert tells.
    """
    organization = Organization(id=uuid.uuid4(), name=name, slug=slug)
    try:
        with acting_for(organization):
            organization.save(force_insert=True)
            Membership.objects.create(user=by, role=Role.OWNER)
            events.publish(
                OrganizationCreated(organization=organization.pk, owner=by.pk), key=str(organization.pk)
            )
    except IntegrityError as error:
        raise Refused(_("That short name is taken. Choose another.")) from error
    return organization


@transaction.atomic
def rename(*, organization: Organization, name: str, by: User) -> Organization:
    """Another name; the slug stays, since addresses with it were sent to people. Raises Refused."""
    rules.managing(by)
    organization.name = name
    organization.save(update_fields=("name",))
    return organization
