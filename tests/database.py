"""Test databases: a template is migrated once as the owner, each test process works on a clone as `app`."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
_PREFIX = "srexpert_test"
_KEPT = ("django_migrations", "django_content_type", "auth_permission")


def owner_parameters(database: str) -> dict[str, object]:
    """How the owner connects to a database of the server under test."""
    given = settings.DATABASES["owner"]
    return {
        "host": given["HOST"] or given["OPTIONS"].get("host"),
        "port": given["PORT"] or None,
        "user": given["USER"],
        "password": given["PASSWORD"],
        "dbname": database,
    }


@contextmanager
def owner(database: str | None = None, *, autocommit: bool = True) -> Iterator[psycopg.Connection]:
    """A plain connection as the owner; by default to this process's test database."""
    name = database or settings.DATABASES["default"]["NAME"]
    with psycopg.connect(**owner_parameters(name), autocommit=autocommit) as connection:  # type: ignore[arg-type]
        yield connection


@contextmanager
def app_role() -> Iterator[psycopg.Connection]:
    """A plain connection as the application, with no scope set."""
    given = settings.DATABASES["default"]
    parameters = owner_parameters(given["NAME"]) | {"user": given["USER"], "password": given["PASSWORD"]}
    with psycopg.connect(**parameters, autocommit=True) as connection:  # type: ignore[arg-type]
        yield connection


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    for name in ("operations.py", "roles.py"):
        digest.update((ROOT / "srexpert/tenancy" / name).read_bytes())
    return digest.hexdigest()[:12]


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _migrate(name: str) -> None:
    """Runs the migrations in a process of its own, on the database that its environment names."""
    program = (
        "import django; from django.conf import settings; from django.db import connections\n"
        f"settings.DATABASES['default']['NAME'] = settings.DATABASES['owner']['NAME'] = {name!r}\n"
        "django.setup(); from django.core.management import call_command\n"
        "call_command('migrate', database='owner', verbosity=0)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=300)


def build() -> str:
    """The name of this process's fresh database; builds the template first if the migrations changed."""
    template, mine = f"{_PREFIX}_template_{_migrations_digest()}", f"{_PREFIX}_{os.getpid()}"
    home = settings.DATABASES["owner"]["NAME"]
    with (Path(gettempdir()) / f"srexpert-test-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with owner(home) as connection:
            _drop_leftovers(connection, template)
            if not _exists(connection, template):
                making = f"{template}_new"
                _drop(connection, making)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
                _own_schema(making)
                _migrate(making)
                connection.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(making), sql.Identifier(template)
                    )
                )
            _drop(connection, mine)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(mine), sql.Identifier(template)
                )
            )
    return mine


def _own_schema(name: str) -> None:
    """Lets the owner make tables: it inherits nothing, not even what a database's owner may do."""
    with owner(name) as connection:
        connection.execute("SET ROLE pg_database_owner")
        connection.execute(
            sql.SQL("GRANT ALL ON SCHEMA public TO {} WITH GRANT OPTION").format(
                sql.Identifier(settings.DATABASES["owner"]["USER"])
            )
        )


def _drop_leftovers(connection: psycopg.Connection, template: str) -> None:
    """Drops the databases of test processes that are gone."""
    names = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{_PREFIX}_%"]
    ).fetchall()
    for (name,) in names:
        process = name.rpartition("_")[2]
        if name != template and process.isdigit() and not Path(f"/proc/{process}").exists():
            _drop(connection, name)


def use(name: str) -> None:
    """Points Django's connections at a database."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = name


def drop(name: str, home: str) -> None:
    """Removes this process's database."""
    for alias in connections:
        connections[alias].close()
    with owner(home) as connection:
        _drop(connection, name)


def empty() -> None:
    """Empties all tables, as only the owner may; used after a test that commits."""
    with owner() as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition"
            )
        ]
        tables = sql.SQL(", ").join(sql.Identifier(name) for name in names if name not in _KEPT)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
