"""A text column that is stored encrypted and read as text."""

from typing import Any

from django.db import models

from srexpert.crypto.keyring import seal, unseal


class _Sealed(bytes):
    """What came from the database and hasn't been opened yet."""


class _Opening:
    """Opens the stored value when it is first read, since the row's identity is needed for that."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = unseal(value, self.field.place(instance))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]  # generic only to the type checker
    """Text under AES-256-GCM, with table, column, row and organization as associated data.

    A ciphertext that is copied to another row, column or tenant doesn't open. It can't be searched. The
    row's primary key must be known before it is saved (a UUID default).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def place(self, instance: models.Model) -> str:
        """What a ciphertext is bound to."""
        organization = getattr(instance, "organization_id", "")
        return f"{instance._meta.db_table}|{self.column}|{instance.pk}|{organization}"

    def from_db_value(self, value: bytes | None, *_: Any) -> _Sealed | None:
        return None if value is None else _Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002, FBT001 -- Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, _Sealed):
            return value
        return _Sealed(seal(str(value), self.place(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        if value is not None and not isinstance(value, _Sealed):
            raise TypeError(f"{self.name} is encrypted: save it through an instance")
        return super().get_db_prep_value(None if value is None else bytes(value), connection, prepared)

    def get_default(self) -> Any:
        return None if self.null else ""

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002 -- Django's signature
        """Fixtures and dumps never hold the plain value."""
        return ""
