"""The checks that refuse an object with 422: names, selectors, containers, fields that may not change."""

import re
from typing import Any

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.selectors import matches
from clusters.simulator.apiserver.statuses import Cause

Object = dict[str, Any]

_SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL_1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_TOLD = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_1123_TOLD = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    f"'{_LABEL_1123}')"
)
_LABEL_1035_TOLD = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
    f"is '{_LABEL_1035}')"
)
_TEMPLATED = frozenset({"deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps"})
_POD_MAY_CHANGE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def _required(field: str, told: str = "") -> Cause:
    return Cause(field, "FieldValueRequired", f"Required value: {told}" if told else "Required value")


def _wrong(field: str, value: str, told: str) -> Cause:
    return Cause(field, "FieldValueInvalid", f"Invalid value: {value}: {told}")


def _name(resource: Resource, name: str) -> list[Cause]:
    if not name:
        return [_required("metadata.name", "name or generateName is required")]
    if resource.group == "rbac.authorization.k8s.io":
        return []  # names of roles may hold colons
    form, told = _SUBDOMAIN, _SUBDOMAIN_TOLD
    if resource.storage == "services":
        form, told = _LABEL_1035, _LABEL_1035_TOLD
    elif resource.storage == "namespaces":
        form, told = _LABEL_1123, _LABEL_1123_TOLD
    return [] if re.fullmatch(form, name) else [_wrong("metadata.name", f'"{name}"', told)]


def _go_map(labels: dict[str, str] | None) -> str:
    if not labels:
        return "map[string]string(nil)" if labels is None else "map[string]string{}"
    inside = ", ".join(f'"{key}":"{value}"' for key, value in sorted(labels.items()))
    return f"map[string]string{{{inside}}}"


def _containers(spec: Object, path: str) -> list[Cause]:
    containers = spec.get("containers") or []
    if not containers:
        return [_required(f"{path}.containers")]
    causes: list[Cause] = []
    for number, container in enumerate(containers):
        at = f"{path}.containers[{number}]"
        causes += [_required(f"{at}.{field}") for field in ("name", "image") if not container.get(field)]
    return causes


def _workload(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    if (spec.get("replicas") or 0) < 0:
        told = "must be greater than or equal to 0"
        causes.append(_wrong("spec.replicas", str(spec["replicas"]), told))
    if not spec.get("selector"):
        causes.append(_required("spec.selector"))
    labels = spec["template"]["metadata"].get("labels")
    if not matches(spec.get("selector"), labels or {}):
        told = "`selector` does not match template `labels`"
        causes.append(_wrong("spec.template.metadata.labels", _go_map(labels), told))
    return causes + _containers(spec["template"]["spec"], "spec.template.spec")


def _go_selector(selector: Object) -> str:
    labels = _go_map(selector.get("matchLabels"))
    return f"v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}}"


def _unchangeable(resource: Resource, old: Object, new: Object) -> list[Cause]:
    name = resource.name
    if name in _TEMPLATED or name == "jobs.batch":
        before, after = old["spec"].get("selector"), new["spec"].get("selector")
        if before != after:
            return [_wrong("spec.selector", _go_selector(after or {}), "field is immutable")]
    if name == "pods" and _fixed(old["spec"]) != _fixed(new["spec"]):
        return [Cause("spec", "FieldValueForbidden", f"Forbidden: {_POD_MAY_CHANGE}")]
    return []


def _fixed(spec: Object) -> Object:
    """A pod's spec without what may change."""
    kept = {k: v for k, v in spec.items() if k not in ("activeDeadlineSeconds", "tolerations")}
    for field in ("containers", "initContainers"):
        kept[field] = [{k: v for k, v in c.items() if k != "image"} for c in spec.get(field) or ()]
    return kept


def _lacks_ports(spec: Object) -> bool:
    return not spec.get("ports") and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"


def check_name(resource: Resource, name: str) -> None:
    """Refuse a name that this kind may not have.

    Raises ApiError (422).
    """
    if causes := _name(resource, name):
        raise statuses.invalid(resource.kind, resource.group, name, causes)


def check(resource: Resource, new: Object, old: Object | None = None) -> None:
    """Refuse an object that the API server would refuse.

    Raises ApiError (422) with every cause found.
    """
    name = new["metadata"].get("name", "")
    causes = _name(resource, name)
    if resource.name in _TEMPLATED:
        causes += _workload(new)
    elif resource.name == "pods":
        causes += _containers(new["spec"], "spec")
    elif resource.name == "jobs.batch":
        causes += _containers(new["spec"]["template"]["spec"], "spec.template.spec")
    elif resource.name == "services" and _lacks_ports(new["spec"]):
        causes.append(_required("spec.ports"))
    if old is not None:
        causes += _unchangeable(resource, old, new)
    if causes:
        raise statuses.invalid(resource.kind, resource.group, name, causes)
