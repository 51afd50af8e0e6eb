"""The three roles of the database and what each may do, on any PostgreSQL from 15 on."""

from psycopg import Connection, OperationalError, ProgrammingError, connect, sql
from psycopg.rows import dict_row

from srexpert.embedded import endpoints, state

OLDEST = 150000
_RIGHTS = """
SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS bypass,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relowner = r.oid AND n.nspname = 'public')
       OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = r.oid) AS owns
FROM pg_roles r WHERE rolname = current_user
"""


def create_roles(
    superuser: str | Connection,
    *,
    owner_password: str,
    app_password: str,
    database: str = endpoints.DATABASE,
) -> None:
    """Create the roles and the database, or mend what is there; doing it again changes nothing.

    `superuser` is an address or an autocommit connection to any database of the cluster. The owner owns
    the database and runs migrations, the app owns nothing, and both reach the system role by SET ROLE
    only.
    """
    with _connection(superuser) as connection:
        _role(connection, endpoints.SYSTEM, "NOLOGIN NOCREATEDB", None)
        _role(connection, endpoints.OWNER, "LOGIN CREATEDB", owner_password)
        _role(connection, endpoints.APP, "LOGIN NOCREATEDB", app_password)
        # Before 16 there are no such options: there NOINHERIT on the member does the same.
        options = " WITH INHERIT FALSE, SET TRUE" if connection.info.server_version >= 160000 else ""
        for member in (endpoints.OWNER, endpoints.APP):
            _run(connection, "GRANT {system} TO {member}" + options, system=endpoints.SYSTEM, member=member)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            _run(
                connection,
                "CREATE DATABASE {database} OWNER {owner}",
                database=database,
                owner=endpoints.OWNER,
            )
        _grant_database(connection, database)
        address, password = connection.info.dsn, connection.info.password
    with connect(address, password=password, dbname=database, autocommit=True) as connection:
        # NOINHERIT also keeps the owner from what belongs to pg_database_owner before 16.
        _run(connection, "ALTER SCHEMA public OWNER TO {owner}", owner=endpoints.OWNER)


def _connection(superuser: str | Connection) -> Connection:
    if isinstance(superuser, Connection):
        return connect(superuser.info.dsn, password=superuser.info.password, autocommit=True)
    return connect(superuser, autocommit=True, connect_timeout=10)


def _role(connection: Connection, name: str, attributes: str, password: str | None) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    verb = "ALTER" if known else "CREATE"
    _run(
        connection,
        f"{verb} ROLE {{name}} {attributes} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION",
        name=name,
    )
    if password is not None:
        # The server gets the verifier: the password itself can then be in no log.
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))
        )


def _grant_database(connection: Connection, database: str) -> None:
    _run(connection, "ALTER DATABASE {database} OWNER TO {owner}", database=database, owner=endpoints.OWNER)
    _run(connection, "REVOKE ALL ON DATABASE {database} FROM PUBLIC", database=database)
    # Temporary tables are what the app stages its COPY in.
    for role in (endpoints.APP, endpoints.SYSTEM):
        _run(
            connection,
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            database=database,
            role=role,
        )


def _run(connection: Connection, statement: str, **names: str) -> None:
    connection.execute(
        sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})
    )


def require_reachable(url: str, *, variable: str) -> dict[str, object]:
    """Connect once and give what the role may: its name, superuser, bypass, owns (a table or the database).

    Raises EmbeddedError with one line that never shows the address, since it carries a password.
    """
    try:
        with connect(url, connect_timeout=5, autocommit=True, row_factory=dict_row) as connection:
            version = connection.info.server_version
            found = connection.execute(_RIGHTS).fetchone()
    except ProgrammingError:  # its text may quote a piece of the address
        raise state.EmbeddedError(f"{variable} is not a PostgreSQL address") from None
    except OperationalError as error:
        lines = [line.strip() for line in str(error).splitlines() if "Is the server running" not in line]
        reason = "; ".join(line for line in lines if line)[:300]
        raise state.EmbeddedError(
            f"{variable} does not lead to a PostgreSQL that lets us in: {reason}"
        ) from None
    if version < OLDEST:
        raise state.EmbeddedError(f"{variable} leads to PostgreSQL {version // 10000}; 15 or newer is needed")
    return found or {}


def refuse_privileged(url: str, *, variable: str = "DATABASE_URL") -> None:
    """Refuse an address that cannot be reached, or whose role would pass by row-level security.

    Raises EmbeddedError with one line.
    """
    role = require_reachable(url, variable=variable)
    right = (
        "is a superuser"
        if role["superuser"]
        else "has BYPASSRLS"
        if role["bypass"]
        else "owns what it must not own"
    )
    if role["superuser"] or role["bypass"] or role["owns"]:
        raise state.EmbeddedError(
            f"{variable} connects as {role['name']!r}, which {right} and could see every organization's rows: "
            f"connect as a role like {endpoints.APP} (docs/operations.md)"
        )
