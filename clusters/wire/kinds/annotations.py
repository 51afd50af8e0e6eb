"""Labels and annotations: which keys and values leave."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from clusters.wire import text
from clusters.wire.session import Session

_LABEL_KEY = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)
# The longest legal key; caches must not fill with longer ones.
_LONGEST_KEY: Final = 317
_LONGEST_VALUE: Final = 63
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")

# Whole manifests or their history, and what runs as configuration or points to credentials.
_DROPPED = re.compile(
    r"last-applied|last-handled|applied-config|objectset\.rio\.cattle\.io/|"
    r"ingress[a-z.-]*/.*(?:snippet|auth)|/auth-|-snippets?$"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_PROFILE = re.compile(r"runtime/default|docker/default|unconfined|localhost/[A-Za-z0-9._/-]{1,128}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")

# The value stays where it has the shape beside it. Beyond the contract's own list stand only closed domains
# that the analyzers and the pod security controls need.
_KEPT: Final[dict[str, re.Pattern[str]]] = {
    "meta.helm.sh/release-name": _NAME,
    "meta.helm.sh/release-namespace": _NAME,
    "deployment.kubernetes.io/revision": re.compile(r"\d{1,10}"),
    "kubernetes.io/ingress.class": _NAME,
    "ingressclass.kubernetes.io/is-default-class": re.compile(r"true|false"),
    "storageclass.kubernetes.io/is-default-class": re.compile(r"true|false"),
    "storageclass.beta.kubernetes.io/is-default-class": re.compile(r"true|false"),
    "kubectl.kubernetes.io/restartedAt": _TIME,
    "seccomp.security.alpha.kubernetes.io/pod": _PROFILE,
}
_KEPT_PREFIXES: Final = (
    (
        "pod-security.kubernetes.io/",
        re.compile(r"privileged|baseline|restricted|latest|v1\.\d{1,3}|[a-z]+:v?[a-z0-9.]{1,10}"),
    ),
    ("container.apparmor.security.beta.kubernetes.io/", _PROFILE),
)
_REDACTED: Final = frozenset({"kubernetes.io/change-cause"})
_OURS: Final = "srexpert.io/"


class Policy(NamedTuple):
    """What becomes of one annotation: the key that leaves (None: nothing does) and what of its value.

    With `shape` a value that matches stays, with `free` it is redacted, with neither it becomes "".
    """

    key: str | None
    shape: re.Pattern[str] | None = None
    free: bool = False


@lru_cache(maxsize=16_384)
def policy(key: str) -> Policy:
    """The policy of an annotation's key."""
    if _DROPPED.search(key) or not _LABEL_KEY.fullmatch(key) or not text.is_clean(key):
        return Policy(None)
    if key in _REDACTED or key.startswith(_OURS):
        return Policy(key, free=True)
    shape = _KEPT.get(key) or next(
        (shape for prefix, shape in _KEPT_PREFIXES if key.startswith(prefix)), None
    )
    return Policy(key, shape)


def clean_annotations(annotations: dict[str, str], session: Session) -> dict[str, str]:
    """The annotations that leave; at the server a value that shouldn't be there counts as a rejection."""
    left = {}
    for name, value in annotations.items():
        key, shape, free = policy(name) if len(name) <= _LONGEST_KEY else Policy(None)
        if key is None:
            new = None
        elif free:
            new = left[key] = text.clean(value)
        else:
            new = left[key] = value if shape is not None and shape.fullmatch(value) else ""
        if new != value and session.key is None:
            session.rejected.append("metadata.annotations")
    return left


@lru_cache(maxsize=65_536)
def clean_label(key: str, value: str) -> tuple[str, str]:
    """A label as it may leave: legal and clean as it is, else redacted."""
    if not (_LABEL_KEY.fullmatch(key) and text.is_clean(key)):
        key = text.clean(key)
    if not (_LABEL_VALUE.fullmatch(value) and text.is_clean(value)):
        value = text.clean(value)
    return key, value


def clean_labels(labels: dict[str, str], _: Session) -> dict[str, str]:
    """The labels that leave."""
    return dict(
        [
            clean_label(key, value)
            if len(key) <= _LONGEST_KEY and len(value) <= _LONGEST_VALUE
            else clean_label.__wrapped__(key, value)
            for key, value in labels.items()
        ]
    )
