"""Bearer secrets resolve to their organization, and only while they live."""

from datetime import timedelta

import pytest

from srexpert import clock
from srexpert.tenancy import acting_for, tokens
from srexpert.tenancy.models import Token

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def issued(cast):
    with acting_for(cast.northwind):
        return tokens.issue(kind="agent")


def test_resolve_finds_the_organization_without_a_scope(cast, issued, django_assert_num_queries):
    token, plain = issued
    with django_assert_num_queries(1):
        assert tokens.resolve(kind="agent", plain=plain) == tokens.Resolved(token.pk, cast.northwind.pk)


def test_resolve_knows_no_token_of_another_kind(issued):
    assert tokens.resolve(kind="invitation", plain=issued[1]) is None


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + "0", lambda t: t.upper(), lambda _: "", lambda t: t + "\x00"]
)
def test_resolve_refuses_a_malformed_secret_without_a_query(issued, spoil, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tokens.resolve(kind="agent", plain=spoil(issued[1])) is None


def test_resolve_refuses_after_revocation(cast, issued):
    with acting_for(cast.northwind):
        tokens.revoke(issued[0])
        first = Token.objects.get().revoked_at
        tokens.revoke(issued[0])
        assert Token.objects.get().revoked_at == first
    assert tokens.resolve(kind="agent", plain=issued[1]) is None


def test_resolve_refuses_after_expiry(cast):
    with acting_for(cast.northwind):
        _, plain = tokens.issue(kind="link", expires_at=clock.now() - timedelta(seconds=1))
    assert tokens.resolve(kind="link", plain=plain) is None


def test_secret_is_long_and_not_stored(cast, issued):
    assert len(issued[1]) >= len("sre_agent_") + 43 + 6
    with acting_for(cast.northwind):
        assert issued[1].encode() not in bytes(Token.objects.get().digest)
