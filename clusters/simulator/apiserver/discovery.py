"""Discovery: which groups, versions and resources are served, in both formats that clients ask for."""

import zlib
from typing import Any

from clusters.simulator.apiserver.resources import Registry, Resource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_SCALE = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
_SUBRESOURCE_KINDS: dict[str, dict[str, str]] = {
    "scale": _SCALE,
    "eviction": {"group": "policy", "version": "v1", "kind": "Eviction"},
    "token": {"group": "authentication.k8s.io", "version": "v1", "kind": "TokenRequest"},
    "binding": {"group": "", "version": "v1", "kind": "Binding"},
}
_SUBRESOURCE_VERBS = {"eviction": ["create"], "token": ["create"], "binding": ["create"]}
_WRITABLE = ["get", "patch", "update"]


def core_versions(address: str) -> dict[str, Any]:
    """What /api answers."""
    where = {"clientCIDR": "0.0.0.0/0", "serverAddress": address}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [where]}


def group(name: str, versions: list[str]) -> dict[str, Any]:
    """One APIGroup."""
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def group_list(registry: Registry) -> dict[str, Any]:
    """What /apis answers."""
    groups = [group(name, versions) for name, versions in registry.groups().items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def resource_list(registry: Registry, name: str, version: str) -> dict[str, Any]:
    """What /api/v1 or /apis/GROUP/VERSION answers."""
    entries: list[dict[str, Any]] = []
    for resource in registry.in_group_version(name, version):
        entries.append(_entry(resource))
        entries += [_sub_entry(resource, sub) for sub in resource.subresources]
    group_version = f"{name}/{version}" if name else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": entries,
    }


def _entry(resource: Resource) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": sorted(resource.verbs),
    }  # fmt: skip
    if resource.short:
        entry["shortNames"] = list(resource.short)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if "watch" in resource.verbs:
        entry["storageVersionHash"] = f"{zlib.crc32(resource.name.encode()):08x}AAA="
    return entry


def _sub_entry(resource: Resource, sub: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": f"{resource.plural}/{sub}", "singularName": "", "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": _SUBRESOURCE_VERBS.get(sub, _WRITABLE),
    }  # fmt: skip
    other = _SUBRESOURCE_KINDS.get(sub)
    if other:
        entry |= {key: value for key, value in other.items() if value}
    return entry


def aggregated(registry: Registry, *, core: bool) -> dict[str, Any]:
    """All groups with their resources in one answer (APIGroupDiscoveryList)."""
    groups = {"": ["v1"]} if core else registry.groups()
    items = [_group_discovery(registry, name, versions) for name, versions in groups.items()]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _group_discovery(registry: Registry, name: str, versions: list[str]) -> dict[str, Any]:
    listed = [
        {
            "version": version,
            "freshness": "Current",
            "resources": [_resource_discovery(r) for r in registry.in_group_version(name, version)],
        }
        for version in versions
    ]
    metadata = {"name": name, "creationTimestamp": None} if name else {"creationTimestamp": None}
    return {"metadata": metadata, "versions": listed}


def _resource_discovery(resource: Resource) -> dict[str, Any]:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    subs = [
        {
            "subresource": sub,
            "responseKind": _SUBRESOURCE_KINDS.get(sub, kind),
            "verbs": _SUBRESOURCE_VERBS.get(sub, _WRITABLE),
        }
        for sub in resource.subresources
    ]
    found: dict[str, Any] = {
        "resource": resource.plural, "responseKind": kind, "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular, "verbs": sorted(resource.verbs),
        "shortNames": list(resource.short), "categories": list(resource.categories), "subresources": subs,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def openapi_index(registry: Registry) -> dict[str, Any]:
    """What /openapi/v3 answers: where each group's version describes itself."""
    places = ["api/v1", *(f"apis/{g}/{v}" for g, versions in registry.groups().items() for v in versions)]
    return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}?hash=1"} for place in places}}


def openapi(registry: Registry, name: str, version: str) -> dict[str, Any]:
    """One group's version in OpenAPI, just enough that kubectl leaves the checking of fields to the server."""
    parameter = {"in": "query", "name": "fieldValidation", "schema": {"type": "string", "uniqueItems": True}}
    paths: dict[str, Any] = {}
    root = f"/apis/{name}/{version}" if name else f"/api/{version}"
    for resource in registry.in_group_version(name, version):
        kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        where = f"{root}/namespaces/{{namespace}}" if resource.namespaced else root
        write = {"parameters": [parameter], "x-kubernetes-group-version-kind": kind}
        paths[f"{where}/{resource.plural}"] = {"post": {**write, "x-kubernetes-action": "post"}}
        paths[f"{where}/{resource.plural}/{{name}}"] = {
            "put": {**write, "x-kubernetes-action": "put"}, "patch": {**write, "x-kubernetes-action": "patch"},
        }  # fmt: skip
    info = {"title": "Kubernetes", "version": "v1.35"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}
