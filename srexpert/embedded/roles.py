"""The three roles of the database and what each may do, on any PostgreSQL from 15 on."""

from psycopg import Connection, OperationalError, ProgrammingError, connect, sql

from srexpert.embedded import endpoints, state


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
    only. New databases of the cluster give their `public` schema to the owner too, so that it can
    clone and create test databases.
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
    for name in (database, "template1"):
        with connect(address, password=password, dbname=name, autocommit=True) as connection:
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
        sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})  # type: ignore[arg-type]
    )


def refuse_privileged(url: str, *, variable: str = "DATABASE_URL") -> None:
    """Refuse an address that cannot be reached, or whose role would pass by row-level security.

    Raises EmbeddedError with one line that never shows the address, since it carries a password.
    """
    try:
        with connect(url, connect_timeout=5, autocommit=True) as connection:
            found = connection.execute(
                "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            version = connection.info.server_version
    except ProgrammingError:  # its text may quote a piece of the address
        raise state.EmbeddedError(f"{variable} is not a PostgreSQL address") from None
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise state.EmbeddedError(
            f"{variable} does not lead to a PostgreSQL that answers: {reason}"
        ) from None
    if version < 150000:
        raise state.EmbeddedError(f"{variable} leads to PostgreSQL {version // 10000}; 15 or newer is needed")
    name, superuser, bypass = found or ("?", True, True)
    if superuser or bypass:
        right = "a superuser" if superuser else "BYPASSRLS"
        raise state.EmbeddedError(
            f"{variable} connects as {name!r}, which is {right} and would see every organization's rows: "
            f"connect as a role without it (docs/operations.md tells which)"
        )
