"""Subresources that do more than show a part: scale, eviction, binding, tokens; and the reviews of access."""

from datetime import timedelta
from typing import Any

from clusters.simulator.apiserver import access, selectors, statuses
from clusters.simulator.apiserver.access import Attributes, Authenticator
from clusters.simulator.apiserver.requests import Answer, Request, Target, answer
from clusters.simulator.apiserver.statuses import Cause
from clusters.simulator.apiserver.store import Object
from clusters.simulator.apiserver.writer import Actor, DeleteOptions, Writer
from clusters.simulator.apiserver.writing import actor_of, patcher
from clusters.simulator.clock import stamp


def _current(writer: Writer, target: Target) -> Object:
    found = writer.store.get(target.resource.storage, target.namespace, target.name)
    if found is None:
        raise statuses.not_found(target.resource, target.name)
    return found


def _scale_of(obj: Object) -> Object:
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Object = {"replicas": obj.get("status", {}).get("replicas", 0)}
    if selector := obj["spec"].get("selector"):
        status["selector"] = selectors.as_text(
            selector if "matchLabels" in selector else {"matchLabels": selector}
        )
    replicas = obj["spec"].get("replicas") or 0
    return {
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {key: metadata[key] for key in kept},
        "spec": {"replicas": replicas} if replicas else {}, "status": status,
    }  # fmt: skip


def scale(writer: Writer, request: Request, target: Target) -> Answer:
    """GET, PUT and PATCH of /scale.

    Raises ApiError: 404, 409 for another version, 422 for a negative number.
    """
    if request.method == "GET":
        return answer(_scale_of(_current(writer, target)))
    change = patcher(request, target.resource) if request.method == "PATCH" else lambda _: request.decoded()

    def scaled(obj: Object) -> Object:
        wanted = change(_scale_of(obj))
        replicas = (wanted.get("spec") or {}).get("replicas") or 0
        if replicas < 0:
            told = f"Invalid value: {replicas}: must be greater than or equal to 0"
            raise statuses.invalid(
                "Scale", "autoscaling", target.name, [Cause("spec.replicas", "FieldValueInvalid", told)]
            )
        version = (wanted.get("metadata") or {}).get("resourceVersion")
        if version:
            obj["metadata"]["resourceVersion"] = version
        obj["spec"]["replicas"] = replicas
        return obj

    actor = actor_of(request, subresource="scale")
    made = writer.update(
        target.resource, target.namespace, target.name, scaled, actor, dry_run=request.dry_run
    )
    return answer(_scale_of(made))


def evict(writer: Writer, request: Request, target: Target) -> Answer:
    """POST to /eviction: a delete that PodDisruptionBudgets may refuse.

    Raises ApiError: 404, 429 while a budget allows no disruption.
    """
    body = request.decoded() if request.body.strip() else {}
    options = body.get("deleteOptions") or {}
    dry_run = request.dry_run or options.get("dryRun") == ["All"]
    with writer.store.lock:
        pod = _current(writer, target)
        ready = any(
            c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", ())
        )
        for budget in _budgets_over(writer, pod) if ready else ():
            status = budget.get("status", {})
            if status.get("disruptionsAllowed", 0) < 1:
                healthy, needed = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
                raise statuses.disruption_refused(budget["metadata"]["name"], needed, healthy)
            if not dry_run:
                writer.edit(
                    "poddisruptionbudgets.policy",
                    budget,
                    _spend,
                    Actor("kube-apiserver", subresource="status"),
                )
        grace = options.get("gracePeriodSeconds")
        writer.delete(
            target.resource, target.namespace, target.name, DeleteOptions(grace=grace, dry_run=dry_run)
        )
    return answer(
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201
    )


def _spend(budget: Object) -> None:
    budget["status"]["disruptionsAllowed"] -= 1


def _budgets_over(writer: Writer, pod: Object) -> list[Object]:
    labels = pod["metadata"].get("labels") or {}
    budgets = writer.store.all("poddisruptionbudgets.policy", pod["metadata"]["namespace"])
    return [budget for budget in budgets if selectors.matches(budget["spec"].get("selector"), labels)]


def bind(writer: Writer, request: Request, target: Target) -> Answer:
    """POST to /binding: put a pod on a node.

    Raises ApiError: 404, 409 for a pod that has a node already.
    """
    node = ((request.decoded() or {}).get("target") or {}).get("name", "")
    pod = _current(writer, target)
    if pod["spec"].get("nodeName"):
        told = f'pod {target.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        raise statuses.conflict(target.resource, target.name, told)
    writer.store.write(
        "pods", dict(pod, spec=dict(pod["spec"], nodeName=node), metadata=dict(pod["metadata"]))
    )
    return answer(
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201
    )


def request_token(writer: Writer, users: Authenticator, request: Request, target: Target) -> Answer:
    """POST to a service account's /token: a bearer token for it.

    Raises ApiError (404) for an account that isn't there.
    """
    _current(writer, target)
    body = request.decoded() if request.body.strip() else {}
    spec = body.get("spec") or {}
    seconds = spec.get("expirationSeconds") or 3600
    name = f"system:serviceaccount:{target.namespace}:{target.name}"
    token = f"simulated.{writer.uid()}"
    if not request.dry_run:
        users.issue(token, access.user_named(name))
    expires = stamp(writer.clock.now() + timedelta(seconds=seconds))
    made = {
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": target.name, "namespace": target.namespace},
        "spec": {"audiences": ["https://kubernetes.default.svc"], "expirationSeconds": seconds, **spec},
        "status": {"token": token, "expirationTimestamp": expires},
    }  # fmt: skip
    return answer(made, 201)


def _attributes(spec: dict[str, Any]) -> Attributes:
    if wanted := spec.get("nonResourceAttributes"):
        return Attributes(wanted.get("verb", ""), path=wanted.get("path", ""))
    wanted = spec.get("resourceAttributes") or {}
    fields = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Attributes(**{field: wanted.get(field, "") for field in fields})


def review(writer: Writer, users: Authenticator, request: Request, target: Target) -> Answer:
    """POST of SelfSubjectAccessReview, SelfSubjectRulesReview, TokenReview: answered, never stored."""
    body = request.decoded() or {}
    spec = body.get("spec") or {}
    kind = target.resource.kind
    if kind == "TokenReview":
        user = users.by_token(spec.get("token", ""))
        known = {"user": {"username": user.name, "groups": list(user.groups)}} if user else {}
        status: dict[str, Any] = {"authenticated": user is not None, **known}
    elif kind == "SelfSubjectRulesReview":
        rules = access.rules_for(writer.store, request.user, spec.get("namespace", ""))
        if access.ADMINS in request.user.groups:
            rules = [
                {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
                {"verbs": ["*"], "nonResourceURLs": ["*"]},
            ]
        status = {
            "resourceRules": [rule for rule in rules if "resources" in rule],
            "nonResourceRules": [rule for rule in rules if "nonResourceURLs" in rule],
            "incomplete": False,
        }
    else:
        status = {"allowed": access.allowed(writer.store, request.user, _attributes(spec))}
    head = {
        "kind": kind,
        "apiVersion": target.resource.group_version,
        "metadata": {"creationTimestamp": None},
    }
    return answer({**head, "spec": spec, "status": status}, 201)
