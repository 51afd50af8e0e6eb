"""rbac.authorization.k8s.io: rules and names stay; users and groups get pseudonyms."""

import hmac
import re
from typing import Annotated, Final

from clusters.wire.kinds.meta import LabelSelector, Root
from clusters.wire.rules import Name, Part, Qualified, RoleName, Rule, UrlPath, Word, chosen
from clusters.wire.session import Session

PSEUDONYM: Final = re.compile(r"(?:user|group)-(?:[0-9a-f]{16}|withheld)")
_SYSTEM: Final = re.compile(r"system:[a-z0-9][a-z0-9:.-]{0,246}")


def pseudonym(kind: str, name: str, *, key: bytes | None) -> str:
    """A stable name for a person or group, from which theirs can't be had: `user-` and 16 hex digits.

    Without `key` it is `user-withheld`: the server could only make one that anybody can guess.
    """
    sort = "group" if kind == "Group" else "user"
    if key is None:
        return f"{sort}-withheld"
    digest = hmac.digest(key, f"{sort}\0{name}".encode(errors="surrogatepass"), "sha256")
    return f"{sort}-{digest.hex()[:16]}"


class Subject(Part):
    """Who is bound: service accounts and `system:` names as they are, people by a pseudonym."""

    api_group: Qualified | None = None
    kind: Word | None = None
    # Cleaned by settle, which knows the kind.
    name: Annotated[str, Rule("pseudonym", clean=lambda value, _: value)] | None = None
    namespace: Name | None = None

    def settle(self, session: Session) -> None:
        """Replace a person's name."""
        name = self.name
        if name is None or _SYSTEM.fullmatch(name) or PSEUDONYM.fullmatch(name):
            return
        if self.kind == "ServiceAccount" and _ACCOUNT.fullmatch(name):
            return
        if session.key is None:
            session.rejected.append("subjects.name")
        self.name = pseudonym(self.kind or "", name, key=session.key)


_ACCOUNT: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


class PolicyRule(Part):
    """Verbs on resources, or on paths of the API server."""

    api_groups: list[Annotated[str, chosen(r"\*|[a-z0-9.-]{0,253}")]] | None = None
    non_resource_urls: list[UrlPath] | None = None
    resource_names: list[RoleName] | None = None
    resources: list[Annotated[str, chosen(r"[a-z0-9*./-]{1,253}")]] | None = None
    verbs: list[Annotated[str, chosen(r"\*|[A-Za-z-]{1,63}")]] | None = None


class AggregationRule(Part):
    """The roles that a cluster role collects."""

    cluster_role_selectors: list[LabelSelector] | None = None


class Role(Root):
    """A role of a namespace."""

    rules: list[PolicyRule] | None = None


class ClusterRole(Root):
    """A role of the cluster."""

    aggregation_rule: AggregationRule | None = None
    rules: list[PolicyRule] | None = None


class RoleReference(Part):
    """The role that is bound."""

    api_group: Qualified | None = None
    kind: Word | None = None
    name: RoleName | None = None


class RoleBinding(Root):
    """Who has a role in a namespace."""

    role_ref: RoleReference | None = None
    subjects: list[Subject] | None = None


class ClusterRoleBinding(Root):
    """Who has a role in the whole cluster."""

    role_ref: RoleReference | None = None
    subjects: list[Subject] | None = None
