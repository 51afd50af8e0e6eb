"""The addresses of clusters: pages under the organization, and what agents call."""

from django.urls import path

from clusters.api import agent

app_name = "clusters"
urlpatterns = [
    path("api/agent/v1/enrol", agent.enrol, name="agent-enrol"),
    path("api/agent/v1/sync", agent.sync, name="agent-sync"),
    path("api/agent/v1/heartbeat", agent.heartbeat, name="agent-heartbeat"),
    path("api/agent/v1/commands", agent.commands, name="agent-commands"),
]
