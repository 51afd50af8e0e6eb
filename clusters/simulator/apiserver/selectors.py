"""Label and field selectors of list and watch requests, and label selectors inside objects."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from clusters.kubernetes import selectors
from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.resources import Resource

Test = Callable[[Mapping[str, str]], bool]

_EQUAL = re.compile(r"^(?P<key>[^\s!=,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s!=,()]*)$")

_POD_FIELDS = (
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
    "status.phase", "status.podIP", "status.nominatedNodeName",
)  # fmt: skip
_EVENT_FIELDS = (
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
    "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
    "reportingComponent", "source", "type",
)  # fmt: skip
_FIELDS = {
    "pods": _POD_FIELDS, "events": _EVENT_FIELDS, "nodes": ("spec.unschedulable",), "namespaces": ("status.phase",),
    "secrets": ("type",), "replicasets.apps": ("status.replicas",), "jobs.batch": ("status.successful",),
}  # fmt: skip


def _split(text: str) -> list[str]:
    """The requirements between the commas that aren't inside parentheses."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", text) if part.strip()]


def label_selector(text: str) -> Test | None:
    """The test that a `labelSelector` parameter asks for; None when it asks for nothing.

    Raises ApiError (400) for what isn't a selector.
    """
    try:
        selector = selectors.parse(text)
    except selectors.SelectorError as wrong:
        raise statuses.bad_request(f"unable to parse requirement: {wrong}") from wrong
    return selector.matches if selector.requirements else None


def matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector of an object selects these labels; a missing one selects nothing, an empty one all."""
    found = selectors.from_object(selector)
    return found is not None and found.matches(labels)


def as_text(selector: dict[str, Any]) -> str:
    """A LabelSelector as the string that `status.selector` of a Scale carries."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for expression in selector.get("matchExpressions") or ():
        values = ",".join(sorted(expression.get("values") or ()))
        form = {"In": "{} in ({})", "NotIn": "{} notin ({})", "Exists": "{}", "DoesNotExist": "!{}"}
        parts.append(form[expression["operator"]].format(expression["key"], values))
    return ",".join(parts)


def field_selector(text: str, resource: Resource) -> Callable[[dict[str, Any]], bool] | None:
    """The test that a `fieldSelector` parameter asks for; None when it asks for nothing.

    Raises ApiError (400) for a field that this resource can't be selected by.
    """
    tests: list[tuple[str, str, bool]] = []
    for part in _split(text):
        found = _EQUAL.match(part)
        if found is None:
            raise statuses.bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        field = found["key"].replace("regarding.", "involvedObject.")
        if field not in ("metadata.name", "metadata.namespace", *_FIELDS.get(resource.storage, ())):
            raise statuses.bad_request(f"field label not supported: {found['key']}")
        tests.append((field, found["value"], found["op"] != "!="))
    if not tests:
        return None
    return lambda obj: all((_field(obj, field) == value) is equal for field, value, equal in tests)


def _field(obj: dict[str, Any], path: str) -> str:
    if path == "source":
        path = "source.component"
    value: Any = obj
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return "false" if path in ("spec.unschedulable", "spec.hostNetwork") else ""
    return str(value).lower() if isinstance(value, bool) else str(value)
