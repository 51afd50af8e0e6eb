"""The proof that PostgreSQL itself keeps tenants apart, whatever the application forgets."""

import uuid

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership, Organization, Team, TeamMember
from srexpert.tenancy import CrossingTenants, acting_everywhere, acting_for, current_organization
from tests import database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

_TENANT_TABLES = """
SELECT c.relname, c.relispartition FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'organization_id'
ORDER BY 1
"""


def _tables(*, partitions: bool) -> list[str]:
    with database.owner() as owner:
        return [name for name, is_partition in owner.execute(_TENANT_TABLES) if is_partition == partitions]


def test_every_tenant_table_reads_nothing_without_scope(cast):
    tables = _tables(partitions=False)
    assert {"accounts_membership", "outbox_message", "tenancy_token"} <= set(tables)
    with database.app_role() as app:
        for table in [*tables, "accounts_organization"]:
            assert app.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_every_tenant_table_refuses_writes_without_scope(cast):
    with database.app_role() as app:
        for table in _tables(partitions=False):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                app.execute(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table},"
                    " jsonb_build_object('organization_id', %s::uuid))).*",
                    [uuid.uuid4()],
                )


def test_partitions_are_closed_to_the_application(cast):
    with database.app_role() as app:
        for table in _tables(partitions=True):
            for statement in (f"SELECT 1 FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(statement)


def test_every_tenant_table_forces_its_policies(cast):
    with database.owner() as owner:
        for table in [*_tables(partitions=False), "accounts_organization"]:
            row = owner.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table]
            ).fetchone()
            assert row == (True, True), table


def test_application_role_is_weak(cast):
    name = settings.DATABASES["default"]["USER"]
    with database.owner() as owner:
        role = owner.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = %s",
            [name],
        ).fetchone()
        owned = owner.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole AND relnamespace = 'public'::regnamespace",
            [name],
        ).fetchone()
    assert role == (False, False, False, False, False)
    assert owned == (0,)


def test_acting_for_sees_one_organization_and_puts_back_what_was(cast):
    with acting_for(cast.northwind):
        assert Membership.objects.count() == 6
        assert current_organization() == cast.northwind.pk
        with acting_for(cast.northwind):
            assert Membership.objects.count() == 6
        assert Membership.objects.count() == 6
    assert current_organization() is None
    assert Membership.objects.count() == 0


def test_acting_for_refuses_to_step_into_another_organization(cast):
    with acting_for(cast.northwind), pytest.raises(CrossingTenants), acting_for(cast.elsewhere):
        pass


def test_acting_for_keeps_its_scope_after_an_inner_error(cast):
    with acting_for(cast.northwind):
        with pytest.raises(RuntimeError), acting_for(cast.northwind):
            raise RuntimeError
        assert Membership.objects.count() == 6


def test_acting_everywhere_sees_all_and_narrows(cast):
    with acting_everywhere(reason="test"):
        assert Membership.objects.count() == 7
        with acting_for(cast.elsewhere):
            assert [m.user for m in Membership.objects.all()] == [cast.outsider]
        assert Membership.objects.count() == 7
    assert Membership.objects.count() == 0


def test_acting_everywhere_needs_a_reason(cast):
    with pytest.raises(ValueError, match="reason"), acting_everywhere(reason=""):
        pass


def test_scope_ends_with_the_transaction(cast):
    with acting_everywhere(reason="test"):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('srexpert.organization', true)")
        user, organization = cursor.fetchone()
    assert user == settings.DATABASES["default"]["USER"]
    assert not organization


def test_row_of_another_organization_cannot_be_written(cast):
    with (
        acting_for(cast.northwind),
        pytest.raises(Exception, match="row-level security"),
        transaction.atomic(),
    ):
        Team.objects.create(name="smuggled", organization=cast.elsewhere)
    with acting_everywhere(reason="test"):
        assert Team.objects.count() == 0


def test_foreign_key_to_another_organization_is_refused(cast):
    with acting_for(cast.elsewhere):
        theirs = Membership.objects.get()
    with pytest.raises(IntegrityError), acting_for(cast.northwind):
        team = Team.objects.create(name="platform")
        TeamMember.objects.create(team=team, membership_id=theirs.pk)
    with acting_everywhere(reason="test"):
        assert TeamMember.objects.count() == 0


def test_organization_of_another_person_is_not_seen(cast):
    from srexpert.tenancy import entering

    with entering(cast.outsider):
        assert list(Organization.objects.all()) == [cast.elsewhere]
        assert list(Membership.objects.values_list("user", flat=True)) == [cast.outsider.pk]
