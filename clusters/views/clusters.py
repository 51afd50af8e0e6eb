"""A cluster: connecting it, what is wrong in it, what is in it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clusters.domain import enrolment, history, inventory
from clusters.forms import ClusterForm
from clusters.forms.cluster import NAME_TAKEN
from clusters.models import AgentToken, Cluster, Finding, KindStatus, KubernetesObject
from clusters.models.cluster import HEARTBEAT_SECONDS
from srexpert.web import filters
from srexpert.web.fragments import render_page
from srexpert.web.guard import OrganizationRequest, requires
from srexpert.web.pages import BadCursor, keyset


def find(request: OrganizationRequest, cluster_id: UUID) -> Cluster:
    """The cluster, if the person may see at least a part of it; raises Http404."""
    reach = request.access.reach
    return get_object_or_404(Cluster.objects.within(reach).with_finding_counts(reach), pk=cluster_id)


@requires("clusters.cluster.connect")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def connect(request: OrganizationRequest) -> HttpResponse:
    """Asks for a name; then shows the agent's token, once, with what to run."""
    form = ClusterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cluster, token = enrolment.connect(name=form.cleaned_data["name"], by=request.user)
        except enrolment.NameTakenError:
            form.add_error("name", NAME_TAKEN)
        else:
            return render(request, "clusters/clusters/connect.html", _guide(cluster, token))
    return render(request, "clusters/clusters/connect_form.html", {"form": form})


@requires("clusters.cluster.connect")
@require_safe
def await_agent(request: OrganizationRequest, cluster_id: UUID) -> HttpResponse:
    """Waits for the agent's first contact, live; the token isn't shown again."""
    cluster = find(request, cluster_id)
    return render_page(request, "clusters/clusters/connect.html", _guide(cluster, ""))


@requires("clusters.cluster.connect")
@require_http_methods(["POST"])
@never_cache
def issue_token(request: OrganizationRequest, cluster_id: UUID) -> HttpResponse:
    """A further token, for rotation or because the first was lost; shown once."""
    cluster = find(request, cluster_id)
    token = enrolment.issue_token(cluster=cluster, by=request.user)
    return render(request, "clusters/clusters/connect.html", _guide(cluster, token))


@requires("clusters.cluster.connect")
@require_http_methods(["POST"])
def revoke_token(request: OrganizationRequest, cluster_id: UUID, agent_token_id: UUID) -> HttpResponse:
    """Ends a token at once."""
    cluster = find(request, cluster_id)
    agent_token = get_object_or_404(
        AgentToken.objects.select_related("token"), cluster=cluster, pk=agent_token_id
    )
    enrolment.revoke_token(agent_token=agent_token, by=request.user)
    messages.success(request, gettext("The token was revoked: its next request is refused."))
    return redirect("clusters:cluster-await", request.organization.slug, cluster.pk)


def _guide(cluster: Cluster, token: str) -> dict[str, Any]:
    kinds = KindStatus.objects.filter(cluster=cluster)
    watched = list(kinds.filter(status="watched").values_list("completed_at", flat=True))
    return {
        "cluster": cluster,
        "token": token,
        "tokens": AgentToken.objects.filter(cluster=cluster, token__revoked_at=None)
        .select_related("token", "created_by")
        .order_by("token__created_at"),
        "public_url": settings.PUBLIC_URL,
        "kinds_watched": len(watched),
        "kinds_complete": sum(completed is not None for completed in watched),
        "objects_held": KubernetesObject.objects.filter(cluster=cluster).count() if watched else 0,
        "fragments": ("waiting",),
    }


@requires("clusters.cluster.view")
@require_safe
def show(request: OrganizationRequest, cluster_id: UUID) -> HttpResponse:
    """What is wrong in a cluster, roots first, and its objects."""
    cluster = find(request, cluster_id)
    if cluster.last_contact_at is None:
        return redirect("clusters:cluster-await", request.organization.slug, cluster.pk)
    reach = request.access.reach
    wanted = {name: request.GET.get(name, "") for name in ("kind", "namespace")}
    try:
        page = keyset(
            _listed(cluster, reach, wanted),
            order=["namespace", "kind", "name", "id"],
            cursor=request.GET.get("after", ""),
        )
    except BadCursor:
        return redirect("clusters:cluster-detail", request.organization.slug, cluster.pk)
    context = {
        "cluster": cluster,
        "interval": HEARTBEAT_SECONDS,
        "findings": _by_root(cluster, reach),
        "rows": inventory.rows(cluster, page.rows),
        "next_url": filters.with_parameters(request, after=page.next_cursor) if page.next_cursor else "",
        "filters": _filters(request, cluster, wanted),
        "not_permitted": KindStatus.objects.filter(cluster=cluster, status__in=["not_permitted", "failing"]),
        "fragments": ("cluster-live",),
    }
    return render_page(request, "clusters/clusters/detail.html", context)


def _listed(cluster: Cluster, reach: Any, wanted: dict[str, str]) -> Any:
    held = KubernetesObject.objects.filter(cluster=cluster).within(reach)
    held = held.of_kinds([wanted["kind"]] if wanted["kind"] else list(history.WORKLOADS))
    return held.filter(namespace=wanted["namespace"]) if wanted["namespace"] else held


def _by_root(cluster: Cluster, reach: Any) -> list[dict[str, Any]]:
    """Open root findings, worst first, each with how many follow from it."""
    findings = list(
        Finding.objects.open().within(reach).filter(cluster=cluster, status="failing").worst_first()[:500]
    )
    causes = {finding.key: finding.cause_key for finding in findings}
    followers: dict[str, int] = {}
    for key in causes:
        root, seen = key, {key}
        while causes.get(root) and causes[root] not in seen:
            root = causes[root]
            seen.add(root)
        followers[root] = followers.get(root, 0) + (root != key)
    return [
        {"finding": finding, "followers": followers.get(finding.key, 0)}
        for finding in findings
        if not finding.cause_key or finding.cause_key not in causes
    ]


def _filters(request: OrganizationRequest, cluster: Cluster, wanted: dict[str, str]) -> list[dict[str, Any]]:
    kinds = KindStatus.objects.filter(cluster=cluster, status="watched").order_by("kind")
    namespaces = KubernetesObject.objects.filter(cluster=cluster, kind="Namespace").within(
        request.access.reach
    )
    return [
        filters.choice(request, "kind", "Kind", wanted["kind"], kinds.values_list("kind", flat=True)),
        filters.choice(
            request,
            "namespace",
            "Namespace",
            wanted["namespace"],
            namespaces.order_by("name").values_list("name", flat=True)[:200],
        ),
    ]
