"""Puts the core's tables behind row-level security, and lets secrets be resolved before a tenant is known."""

from django.conf import settings
from django.db import migrations

from srexpert.tenancy.operations import GuardTable

# Runs as the system role, the only one that sees every tenant's tokens, and tells no more than two ids.
# The digest is compared by equality, so that row-level security costs no index.
_RESOLVE = """
GRANT CREATE ON SCHEMA public TO {system};
CREATE FUNCTION resolve_token(wanted_kind text, wanted_digest bytea, at timestamptz)
RETURNS TABLE (token_id uuid, organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.organization_id FROM public.tenancy_token AS t
    WHERE t.kind = wanted_kind AND t.digest = wanted_digest AND t.revoked_at IS NULL
      AND (t.expires_at IS NULL OR t.expires_at > at)
$$;
REVOKE ALL ON FUNCTION resolve_token(text, bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_token(text, bytea, timestamptz) TO {application}, {system};
ALTER FUNCTION resolve_token(text, bytea, timestamptz) OWNER TO {system};
REVOKE CREATE ON SCHEMA public FROM {system};
"""


def _statements(schema_editor, text):
    quote = schema_editor.quote_name
    return text.format(
        system=quote(settings.DATABASE_SYSTEM_ROLE),
        application=quote(settings.DATABASES["default"]["USER"]),
    )


def _add(apps, schema_editor):
    schema_editor.execute(_statements(schema_editor, _RESOLVE), params=None)


def _remove(apps, schema_editor):
    system = schema_editor.quote_name(settings.DATABASE_SYSTEM_ROLE)
    schema_editor.execute(f"SET LOCAL ROLE {system}", params=None)
    schema_editor.execute("DROP FUNCTION resolve_token(text, bytea, timestamptz)", params=None)
    schema_editor.execute("SET LOCAL ROLE NONE", params=None)


class Migration(migrations.Migration):
    dependencies = [("srexpert", "0001_initial")]

    operations = [
        GuardTable("outboxmessage", composite_key=False),
        GuardTable("token"),
        migrations.RunPython(_add, _remove),
    ]
