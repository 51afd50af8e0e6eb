"""Home, liveness, readiness."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from srexpert.outbox import dispatch
from srexpert.web.guard import public

_STUCK_SECONDS = 60


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The door: people who are logged in go on to their organization."""
    if request.user.is_authenticated:
        return redirect("accounts:start")
    return render(request, "srexpert/home.html", {})


@public
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Readiness: the database answers, and the outbox isn't stuck (its lag is in the body, in seconds)."""
    try:
        lag = dispatch.lag_seconds()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "away"}, status=503)
    stuck = lag > _STUCK_SECONDS
    return JsonResponse(
        {"ready": not stuck, "outbox_lag_seconds": round(lag, 1)}, status=503 if stuck else 200
    )
