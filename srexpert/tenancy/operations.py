"""Migration operations that put tenant tables behind row-level security."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation, OperationCategory

_ORGANIZATION = "(SELECT nullif(current_setting('srexpert.organization', true), '')::uuid)"
_PERSON = "(SELECT nullif(current_setting('srexpert.person', true), '')::uuid)"


class _TableOperation(Operation):
    """What the operations below share: raw SQL on one model's table, both ways, no change of state."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL
    model_name: str

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The model's state does not change; what changes is who may see its rows."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002 -- Django's signature
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in self.forwards(model, schema_editor):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:  # noqa: ARG002 -- Django's signature
        model = from_state.apps.get_model(app_label, self.model_name)
        for statement in self.backwards(model, schema_editor):
            schema_editor.execute(statement, params=None)

    def forwards(self, model: Any, schema_editor: Any) -> list[str]:
        raise NotImplementedError

    def backwards(self, model: Any, schema_editor: Any) -> list[str]:
        raise NotImplementedError


class GuardTable(_TableOperation):
    """Forces row-level security on a tenant table.

    Rows show, and can be written, only under the setting `srexpert.organization`, or to the system role.
    `own` names a column that holds a person: that person may then read those rows before an organization
    is chosen (memberships, for the switcher). `visible_through` names a table with `organization_id` and
    `user_id` through which a person reaches the row (organizations). `composite_key` is False for the
    organization itself and for tables that nothing refers to.
    """

    def __init__(
        self,
        model_name: str,
        *,
        column: str = "organization_id",
        own: str | None = None,
        visible_through: str | None = None,
        composite_key: bool = True,
    ) -> None:
        self.model_name = model_name
        self.column = column
        self.own = own
        self.visible_through = visible_through
        self.composite_key = composite_key

    def describe(self) -> str:
        return f"Put {self.model_name} behind row-level security"

    def forwards(self, model: Any, schema_editor: Any) -> list[str]:
        quote = schema_editor.quote_name
        table, system = quote(model._meta.db_table), quote(settings.DATABASE_SYSTEM_ROLE)
        mine = f"{quote(self.column)} = {_ORGANIZATION}"
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})",
            f"CREATE POLICY everywhere ON {table} TO {system} USING (true) WITH CHECK (true)",
        ]
        if self.own:
            statements.append(
                f"CREATE POLICY own ON {table} FOR SELECT USING ({quote(self.own)} = {_PERSON})"
            )
        if self.visible_through:
            through = quote(self.visible_through)
            statements.append(
                f"CREATE POLICY own ON {table} FOR SELECT USING (EXISTS (SELECT 1 FROM {through} AS link "  # noqa: S608 -- names from our models, quoted
                f"WHERE link.organization_id = {table}.{quote(self.column)} AND link.user_id = {_PERSON}))"
            )
        if self.composite_key:
            name = quote(composite_key_name(model._meta.db_table))
            statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (organization_id, id)")
        return statements

    def backwards(self, model: Any, schema_editor: Any) -> list[str]:
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table)
        statements = []
        if self.composite_key:
            name = quote(composite_key_name(model._meta.db_table))
            statements.append(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return [
            *statements,
            *(f"DROP POLICY IF EXISTS {policy} ON {table}" for policy in ("own", "everywhere", "tenant")),
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ]


class TieToOrganization(_TableOperation):
    """Adds (organization, id) foreign keys beside Django's own.

    PostgreSQL's check of a plain foreign key sees past policies, so a row could refer to another
    tenant's row; with the organization in the key it can't.
    """

    def __init__(self, model_name: str, *fields: str) -> None:
        self.model_name = model_name
        self.fields = fields

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model_name, *self.fields], {}

    def describe(self) -> str:
        return f"Tie {', '.join(self.fields)} of {self.model_name} to the organization"

    def forwards(self, model: Any, schema_editor: Any) -> list[str]:
        quote = schema_editor.quote_name
        table = model._meta.db_table
        statements = []
        for name in self.fields:
            field = model._meta.get_field(name)
            target = field.remote_field.model._meta.db_table
            statements.append(
                f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(tie_name(table, field.column))} "
                f"FOREIGN KEY (organization_id, {quote(field.column)}) "
                f"REFERENCES {quote(target)} (organization_id, id) DEFERRABLE INITIALLY DEFERRED"
            )
        return statements

    def backwards(self, model: Any, schema_editor: Any) -> list[str]:
        quote = schema_editor.quote_name
        table = model._meta.db_table
        columns = [model._meta.get_field(name).column for name in self.fields]
        return [
            f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(tie_name(table, column))}"
            for column in columns
        ]


def composite_key_name(table: str) -> str:
    """The name of the unique (organization_id, id) constraint of a table."""
    return f"{table[:45]}_of_organization"


def tie_name(table: str, column: str) -> str:
    """The name of the composite foreign key on a column."""
    return f"{table[:30]}_{column[:20]}_same_org"
