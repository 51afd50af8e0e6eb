"""admissionregistration.k8s.io: which webhooks judge what; their addresses and certificates stay behind."""

from typing import ClassVar

from clusters.wire.kinds.meta import LabelSelector, Root
from clusters.wire.kinds.rbac import PolicyRule
from clusters.wire.rules import Name, Part, Qualified, UrlPath, Version, Word


class ServiceReference(Part):
    """The service that a webhook asks."""

    name: Name | None = None
    namespace: Name | None = None
    path: UrlPath | None = None
    port: int | None = None


class ClientConfig(Part):
    """Whom a webhook asks; of all that only the service is named."""

    dropped: ClassVar[tuple[str, ...]] = ("caBundle", "url")

    service: ServiceReference | None = None


class MatchCondition(Part):
    """A condition by name; its expression stays behind."""

    dropped: ClassVar[tuple[str, ...]] = ("expression",)

    name: Qualified | None = None


class RuleWithOperations(PolicyRule):
    """Operations on resources."""

    api_versions: list[Qualified] | None = None
    operations: list[Qualified] | None = None
    scope: Qualified | None = None


class Webhook(Part):
    """One webhook."""

    admission_review_versions: list[Version] | None = None
    client_config: ClientConfig | None = None
    failure_policy: Word | None = None
    match_conditions: list[MatchCondition] | None = None
    match_policy: Word | None = None
    name: Qualified | None = None
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None
    reinvocation_policy: Word | None = None
    rules: list[RuleWithOperations] | None = None
    side_effects: Word | None = None
    timeout_seconds: int | None = None


class ValidatingWebhookConfiguration(Root):
    """Webhooks that may refuse."""

    webhooks: list[Webhook] | None = None


class MutatingWebhookConfiguration(Root):
    """Webhooks that may change."""

    webhooks: list[Webhook] | None = None
