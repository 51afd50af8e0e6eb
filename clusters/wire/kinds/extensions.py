"""apiextensions.k8s.io and cert-manager.io: definitions without schemas, certificates by status only."""

from typing import Annotated, ClassVar

from clusters.wire.kinds.admission import ClientConfig
from clusters.wire.kinds.meta import Condition, Root
from clusters.wire.rules import KindName, Name, Part, Qualified, Text, Time, Version, Word, chosen

JsonPath = Annotated[str, chosen(r"\.[A-Za-z.]{1,120}")]


class DefinitionNames(Part):
    """What a custom kind is called."""

    categories: list[Name] | None = None
    kind: KindName | None = None
    list_kind: KindName | None = None
    plural: Name | None = None
    short_names: list[Name] | None = None
    singular: Name | None = None


class PrinterColumn(Part):
    """A column of `kubectl get`."""

    description: Text | None = None
    format: Word | None = None
    json_path: JsonPath | None = None
    name: Text | None = None
    priority: int | None = None
    type: Word | None = None


class StatusSubresource(Part):
    """That a kind has a status of its own."""


class ScaleSubresource(Part):
    """Where a kind keeps its number of replicas."""

    label_selector_path: JsonPath | None = None
    spec_replicas_path: JsonPath | None = None
    status_replicas_path: JsonPath | None = None


class Subresources(Part):
    """The parts of a kind with their own address."""

    scale: ScaleSubresource | None = None
    status: StatusSubresource | None = None


class DefinitionVersion(Part):
    """A version of a custom kind."""

    dropped: ClassVar[tuple[str, ...]] = ("schema",)

    additional_printer_columns: list[PrinterColumn] | None = None
    deprecated: bool | None = None
    deprecation_warning: Text | None = None
    name: Name | None = None
    served: bool | None = None
    storage: bool | None = None
    subresources: Subresources | None = None


class ConversionWebhook(Part):
    """Who converts between versions."""

    client_config: ClientConfig | None = None
    conversion_review_versions: list[Version] | None = None


class Conversion(Part):
    """How objects are converted between versions."""

    strategy: Word | None = None
    webhook: ConversionWebhook | None = None


class DefinitionSpec(Part):
    """What a custom kind is."""

    conversion: Conversion | None = None
    group: Qualified | None = None
    names: DefinitionNames | None = None
    preserve_unknown_fields: bool | None = None
    scope: Word | None = None
    versions: list[DefinitionVersion] | None = None


class DefinitionStatus(Part):
    """What became of a definition."""

    accepted_names: DefinitionNames | None = None
    conditions: list[Condition] | None = None
    stored_versions: list[Name] | None = None


class CustomResourceDefinition(Root):
    """A definition of a custom kind."""

    spec: DefinitionSpec | None = None
    status: DefinitionStatus | None = None


class CertificateStatus(Part):
    """How long a certificate is good for."""

    dropped: ClassVar[tuple[str, ...]] = ("nextPrivateKeySecretName",)

    conditions: list[Condition] | None = None
    last_failure_time: Time | None = None
    not_after: Time | None = None
    not_before: Time | None = None
    renewal_time: Time | None = None


class Certificate(Root):
    """A certificate of cert-manager, by its status."""

    dropped: ClassVar[tuple[str, ...]] = ("spec",)

    status: CertificateStatus | None = None
