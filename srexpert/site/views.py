"""Home, liveness, readiness, and the gallery of components."""

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from srexpert.outbox import dispatch
from srexpert.web import gallery
from srexpert.web.guard import personal, public

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


@personal
@require_safe
def show_gallery(request: HttpRequest) -> HttpResponse:
    """Every shared component in all of its states, for staff."""
    if not request.user.is_staff:
        raise Http404
    theme = request.GET.get("theme", "")
    return render(
        request,
        "srexpert/gallery.html",
        gallery.examples() | ({"theme": theme} if theme in {"light", "dark"} else {}),
    )
