"""People and organizations: the fixed cast of the tests."""

import re

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.domain import invitations
from accounts.models import Invitation, Membership, Organization, Team, TeamMember, User
from srexpert import mail
from srexpert.outbox.models import OutboxMessage
from srexpert.permissions import Role
from srexpert.tenancy import acting_everywhere, acting_for

PASSWORD = "a-password-for-tests-7"


def person(name: str, domain: str = "northwind.example", **fields: object) -> User:
    """A person with a verified address made of the name."""
    address = f"{name.lower().replace(' ', '.')}@{domain}"
    user = User.objects.create_user(address, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def organization(name: str = "Northwind") -> Organization:
    """An organization without members."""
    made = Organization(name=name, slug=name.lower())
    with acting_for(made):
        made.save(force_insert=True)
    return made


def member(of: Organization, user: User, role: Role = Role.RESPONDER, *, whole: bool = True) -> Membership:
    """Puts a person into an organization."""
    with acting_for(of):
        return Membership.objects.create(user=user, role=role, whole_organization=whole)


def membership_of(of: Organization, user: User) -> Membership:
    """The person's membership in the organization."""
    with acting_for(of):
        return Membership.objects.get(user=user)


def team(of: Organization, name: str = "Platform", *members: Membership) -> Team:
    """A team with members."""
    with acting_for(of):
        made = Team.objects.create(name=name)
        TeamMember.objects.bulk_create(TeamMember(team=made, membership=member) for member in members)
        return made


def invitation(
    of: Organization, by: User, email: str = "new@northwind.example", role: Role = Role.VIEWER
) -> Invitation:
    """An open invitation, whose mail lies in the outbox."""
    with acting_for(of):
        return invitations.invite(email=email, role=role, by=by)


def mails() -> list[dict[str, str]]:
    """What lies in the outbox to be mailed, the oldest first."""
    with acting_everywhere(reason="a test reads the outbox"):
        found = OutboxMessage.objects.filter(topic=mail.TOPIC).order_by("pk")
        return [message.payload for message in found]


def link_in(text: str) -> str:
    """The path of the first link of ours in a mail."""
    return re.search(re.escape(settings.PUBLIC_URL) + r"(/\S+)|http://testserver(/\S+)", text).expand(r"\1\2")  # type: ignore[union-attr]  # a test fails otherwise
