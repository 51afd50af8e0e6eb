"""The fleet: what is broken, since when, and what changed."""

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clusters.domain import history
from clusters.models import Cluster
from clusters.models.cluster import HEARTBEAT_SECONDS
from srexpert import clock, discovery
from srexpert.web.fragments import render_page
from srexpert.web.guard import OrganizationRequest, requires

_HOUR = timedelta(hours=1)


@requires("clusters.cluster.view")
@require_safe
def show_fleet(request: OrganizationRequest) -> HttpResponse:
    """All clusters of the organization, with the panels that other apps show here."""
    reach = request.access.reach
    clusters = list(Cluster.objects.connected().within(reach).with_finding_counts(reach).order_by("name"))
    changes = history.of_workloads([c.pk for c in clusters], since=clock.now() - _HOUR, reach=reach)
    context = {
        "clusters": clusters,
        "changes": changes,
        "interval": HEARTBEAT_SECONDS,
        "now": clock.now(),
        "panels": discovery.panels("FLEET", request),
        "fragments": ("fleet-live",),
    }
    return render_page(request, "clusters/fleet/show.html", context)


@requires("clusters.cluster.view")
@require_safe
def show_list(request: OrganizationRequest) -> HttpResponse:
    """The clusters alone, disconnected ones too."""
    reach = request.access.reach
    clusters = list(Cluster.objects.within(reach).with_finding_counts(reach).order_by("name"))
    context = {"clusters": clusters, "interval": HEARTBEAT_SECONDS, "fragments": ("clusters-live",)}
    return render_page(request, "clusters/clusters/list.html", context)
