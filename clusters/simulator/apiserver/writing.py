"""Create, update, patch and delete requests."""

from collections.abc import Callable
from typing import Any

import msgspec

from clusters.simulator.apiserver import patches, reading, statuses, views
from clusters.simulator.apiserver.requests import Answer, Request, Target, answer
from clusters.simulator.apiserver.resources import Resource
from clusters.simulator.apiserver.statuses import ApiError, Cause
from clusters.simulator.apiserver.store import Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions, Writer

_PROPAGATIONS = ("Foreground", "Background", "Orphan")


def actor_of(request: Request, *, operation: str = "Update", subresource: str = "") -> Actor:
    """The field manager of a request: the parameter, else the program that the User-Agent names."""
    agent = request.headers.get("user-agent", "unknown").partition("/")[0] or "unknown"
    return Actor(request.query.get("fieldManager") or agent[:128], operation, subresource)


def body_object(request: Request, target: Target) -> Object:
    """The object in a body, checked against where it was sent to.

    Raises ApiError (400) when kind, name or namespace don't fit.
    """
    resource = target.resource
    try:
        body = request.decoded()
    except ApiError as wrong:
        if wrong.code != 400:
            raise
        told = f"the object provided is unrecognized (must be of type {resource.kind}): {wrong}"
        raise statuses.bad_request(told) from wrong
    if not isinstance(body, dict):
        raise statuses.bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
    kind, version = (
        body.setdefault("kind", resource.kind),
        body.setdefault("apiVersion", resource.group_version),
    )
    if (kind, version) != (resource.kind, resource.group_version):
        told = f'{kind} in version "{version}" cannot be handled as a {resource.kind}'
        raise statuses.bad_request(told)
    metadata = body.setdefault("metadata", {})
    if target.name and metadata.setdefault("name", target.name) != target.name:
        told = (
            f"the name of the object ({metadata['name']}) does not match the name on the URL ({target.name})"
        )
        raise statuses.bad_request(told)
    if target.namespace and (metadata.get("namespace") or target.namespace) != target.namespace:
        told = "the namespace of the provided object does not match the namespace sent on the request"
        raise statuses.bad_request(told)
    if resource.namespaced:
        metadata["namespace"] = target.namespace
    return views.stored(resource, body)


def written(resource: Resource, obj: Object, code: int = 200) -> Answer:
    """A stored object as the answer to a write."""
    return answer(views.shown(resource, obj), code)


def create(writer: Writer, request: Request, target: Target) -> Answer:
    """POST to a collection.

    Raises ApiError for what can't be stored.
    """
    if target.resource.namespaced and not target.namespace:
        raise statuses.method_not_allowed()
    obj = body_object(request, target)
    made = writer.create(target.resource, obj, actor_of(request), dry_run=request.dry_run)
    return written(target.resource, made, 201)


def update(writer: Writer, request: Request, target: Target) -> Answer:
    """PUT to an object or its status.

    Raises ApiError for what can't be stored.
    """
    obj = body_object(request, target)
    actor = actor_of(request, subresource=target.subresource)
    made = writer.update(
        target.resource, target.namespace, target.name, lambda _: obj, actor, dry_run=request.dry_run
    )
    return written(target.resource, made)


def patcher(request: Request, resource: Resource) -> Callable[[Object], Object]:
    """The function that applies a request's patch to an object.

    Raises ApiError: 415 for a format that this resource doesn't take.
    """
    kind = request.content_type
    if kind == patches.APPLY or (kind == patches.STRATEGIC and not resource.custom):
        patch = request.decoded()
        if kind == patches.APPLY:
            patch.get("metadata", {}).pop("managedFields", None)
        return lambda obj: patches.strategic(obj, patch)
    if kind == patches.MERGE:
        patch = request.decoded()
        return lambda obj: patches.merge(obj, patch)
    if kind == patches.JSON:
        operations = request.decoded()
        return lambda obj: patches.json_patch(obj, operations)
    raise statuses.unsupported_media_type()


def patch(writer: Writer, request: Request, target: Target) -> Answer:
    """PATCH of an object or its status; an apply creates what isn't there.

    Raises ApiError for what can't be stored.
    """
    resource = target.resource
    change = patcher(request, resource)
    applied = request.content_type == patches.APPLY
    actor = actor_of(request, operation="Apply" if applied else "Update", subresource=target.subresource)
    missing = writer.store.get(resource.storage, target.namespace, target.name) is None
    if applied and missing and not target.subresource:
        obj = body_object(request, target)
        return written(resource, writer.create(resource, obj, actor, dry_run=request.dry_run), 201)

    def changed(obj: Object) -> Object:
        return views.stored(resource, change(views.shown(resource, obj)))

    made = writer.update(resource, target.namespace, target.name, changed, actor, dry_run=request.dry_run)
    return written(resource, made)


def delete_options(request: Request) -> DeleteOptions:
    """What a delete asks for, in its body or its parameters.

    Raises ApiError: 422 for a propagation policy that doesn't exist.
    """
    body: dict[str, Any] = request.decoded() if request.body.strip() else {}
    given = {**body, **request.query}
    policy = given.get("propagationPolicy") or (
        "Orphan" if given.get("orphanDependents") in (True, "true") else ""
    )
    if policy and policy not in _PROPAGATIONS:
        told = (f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"')  # fmt: skip
        cause = Cause("propagationPolicy", "FieldValueNotSupported", told)
        raise statuses.invalid("DeleteOptions", "meta.k8s.io", "", [cause])
    grace = given.get("gracePeriodSeconds")
    conditions = body.get("preconditions") or {}
    return DeleteOptions(
        grace=None if grace in (None, "") else int(grace),
        propagation=policy or "Background",
        uid=conditions.get("uid") or "",
        resource_version=conditions.get("resourceVersion") or "",
        dry_run=request.dry_run or body.get("dryRun") == ["All"],
    )


def delete(writer: Writer, request: Request, target: Target) -> Answer:
    """DELETE of one object.

    Raises ApiError: 404, or 409 for a failed precondition.
    """
    options = delete_options(request)
    obj, gone = writer.delete(target.resource, target.namespace, target.name, options)
    if gone and target.resource.storage != "pods":
        done = statuses.success(target.resource, target.name, obj["metadata"]["uid"])
        return answer(done)
    return written(target.resource, obj)


def delete_collection(writer: Writer, request: Request, target: Target) -> Answer:
    """DELETE of all objects that the selectors keep; the answer lists them.

    Raises ApiError (400) for unreadable selectors.
    """
    keep = reading.filters(request, target)
    options = delete_options(request)
    deleted: list[Object] = []
    for obj in writer.store.all(target.resource.storage, target.namespace or None):
        if keep is None or keep(obj):
            metadata = obj["metadata"]
            deleted.append(
                writer.delete(target.resource, metadata.get("namespace", ""), metadata["name"], options)[0]
            )
    kind = f"{target.resource.kind}List"
    listed = {"kind": kind, "apiVersion": target.resource.group_version, "items": deleted,
              "metadata": {"resourceVersion": str(writer.store.rv)}}  # fmt: skip
    return Answer(msgspec.json.encode(listed))
