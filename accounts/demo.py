"""The demo's organization and people; the password is this deployment's own."""

from allauth.account.models import EmailAddress

from accounts.models import Membership, Organization, User
from srexpert.demo import Demo
from srexpert.embedded.state import secret
from srexpert.permissions import Role
from srexpert.tenancy import acting_everywhere, acting_for

_SLUG = "northwind"
_PEOPLE = {
    Role.OWNER: "Ana Ribeiro",
    Role.ADMIN: "Inês Lopes",
    Role.RESPONDER: "Rui Costa",
    Role.VIEWER: "Marta Nunes",
    Role.AUDITOR: "Paul Becker",
    Role.BILLING: "Bea Santos",
}


def seed(demo: Demo) -> None:
    """Northwind with one person a role; how to log in goes to the file `login`."""
    password = secret("demo-password", 9)
    with acting_everywhere(reason="the demo"):
        demo.organization = Organization.objects.filter(slug=_SLUG).first()
        if demo.organization is None:
            demo.organization = Organization.objects.create(name="Northwind", slug=_SLUG)
    for role, name in _PEOPLE.items():
        demo.people[role.value] = _person(role, name, password)
    with acting_for(demo.organization):
        for held, person in demo.people.items():
            Membership.objects.get_or_create(user=person, defaults={"role": held})
    login = (
        f"{demo.people[Role.RESPONDER].email} (or owner@…, admin@…, viewer@…) with the password {password}"
    )
    (demo.directory / "login").write_text(login + "\n", encoding="utf-8")


def _person(role: Role, name: str, password: str) -> User:
    email = f"{role.value}@northwind.example"
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person
