"""The addresses of alerts."""

from django.urls import include, path

from alerts.views import incidents, policies

app_name = "alerts"

# /o/<organization>/incidents/<number>/
incident_urls = [
    path("", incidents.show, name="incident-detail"),
    path("acknowledge/", incidents.acknowledge, name="incident-acknowledge"),
    path("resolve/", incidents.resolve, name="incident-resolve"),
    path("reopen/", incidents.reopen, name="incident-reopen"),
    path("comments/", incidents.comment, name="incident-comment"),
    path("decisions/", incidents.show_trail, name="incident-trail"),
]

# /o/<organization>/escalation/
policy_urls = [
    path("", policies.show, name="policy-detail"),
    path("edit/", policies.edit, name="policy-edit"),
    path("webhooks/add/", policies.add_webhook, name="webhook-add"),
    path("webhooks/<uuid:webhook>/test/", policies.test_webhook, name="webhook-test"),
    path("webhooks/<uuid:webhook>/remove/", policies.remove_webhook, name="webhook-remove"),
]

urlpatterns = [
    path("o/<slug:organization>/incidents/", incidents.show_list, name="incident-list"),
    path("o/<slug:organization>/incidents/<int:number>/", include(incident_urls)),
    path("o/<slug:organization>/escalation/", include(policy_urls)),
]
