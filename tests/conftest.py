"""The database of the tests, and the cast: Northwind with one person a role, and an outsider."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, TransactionTestCase

from srexpert.embedded import services
from srexpert.permissions import Role
from tests import database


@pytest.fixture(scope="session")
def _services() -> Iterator[None]:
    """The embedded PostgreSQL and broker, unless the environment names others."""
    with services.ensure():
        yield


@pytest.fixture(scope="session")
def django_db_setup(_services: None, django_db_blocker: object) -> Iterator[None]:
    """A clone of the migrated template, for this process."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        home = settings.DATABASES["owner"]["NAME"]
        name = database.build()
        database.use(name)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.drop(name, home)
        database.use(home)


def _truncate_as_owner(self: TransactionTestCase) -> None:
    """Django's own flush would truncate as the application, which owns nothing."""
    for alias in connections:
        connections[alias].close()
    database.empty()


TransactionTestCase._fixture_teardown = _truncate_as_owner  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _quick_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@dataclass
class Cast:
    """Who is who: `northwind` with one person a role, and `outsider`, who owns another organization."""

    northwind: object
    elsewhere: object
    people: dict[Role, object]
    outsider: object

    def __getattr__(self, name: str) -> object:
        try:
            return self.people[Role(name)]
        except ValueError:
            raise AttributeError(name) from None


@pytest.fixture
def cast(db: None) -> Cast:
    """Ana owns Northwind; Olga owns another organization."""
    from tests.factories import accounts

    names = {
        Role.OWNER: "Ana Ribeiro",
        Role.ADMIN: "Ivo Mendes",
        Role.RESPONDER: "Rui Costa",
        Role.VIEWER: "Marta Nunes",
        Role.AUDITOR: "Paul Becker",
        Role.BILLING: "Bea Santos",
    }
    northwind, elsewhere = accounts.organization("Northwind"), accounts.organization("Elsewhere")
    people = {role: accounts.person(name) for role, name in names.items()}
    for role, user in people.items():
        accounts.member(northwind, user, role)
    outsider = accounts.person("Olga Out", "elsewhere.example")
    accounts.member(elsewhere, outsider, Role.OWNER)
    return Cast(northwind, elsewhere, people, outsider)


@pytest.fixture
def as_person() -> Callable[[object], Client]:
    """A browser in which the person is logged in."""

    def log_in(user: object) -> Client:
        client = Client()
        client.force_login(user)  # type: ignore[arg-type]
        return client

    return log_in
