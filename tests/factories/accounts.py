"""People and organizations: the fixed cast of the tests."""

from allauth.account.models import EmailAddress

from accounts.models import Membership, Organization, User
from srexpert.permissions import Role
from srexpert.tenancy import acting_for

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
