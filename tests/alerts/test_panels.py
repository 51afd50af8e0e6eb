"""What alerting shows on the fleet page: the one thing that needs a person, open incidents, the noise."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.domain import access
from accounts.models import Grant, Membership
from alerts import panels
from alerts.domain import figures, incidents
from srexpert import discovery
from srexpert.outbox import dispatch
from srexpert.tenancy import acting_for
from tests.factories import alerts as make


def shown(person, place: str = "FLEET") -> dict[str, object]:
    """Template → context, of what the person is shown; rendered, so that a broken template fails."""
    request = RequestFactory().get("/o/northwind/")
    request.user = person
    with access.enter(person=person, slug="northwind") as granted:
        request.access = granted
        found = [p for p in discovery.panels(place, request) if p.template.startswith("alerts/")]
        for panel in found:
            render_to_string(panel.template, {"panel": panel.context, "access": granted}, request=request)
    return {panel.template: panel.context for panel in found}


def test_panels_show_the_most_urgent_incident_that_nobody_has(cast):
    with acting_for(cast.northwind):
        make.fire("a", severity="low")
        make.fire("b", severity="critical", title="The worst")
        incidents.acknowledge(incident=make.fire("c", severity="critical"), by=cast.responder)

    found = shown(cast.responder)

    assert found["alerts/panels/needs_person.html"]["incident"].title == "The worst"
    assert [i.number for i in found["alerts/panels/open_incidents.html"]["incidents"]] == [2, 3, 1]


def test_panels_without_an_incident_show_no_call(cast):
    assert list(shown(cast.viewer)) == ["alerts/panels/open_incidents.html", "alerts/panels/noise.html"]


def test_panels_are_not_shown_to_billing(cast):
    assert shown(cast.billing) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_panels_cost_the_same_whatever_they_show(cast, count, django_assert_num_queries):
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        for n in range(count):
            make.fire(f"pod-{n}")
        request = RequestFactory().get("/o/northwind/")
        request.access = type("Access", (), {"may": lambda *_: True, "reach": access.EVERYTHING})()
        with django_assert_num_queries(8):
            for maker in panels.FLEET:
                maker(request)


def test_noise_counts_each_thing_once_and_only_what_is_in_reach(cast, settings):
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        make.fire("pod-1", cause="node")
        make.fire("pod-2", cause="node", namespace="bank")
        make.fire("pod-2", version=2, cause="node", namespace="bank")
        make.clear("pod-1")
        make.clear("pod-1")
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        dispatch.drain()

        noise = figures.noise(days=7)
        assert (noise.signals, noise.alerts, noise.incidents, noise.pages) == (4, 2, 1, 1)

        member = Membership.objects.get(user=cast.viewer)
        Membership.objects.filter(pk=member.pk).update(whole_organization=False)
        Grant.objects.create(membership=member, cluster_id=make.CLUSTER, namespace="bank")
    seen = shown(cast.viewer)["alerts/panels/noise.html"]["noise"]
    assert (seen.signals, seen.alerts, seen.incidents) == (2, 1, 1)
