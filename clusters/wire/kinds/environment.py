"""Environment variables: names and references stay, literals become markers."""

from typing import Annotated

from clusters.wire import markers
from clusters.wire.markers import Marker
from clusters.wire.rules import (
    EnvName,
    FilePath,
    Name,
    Part,
    Qualified,
    Quantity,
    Rule,
    Version,
    closed,
)
from clusters.wire.session import Session

# Cleaned by EnvVar.settle, which knows the name beside it.
EnvValue = Annotated[str | Marker, Rule("mark", clean=lambda value, _: value)]


class KeyReference(Part):
    """A key of a ConfigMap or Secret, by name."""

    key: EnvName | None = None
    name: Name | None = None
    optional: bool | None = None


class FieldReference(Part):
    """A field of the pod itself."""

    api_version: Version | None = None
    field_path: (
        Annotated[str, closed(r"[A-Za-z]{1,20}(?:\.[A-Za-z]{1,40}){0,4}(?:\['[A-Za-z0-9._/-]{1,317}'\])?")]
        | None
    ) = None


class ResourceReference(Part):
    """A resource figure of a container."""

    container_name: Name | None = None
    divisor: Quantity | None = None
    resource: Qualified | None = None


class FileReference(Part):
    """A variable from a file of a volume, by name."""

    key: EnvName | None = None
    optional: bool | None = None
    path: FilePath | None = None
    volume_name: Name | None = None


class EnvSource(Part):
    """Where an environment variable comes from."""

    config_map_key_ref: KeyReference | None = None
    field_ref: FieldReference | None = None
    file_key_ref: FileReference | None = None
    resource_field_ref: ResourceReference | None = None
    secret_key_ref: KeyReference | None = None


class EnvVar(Part):
    """One environment variable: its name, and a marker in place of a literal."""

    name: EnvName | None = None
    value: EnvValue | None = None
    value_from: EnvSource | None = None

    def settle(self, session: Session) -> None:
        """Mark a literal under the variable's name; refuse what only looks like a marker."""
        value = self.value
        if value is None:
            return
        if isinstance(value, Marker):
            if value.flag is not None or not markers.is_valid(value):
                session.rejected.append("env.value")
                self.value = markers.replacement(value)
            return
        if session.key is None:
            session.rejected.append("env.value")
        self.value = markers.mark(value, key=session.key, name=self.name or "")


class NameReference(Part):
    """A ConfigMap or Secret whose keys all become variables."""

    name: Name | None = None
    optional: bool | None = None


class EnvFrom(Part):
    """Variables from a whole ConfigMap or Secret."""

    config_map_ref: NameReference | None = None
    prefix: EnvName | None = None
    secret_ref: NameReference | None = None
