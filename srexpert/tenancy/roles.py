"""What the application's database roles may do, granted by the owner after each migration."""

from typing import Any

from django.conf import settings
from django.db import connections

# The application never reads a partition directly: a partition's parent carries the policy.
_PARTITIONS = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relispartition AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""


def grant_after_migrating(*, app_config: Any, using: str, **_: Any) -> None:
    """Grants once a migration run, on its last app; needs the owner's connection."""
    if using != "owner" or app_config.label != "srexpert":
        return
    grant(connections[using])


def grant(connection: Any) -> None:
    """Gives the application and the system role the rights to rows, and none to the tables themselves."""
    quote = connection.ops.quote_name
    application = settings.DATABASES["default"]["USER"]
    system = settings.DATABASE_SYSTEM_ROLE
    both = f"{quote(application)}, {quote(system)}"
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {both}")
        for what, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
            cursor.execute(f"GRANT {rights} ON ALL {what} IN SCHEMA public TO {both}")
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {what} TO {both}")
        cursor.execute(_PARTITIONS)
        for (partition,) in cursor.fetchall():
            cursor.execute(f"REVOKE ALL ON {partition} FROM {both}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {both}")
