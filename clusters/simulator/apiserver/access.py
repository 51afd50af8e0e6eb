"""Who calls and what they may: bearer tokens, and role-based access control over the stored roles and bindings."""

import threading
from dataclasses import dataclass, field
from typing import Any

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.store import Object, Store

ADMINS = "system:masters"
_SERVICE_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """A caller: name and groups, as the authenticator gives them."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a request wants, as the authorizer sees it. `path` is set for requests beside the resources."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


def user_named(name: str, groups: tuple[str, ...] = ()) -> User:
    """A user with the groups that every authenticated caller of that name has."""
    held = list(groups)
    if name.startswith(_SERVICE_ACCOUNT):
        namespace = name.removeprefix(_SERVICE_ACCOUNT).partition(":")[0]
        held += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    return User(name, (*held, "system:authenticated"))


@dataclass(slots=True)
class Authenticator:
    """The tokens that were issued, each for a user."""

    _users: dict[str, User] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, token: str, user: User) -> None:
        """Let a token stand for a user."""
        with self._lock:
            self._users[token] = user

    def revoke(self, token: str) -> None:
        """Let a token stand for nobody."""
        with self._lock:
            self._users.pop(token, None)

    def who(self, authorization: str | None) -> User:
        """The caller behind an Authorization header; anonymous without one.

        Raises ApiError (401) for a token that nobody issued.
        """
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        user = self._users.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise statuses.unauthorized()
        return user

    def by_token(self, token: str) -> User | None:
        """The user that a token stands for, for TokenReview."""
        return self._users.get(token)


def require(store: Store, user: User, wanted: Attributes) -> None:
    """Let the request pass if a role allows it.

    Raises ApiError (403) in the API server's words.
    """
    if not allowed(store, user, wanted):
        raise refusal(user, wanted)


def allowed(store: Store, user: User, wanted: Attributes) -> bool:
    """Whether any rule bound to the user, there or cluster-wide, covers the request."""
    return ADMINS in user.groups or any(
        _covers(rule, wanted) for rule in rules_for(store, user, wanted.namespace)
    )


def rules_for(store: Store, user: User, namespace: str) -> list[dict[str, Any]]:
    """The rules that hold for a user in a namespace; only the cluster-wide ones for an empty one."""
    roles = "rbac.authorization.k8s.io"
    bindings = store.all(f"clusterrolebindings.{roles}")
    if namespace:
        bindings = bindings + store.all(f"rolebindings.{roles}", namespace)
    rules: list[dict[str, Any]] = []
    for binding in bindings:
        if any(_is(subject, user, binding) for subject in binding.get("subjects") or ()):
            ref = binding["roleRef"]
            plural = "clusterroles" if ref["kind"] == "ClusterRole" else "roles"
            where = "" if plural == "clusterroles" else binding["metadata"]["namespace"]
            role = store.get(f"{plural}.{roles}", where, ref["name"])
            rules += (role or {}).get("rules") or ()
    return rules


def _is(subject: dict[str, Any], user: User, binding: Object) -> bool:
    match subject.get("kind"):
        case "User":
            return bool(subject["name"] == user.name)
        case "Group":
            return subject["name"] in user.groups
        case "ServiceAccount":
            namespace = subject.get("namespace") or binding["metadata"].get("namespace", "")
            return user.name == f"{_SERVICE_ACCOUNT}{namespace}:{subject['name']}"
    return False


def _covers(rule: dict[str, Any], wanted: Attributes) -> bool:
    verbs = rule.get("verbs") or ()
    if wanted.verb not in verbs and "*" not in verbs:
        return False
    if wanted.path:
        return any(_path_matches(path, wanted.path) for path in rule.get("nonResourceURLs") or ())
    groups = rule.get("apiGroups") or ()
    if wanted.group not in groups and "*" not in groups:
        return False
    names = rule.get("resourceNames") or ()
    if names and wanted.name not in names:
        return False
    full = f"{wanted.resource}/{wanted.subresource}" if wanted.subresource else wanted.resource
    resources = rule.get("resources") or ()
    return full in resources or "*" in resources or (
        bool(wanted.subresource) and f"*/{wanted.subresource}" in resources
    )  # fmt: skip


def _path_matches(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def refusal(user: User, wanted: Attributes) -> statuses.ApiError:
    """The 403 for a request that no rule covers."""
    if wanted.path:
        return statuses.forbidden(
            f'forbidden: User "{user.name}" cannot {wanted.verb} path "{wanted.path}"', {}
        )
    full = f"{wanted.resource}/{wanted.subresource}" if wanted.subresource else wanted.resource
    where = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
    qualified = f"{wanted.resource}.{wanted.group}" if wanted.group else wanted.resource
    named = f'{qualified} "{wanted.name}"' if wanted.name else qualified
    message = (
        f'{named} is forbidden: User "{user.name}" cannot {wanted.verb} resource "{full}" '
        f'in API group "{wanted.group}" {where}'
    )
    parts = {"name": wanted.name, "group": wanted.group, "kind": wanted.resource}
    return statuses.forbidden(message, {key: value for key, value in parts.items() if value})
