"""Every address, by every method, for every actor: who gets in, who is told no, and who learns nothing.

What a view asks for stands on it (`srexpert.web.guard`); views of libraries have their row in LIBRARIES.
An address without either fails, as does one whose arguments `world.py` can't fill.
"""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client, override_settings

from srexpert import discovery
from srexpert.permissions import Role
from tests.house import world as worlds
from tests.house.addresses import Address, all_addresses

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = all_addresses()

# django-allauth's: `public`, or `personal` where log-in is needed.
LIBRARIES = {
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_signup": "public",
    "account_email_verification_sent": "public",
    "account_confirm_email": "public",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
    "account_confirm_login_code": "public",  # leads back to log-in: codes are off
    "account_reauthenticate": "personal",
    "account_email": "personal",
    "account_change_password": "personal",
    "account_set_password": "personal",
}
# Personal addresses that don't exist for the people of this world, and why.
NOT_THEIRS = {
    "site:gallery": "for staff",
    "accounts:invitation-accept": "for the person who was invited",
}
# Public addresses that hold a secret, and answer 404 to one that is nobody's.
SECRETS = {"account_confirm_email"}
# Addresses of an organization that name a part of it which can lie outside of somebody's reach.
WITHIN_REACH = {"cluster_id", "number"}


def row(address: Address) -> str:
    """Who may call the address: a permission's name, `public`, `personal` or `machine`."""
    found = address.permission or LIBRARIES.get(address.name)
    if found is None:
        pytest.fail(f"{address.route} has no permission: use srexpert.web.guard, or add its row to LIBRARIES")
    return found


def of(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Parametrizes a test over the addresses of some kinds; `permission` stands for all named ones."""
    wanted = [
        address
        for address in ADDRESSES
        if (address.permission or LIBRARIES.get(address.name, "")) in kinds
        or ("permission" in kinds and address.permission in discovery.permissions())
    ]
    return pytest.mark.parametrize("address", wanted, ids=lambda address: address.name)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: object) -> Iterator[worlds.World]:
    """One world for the module, in a transaction that never ends well."""
    quick = {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
    }
    with django_db_blocker.unblock(), override_settings(**quick), transaction.atomic():  # type: ignore[attr-defined]  # untyped fixture
        yield worlds.build()
        transaction.set_rollback(True)


def ask(client: Client, method: str, path: str) -> int:
    """The status of one request, whose changes are undone."""
    with transaction.atomic():
        status = client.generic(
            method, path, b"", content_type="application/x-www-form-urlencoded"
        ).status_code
        transaction.set_rollback(True)
    return status


def keep(client: Client, path: str) -> dict[str, int]:
    """The status by method; what the requests change stays, to be seen by `unchanged`."""
    return {
        method: client.generic(
            method, path, b"", content_type="application/x-www-form-urlencoded"
        ).status_code
        for method in METHODS
    }


@pytest.fixture
def unchanged(world: worlds.World) -> Iterator[None]:
    """Fails a test after which any row of any tenant is another than before."""
    before = worlds.fingerprint()
    yield
    assert worlds.fingerprint() == before


def served(status: int) -> bool:
    return status in {200, 204, 302, 405, 422}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_every_address_has_a_row(address):
    kind = row(address)
    assert kind in {"public", "personal", "machine", *discovery.permissions()}
    assert ("organization" in address.arguments) == (kind in discovery.permissions())


def test_rows_of_libraries_are_all_in_use():
    assert {address.name for address in ADDRESSES} >= LIBRARIES.keys() | NOT_THEIRS.keys()


@of("permission")
def test_outsiders_learn_nothing(world, unchanged, address):
    path = address.path(world.northwind.values)
    assert keep(world.outsider, path) == dict.fromkeys(METHODS, 404)
    for client in (world.anonymous, world.agent):
        assert keep(client, path) == dict.fromkeys(METHODS, 302)
    assert world.anonymous.get(path).headers["Location"].startswith("/accounts/login/?next=")


@of("permission")
def test_roles_without_the_permission_are_refused(world, unchanged, address):
    path = address.path(world.northwind.values)
    refused = set(Role) - discovery.permissions()[address.permission].roles
    answers = {role: keep(world.roles[role], path) for role in refused}
    assert answers == dict.fromkeys(refused, dict.fromkeys(METHODS, 403))


@of("permission")
def test_roles_with_the_permission_are_served(world, address):
    path = address.path(world.northwind.values)
    for role in discovery.permissions()[address.permission].roles:
        statuses = {method: ask(world.roles[role], method, path) for method in METHODS}
        assert all(served(status) for status in statuses.values()), (role, statuses)
        assert {statuses["GET"], statuses["POST"]} != {405}, role
        assert [statuses[method] for method in ("PUT", "PATCH", "DELETE")] == [405] * 3, role


@of("permission")
def test_objects_of_another_organization_are_not_there(world, unchanged, address):
    """An id of Elsewhere under Northwind's slug, for Northwind's owner; and the other way round."""
    if address.arguments <= {"organization"}:
        return
    owner = world.roles[Role.OWNER]
    for client, here, there in (
        (owner, world.northwind, world.elsewhere),
        (world.outsider, world.elsewhere, world.northwind),
    ):
        if here is world.elsewhere and address.arguments == {"organization", "number"}:
            continue  # Elsewhere has an incident of that number too, its own
        path = address.path(there.values | {"organization": here.organization.slug})
        statuses = keep(client, path)
        assert 404 in statuses.values(), statuses
        assert set(statuses.values()) <= {404, 405}, statuses


@of("permission")
def test_objects_out_of_reach_are_not_there(world, unchanged, address):
    if (
        not address.arguments & WITHIN_REACH
        or Role.RESPONDER not in discovery.permissions()[address.permission].roles
    ):
        return
    statuses = keep(world.narrow, address.path(world.northwind.values))
    assert 404 in statuses.values(), statuses
    assert set(statuses.values()) <= {404, 405}, statuses


@of("personal")
def test_personal_addresses_ask_to_log_in_and_serve_any_person(world, address):
    path = address.path(world.northwind.values)
    for client in (world.anonymous, world.agent):
        for method in METHODS:
            answer = client.generic(method, path)
            assert answer.status_code == 302, method
            assert answer.headers["Location"].startswith("/accounts/login/"), method
    for client in (*world.roles.values(), world.outsider):
        statuses = {method: ask(client, method, path) for method in METHODS}
        if address.name in NOT_THEIRS:
            assert 404 in statuses.values()
            assert set(statuses.values()) <= {404, 405}
        else:
            assert all(served(status) for status in statuses.values()), statuses


@of("public")
def test_public_addresses_serve_everybody(world, address):
    path = address.path(world.northwind.values)
    unknown = {404} if address.name in SECRETS else set()
    for client in (world.anonymous, world.agent, world.outsider, *world.roles.values()):
        statuses = {method: ask(client, method, path) for method in METHODS}
        assert all(served(status) or status in unknown for status in statuses.values()), statuses


@of("machine")
def test_machines_are_known_by_their_token_alone(world, unchanged, address):
    path = address.path(world.northwind.values)
    other = {method: 405 for method in METHODS if method != "POST"}
    for client in (world.anonymous, world.outsider, *world.roles.values()):
        assert keep(client, path) == other | {"POST": 401}
    token = world.northwind.agent_token
    spoilt = token[:-1] + ("b" if token.endswith("a") else "a")
    wrong = Client(headers={"Authorization": f"Bearer {spoilt}"})
    assert keep(wrong, path) == other | {"POST": 401}
    assert keep(world.agent, path) == other | {"POST": 400}  # let in, and told that nothing is no message
