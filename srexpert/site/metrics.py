"""Prometheus metrics: how much work waits, for how long, and what was given up; nothing of any tenant."""

import hmac

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from srexpert.outbox import dispatch
from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy import acting_everywhere
from srexpert.web.guard import public

_LOOPBACK = {"127.0.0.1", "::1"}


@public
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For the operator's Prometheus: with METRICS_TOKEN by that bearer, else from this machine only.

    Behind a proxy everybody seems to come from this machine, so there only the token counts. For others the
    address doesn't exist.
    """
    if not _may_read(request):
        raise Http404
    return HttpResponse(generate_latest(_collect()), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return not settings.BEHIND_PROXY and request.META.get("REMOTE_ADDR") in _LOOPBACK


def _collect() -> CollectorRegistry:
    """Reads the figures now; a registry of its own, since each web process would count for itself otherwise."""
    registry = CollectorRegistry()
    lag = Gauge("srexpert_outbox_lag_seconds", "Age of the oldest overdue work", registry=registry)
    lag.set(dispatch.lag_seconds())
    waiting = Gauge(
        "srexpert_outbox_messages",
        "Work in the outbox that isn't done",
        ["topic", "state"],
        registry=registry,
    )
    with acting_everywhere(reason="metrics"):
        counted = (
            OutboxMessage.objects.filter(state__in=["pending", "running", "dead"])
            .values_list("topic", "state")
            .annotate(number=Count("id"))
        )
        for topic, state, number in counted:
            waiting.labels(topic, state).set(number)
    return registry
