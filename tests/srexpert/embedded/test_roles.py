from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from srexpert.embedded import binaries, roles, state
from srexpert.embedded.temporary import Cluster, temporary_postgres

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


@pytest.fixture(
    scope="module", params=[None, *SYSTEM], ids=lambda path: path.parent.name if path else "embedded"
)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SREXPERT_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("SREXPERT_EMBEDDED_DURABLE", "no")
        with temporary_postgres(request.param or binaries.postgres_binaries()) as running:
            yield running


def test_roles_have_no_right_that_passes_by_row_level_security(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_url) as connection:
        found = connection.execute(
            "SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname LIKE 'srexpert%' ORDER BY rolname"
        ).fetchall()
    assert found == [
        ("srexpert_app", True, False, False, False, False, False),
        ("srexpert_owner", True, False, False, False, True, False),
        ("srexpert_system", False, False, False, False, False, False),
    ]


def test_owner_owns_database_and_schema_and_app_owns_nothing(cluster: Cluster) -> None:
    with psycopg.connect(cluster.database_owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS made (a int)")
        owned = connection.execute(
            "SELECT datdba::regrole::text, nspowner::regrole::text FROM pg_database, pg_namespace"
            " WHERE datname = 'srexpert' AND nspname = 'public'"
        ).fetchone()
    assert owned == ("srexpert_owner", "srexpert_owner")
    with psycopg.connect(cluster.database_url, autocommit=True) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute("CREATE TABLE app_made (a int)")
        connection.execute("CREATE TEMPORARY TABLE staging (a int)")
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relowner = 'srexpert_app'::regrole"
                                  " AND relnamespace = 'public'::regnamespace").fetchone() == (0,)  # fmt: skip


@pytest.mark.parametrize("member", ["database_url", "database_owner_url"])
def test_system_role_is_reached_by_set_role_only(cluster: Cluster, member: str) -> None:
    with psycopg.connect(
        cluster.superuser_url.replace("/postgres?", "/srexpert?"), autocommit=True
    ) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS of_system (a int)")
        connection.execute("GRANT SELECT ON of_system TO srexpert_system")
    with psycopg.connect(getattr(cluster, member)) as connection:
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute("SELECT * FROM of_system")
        connection.execute("SET LOCAL ROLE srexpert_system")
        assert connection.execute("SELECT * FROM of_system").fetchall() == []


def test_owner_makes_test_databases_from_a_template(cluster: Cluster) -> None:
    with psycopg.connect(cluster.database_owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE copy_of_it")
        connection.execute("DROP DATABASE copy_of_it")


def test_create_roles_again_changes_nothing(cluster: Cluster) -> None:
    def picture() -> list[tuple[object, ...]]:
        with psycopg.connect(cluster.superuser_url) as connection:
            return connection.execute(
                "SELECT rolname, member::regrole::text, rolcanlogin FROM pg_roles LEFT JOIN pg_auth_members"
                " ON roleid = pg_roles.oid WHERE rolname LIKE 'srexpert%' ORDER BY 1, 2"
            ).fetchall()

    before = picture()
    roles.create_roles(cluster.superuser_url, owner_password="new", app_password="new")
    assert picture() == before
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.database_url)


def test_refuse_privileged_names_the_reason_and_no_password(cluster: Cluster) -> None:
    roles.create_roles(cluster.superuser_url, owner_password="of-owner", app_password="of-app")
    app = "postgresql://srexpert_app:of-app@" + cluster.database_url.partition("@")[2]
    owner = "postgresql://srexpert_owner:of-owner@" + cluster.database_url.partition("@")[2]
    roles.refuse_privileged(app)
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE passes LOGIN BYPASSRLS PASSWORD 'of-app'")
    refused = {
        "is a superuser": cluster.superuser_url,
        "has BYPASSRLS": app.replace("srexpert_app", "passes").replace("/srexpert?", "/postgres?"),
        "owns what it must not own": owner,
        "password authentication failed": app.replace("of-app", "wrong"),
        "No such file": app.replace("/run", "/nowhere"),
        "is not a PostgreSQL address": "postgresql://user:secret-word@[/srexpert",
    }
    for reason, url in refused.items():
        with pytest.raises(state.EmbeddedError, match=reason) as caught:
            roles.refuse_privileged(url)
        assert "\n" not in str(caught.value)
        assert not {"of-app", "of-owner", "secret-word"} & set(str(caught.value).split("'"))
    with psycopg.connect(cluster.superuser_url, autocommit=True) as connection:
        connection.execute("DROP ROLE passes")
