"""Label and field selectors of list and watch requests, and label selectors inside objects."""

import re
from collections.abc import Callable
from typing import Any

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.resources import Resource

Test = Callable[[dict[str, str]], bool]

_SETS = re.compile(r"^(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^\s!=,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s!=,()]*)$")
_EXISTS = re.compile(r"^(?P<not>!?)\s*(?P<key>[^\s!=,()]+)$")

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


def _requirement(text: str) -> Test:
    if found := _SETS.match(text):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["op"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUAL.match(text):
        key, value = found["key"], found["value"]
        if found["op"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTS.match(text):
        key, wanted = found["key"], not found["not"]
        return lambda labels: (key in labels) is wanted
    words = text.split()
    unexpected = words[1] if len(words) > 1 else text
    expected = "'=', '!=', '==', 'in', notin'"
    raise statuses.bad_request(f"unable to parse requirement: found '{unexpected}', expected: {expected}")


def label_selector(text: str) -> Test | None:
    """The test that a `labelSelector` parameter asks for; None when it asks for nothing.

    Raises ApiError (400) for what isn't a selector.
    """
    tests = [_requirement(part) for part in _split(text)]
    if not tests:
        return None
    return lambda labels: all(test(labels) for test in tests)


def matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector of an object selects these labels; a missing one selects nothing, an empty one all."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_expression(e, labels) for e in selector.get("matchExpressions") or ())


def _expression(expression: dict[str, Any], labels: dict[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


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
