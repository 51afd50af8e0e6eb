"""Errors as Kubernetes answers them: a Status object with reason, code and details.

The wording follows what a kube-apiserver answers to the same requests; tests compare the two where one is at hand.
"""

from dataclasses import dataclass
from typing import Any

from clusters.simulator.apiserver.resources import Resource


class ApiError(Exception):
    """An answer that isn't a success; `status` is the body, `code` the HTTP status."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        retry_after: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after
        self.status: dict[str, Any] = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
        }  # fmt: skip
        if reason:
            self.status["reason"] = reason
        if details is not None:
            self.status["details"] = details
        self.status["code"] = code


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing wrong with a submitted object: which field, why, in the API server's words."""

    field: str
    reason: str
    message: str


def _about(name: str, group: str, kind: str) -> dict[str, Any]:
    parts = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in parts.items() if value}


def not_found(resource: Resource, name: str) -> ApiError:
    """404 for an object that isn't there."""
    details = _about(name, resource.group, resource.plural)
    return ApiError(404, "NotFound", f'{resource.name} "{name}" not found', details=details)


def no_such_resource() -> ApiError:
    """404 for a kind that isn't served in a group that is."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(resource: Resource, name: str) -> ApiError:
    """409 for a create with a taken name."""
    details = _about(name, resource.group, resource.plural)
    return ApiError(409, "AlreadyExists", f'{resource.name} "{name}" already exists', details=details)


def conflict(resource: Resource, name: str, why: str = "") -> ApiError:
    """409 for a write against an old resourceVersion, or a failed precondition."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    details = _about(name, resource.group, resource.plural)
    message = f'Operation cannot be fulfilled on {resource.name} "{name}": {why}'
    return ApiError(409, "Conflict", message, details=details)


def failed_precondition(resource: Resource, name: str, why: str) -> ApiError:
    """409 for a delete whose precondition doesn't hold; the API server names the kind here, not the resource."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    details = _about(name, resource.group, resource.kind)
    return ApiError(
        409, "Conflict", f'Operation cannot be fulfilled on {kind} "{name}": {why}', details=details
    )


def invalid(kind: str, group: str, name: str, causes: list[Cause]) -> ApiError:
    """422 with one cause for each field that's wrong."""
    told = [f"{cause.field}: {cause.message}" for cause in causes]
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details = _about(name, group, kind)
    details["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    full = f"{kind}.{group}" if group else kind
    return ApiError(422, "Invalid", f'{full} "{name}" is invalid: {text}', details=details)


def bad_request(message: str) -> ApiError:
    """400 with the reason in words."""
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    """401 for a token that nobody issued."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(message: str, details: dict[str, Any]) -> ApiError:
    """403 in the authorizer's words."""
    return ApiError(403, "Forbidden", message, details=details)


def method_not_allowed() -> ApiError:
    """405 for a method that this place doesn't know."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, details={})


def unsupported_media_type() -> ApiError:
    """415 for a body in a format that this place doesn't take."""
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", details={})


def too_large(limit: int) -> ApiError:
    """413 for a body beyond the limit, in bytes."""
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {limit}", details={})


def bad_patch() -> ApiError:
    """422 for a JSON patch that can't be applied; the API server says no more than this."""
    message = "the server rejected our request due to an error in our request"
    return ApiError(422, "Invalid", message, details={})


def expired(message: str) -> ApiError:
    """410 for a version that's no longer kept."""
    return ApiError(410, "Expired", message)


def version_too_large(asked: int, current: int) -> ApiError:
    """504 for a version that isn't reached yet."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return ApiError(504, "Timeout", message, details=details, retry_after=1)


def disruption_refused(budget: str, needed: int, healthy: int) -> ApiError:
    """429 for an eviction that a PodDisruptionBudget doesn't allow now."""
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    told = f"The disruption budget {budget} needs {needed} healthy pods and has {healthy} currently"
    details = {"causes": [{"reason": "DisruptionBudget", "message": told}]}
    return ApiError(429, "TooManyRequests", message, details=details)


def success(resource: Resource, name: str, uid: str) -> dict[str, Any]:
    """The answer to a delete that is done."""
    details = _about(name, resource.group, resource.plural) | {"uid": uid}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
