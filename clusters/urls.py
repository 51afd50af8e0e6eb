"""The addresses of clusters: pages under the organization, and what agents call."""

from django.urls import URLPattern, URLResolver, include, path

from clusters.api import agent
from clusters.views import clusters, fleet, objects

app_name = "clusters"

cluster_urls: list[URLPattern | URLResolver] = [
    path("", clusters.show, name="cluster-detail"),
    path("connect/", clusters.await_agent, name="cluster-await"),
    path("tokens/", clusters.issue_token, name="cluster-issue-token"),
    path("tokens/<uuid:agent_token_id>/revoke/", clusters.revoke_token, name="cluster-revoke-token"),
    # A namespace of `-` stands for none.
    path("objects/<str:kind>/<str:namespace>/<path:name>/", objects.show, name="object-detail"),
]
organization_urls: list[URLPattern | URLResolver] = [
    path("", fleet.show_fleet, name="fleet"),
    path("clusters/", fleet.show_list, name="cluster-list"),
    path("clusters/connect/", clusters.connect, name="cluster-connect"),
    path("clusters/<uuid:cluster_id>/", include(cluster_urls)),
]
urlpatterns = [
    path("o/<slug:organization>/", include(organization_urls)),
    path("api/agent/v1/enrol", agent.enrol, name="agent-enrol"),
    path("api/agent/v1/sync", agent.sync, name="agent-sync"),
    path("api/agent/v1/heartbeat", agent.heartbeat, name="agent-heartbeat"),
    path("api/agent/v1/commands", agent.commands, name="agent-commands"),
]
