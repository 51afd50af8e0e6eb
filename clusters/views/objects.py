"""One Kubernetes object: state and since when, cause and what changed, what to do, the facts."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from clusters.domain import history, inventory
from clusters.models import Cluster, Finding, KubernetesObject
from clusters.models.cluster import HEARTBEAT_SECONDS
from clusters.views.clusters import find
from srexpert.web.differences import compare
from srexpert.web.fragments import render_page
from srexpert.web.guard import OrganizationRequest, requires

NO_NAMESPACE = "-"


@requires("clusters.cluster.view")
@require_safe
def show(
    request: OrganizationRequest, cluster_id: UUID, kind: str, namespace: str, name: str
) -> HttpResponse:
    """An object's page; after a deletion and a new object of that name, the new one."""
    cluster = find(request, cluster_id)
    if kind == "Cluster":  # what a finding on the cluster itself names: its page is the cluster's
        return redirect("clusters:cluster-detail", request.organization.slug, cluster.pk)
    namespace = "" if namespace == NO_NAMESPACE else namespace
    held = KubernetesObject.objects.within(request.access.reach).named(cluster, kind, namespace, name)
    if held is None:
        raise Http404
    findings = _findings(cluster, held, request.access.reach)
    changes = history.of_object(held)
    latest = next((change for change in changes if change.before), None)
    context = {
        "cluster": cluster,
        "interval": HEARTBEAT_SECONDS,
        "held": held,
        "row": inventory.rows(cluster, [held])[0],
        "findings": findings,
        "changes": changes,
        "latest": latest,
        "difference": compare(latest.before, latest.after) if latest else [],
        "relations": inventory.relations(held, request.access.reach),
        "projection": history.as_yaml(held.projection),
        "commands": _commands(held),
        "facts": _facts(held),
        "fragments": ("object-live",),
    }
    return render_page(request, "clusters/objects/detail.html", context)


def _findings(cluster: Cluster, held: KubernetesObject, reach: Any) -> list[Finding]:
    """The open findings on the object, each with its cause as `.cause` where that is open and visible."""
    findings = list(
        Finding.objects.open()
        .filter(cluster=cluster, kind=held.kind, namespace=held.namespace, name=held.name)
        .worst_first()
    )
    keys = {finding.cause_key for finding in findings if finding.cause_key}
    causes = Finding.objects.open().within(reach).filter(cluster=cluster, key__in=keys)
    by_key = {cause.key: cause for cause in causes}
    for finding in findings:
        finding.cause = by_key.get(finding.cause_key)  # type: ignore[attr-defined]  # for the template
    return findings


def _commands(held: KubernetesObject) -> list[str]:
    """What to run for more than we may hold: the description, and the logs of what has any."""
    where = f" -n {held.namespace}" if held.namespace else ""
    commands = [f"kubectl describe {held.kind.lower()} {held.name}{where}"]
    if held.kind == "Pod":
        commands.append(f"kubectl logs {held.name}{where} --all-containers --previous")
    elif held.kind in history.WORKLOADS and held.kind != "CronJob":
        commands.append(f"kubectl logs {held.kind.lower()}/{held.name}{where} --all-containers --tail=100")
    return commands


def _facts(held: KubernetesObject) -> list[tuple[str, str]]:
    facts = [("API version", held.api_version), ("UID", held.uid), ("Node", held.node)]
    images = sorted(set(_images(held.projection)))
    return [fact for fact in facts if fact[1]] + [("Image", image) for image in images]


def _images(value: Any) -> list[str]:
    """All `image` texts of the containers in a projection."""
    if isinstance(value, dict):
        own = [value["image"]] if isinstance(value.get("image"), str) and "name" in value else []
        return own + [image for key, inner in value.items() if key != "status" for image in _images(inner)]
    if isinstance(value, list):
        return [image for inner in value for image in _images(inner)]
    return []
