"""Incidents: which ones there are, and one of them with its cause, what to do, why paged, its history."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.domain import causes, incidents, sights, timelines, trails
from alerts.enums import IncidentState, Severity
from alerts.forms import CommentForm
from alerts.models import Alert, Incident
from srexpert.web import confirmation, filters
from srexpert.web.fragments import render_page
from srexpert.web.guard import OrganizationRequest, requires
from srexpert.web.pages import BadCursor, keyset

_STATES = ("open", *IncidentState.values, "all")
_SEVERITIES = tuple(severity.word for severity in reversed(Severity))
_TRAIL_PAGE = 100


def find(request: OrganizationRequest, number: int) -> Incident:
    """The incident in the words of what the person may see of it; raises Http404 when that is nothing."""
    reach = request.access.reach
    found = get_object_or_404(Incident.objects.within(reach).with_people(), number=number)
    return sights.seen([found], reach)[0]


@requires("alerts.incident.view")
@require_safe
def show_list(request: OrganizationRequest) -> HttpResponse:
    """Open incidents, the most urgent first; or others by state and severity."""
    state = request.GET.get("state", "")
    severity = request.GET.get("severity", "")
    rows = Incident.objects.within(request.access.reach).standing().with_people()
    rows = rows.in_state(state if state in _STATES else "open")
    if severity in _SEVERITIES:
        rows = rows.filter(severity=Severity.of(severity))
    order = ["-severity", "number"] if state in {"", "open", *IncidentState.values[:2]} else ["-number"]
    try:
        page = keyset(rows, order=order, cursor=request.GET.get("after", ""))
    except BadCursor:
        return redirect(filters.with_parameters(request, after=""))
    context = {
        "incidents": sights.seen(page.rows, request.access.reach),
        "next_url": filters.with_parameters(request, after=page.next_cursor) if page.next_cursor else "",
        "filters": [
            filters.choice(request, "state", "State", state, _STATES) | {"value": state or "open"},
            filters.choice(request, "severity", "Severity", severity, _SEVERITIES),
        ],
        "is_filtered": bool(state or severity),
        "fragments": ("incidents-live",),
    }
    return render_page(request, "alerts/incidents/list.html", context)


@requires("alerts.incident.view")
@require_safe
def show(request: OrganizationRequest, number: int) -> HttpResponse:
    """One incident in the order of a detail page: state, cause, what to do, what fails, why paged, history."""
    return _page(request, find(request, number), CommentForm())


def _page(
    request: OrganizationRequest, incident: Incident, form: CommentForm, status: int = 200
) -> HttpResponse:
    reach = request.access.reach
    alerts = causes.alerts_of(incident, Alert.objects.within(reach))
    only = request.GET.get("timeline", "")
    whole = sights.whole(incident, reach)
    names = ("", *timelines.FILTERS)
    context: dict[str, Any] = {
        "incident": incident,
        "alerts": alerts,
        "whole": whole,
        "firing": sum(alert.state == "firing" for alert in alerts),
        "chain": causes.chain(incident, alerts),
        "steps": causes.steps(incident, alerts, may_resolve=whole),
        "affected": causes.affected(alerts),
        "trail": trails.summary(incident, reach),
        "ahead": timelines.ahead(incident),
        "timeline": timelines.lines(incident, reach=reach, only=only),
        "timeline_filters": [
            {
                "label": (name or "all").capitalize(),
                "url": filters.with_parameters(request, timeline=name),
                "active": name == only,
            }
            for name in names
        ],
        "form": form,
        "fragments": ("incident-live",),
    }
    return render_page(request, "alerts/incidents/detail.html", context, status=status)


@requires("alerts.incident.view")
@require_safe
def show_trail(request: OrganizationRequest, number: int) -> HttpResponse:
    """Every decision about an incident and its alerts, each with its reason, in the order they were taken."""
    incident = find(request, number)
    rows = trails.decisions_of(incident, request.access.reach)
    try:
        page = keyset(rows, order=["pk"], cursor=request.GET.get("after", ""), size=_TRAIL_PAGE)
    except BadCursor:
        return redirect(filters.with_parameters(request, after=""))
    next_url = filters.with_parameters(request, after=page.next_cursor) if page.next_cursor else ""
    context = {"incident": incident, "decisions": page.rows, "next_url": next_url}
    return render_page(request, "alerts/incidents/trail.html", context)


def _act(
    request: OrganizationRequest, number: int, verb: Callable[..., object], done: str, **words: Any
) -> HttpResponse:
    """Does one thing to an incident and goes back to its page, with a word about what happened."""
    incident = find(request, number)
    try:
        verb(incident=incident, by=request.user, **words)
    except incidents.OutOfReachError as error:
        context = {"incident": incident, "reason": str(error)}
        return render(request, "alerts/incidents/out_of_reach.html", context, status=403)
    except incidents.WrongStateError as error:
        messages.warning(request, f"{error}. Nothing was changed.")
    else:
        messages.success(request, f"{incident.label} {done}")
    return redirect("alerts:incident-detail", request.organization.slug, number)


@requires("alerts.incident.acknowledge")
@require_POST
def acknowledge(request: OrganizationRequest, number: int) -> HttpResponse:
    """Takes the incident: its escalation stops."""
    return _act(request, number, incidents.acknowledge, "is yours. The escalation stopped.")


@requires("alerts.incident.acknowledge")
@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: OrganizationRequest, number: int) -> HttpResponse:
    """Ends the incident; asks first, where a page leads here because something of it still fails."""
    if request.method != "POST":
        incident = find(request, number)
        return confirmation.ask(
            request,
            title=f"Resolve {incident.label} although it still fails",
            action_label="Resolve incident",
            keep_url=reverse("alerts:incident-detail", args=[request.organization.slug, number]),
            keep_label="Keep it open",
            goes="the escalation: nobody is paged again for what fails now, unless it gets worse.",
            stays="the timeline, and the findings on the cluster's page.",
            undo="It can be reopened, and is then escalated anew.",
        )
    return _act(request, number, incidents.resolve, "is resolved.", reach=request.access.reach)


@requires("alerts.incident.acknowledge")
@require_POST
def reopen(request: OrganizationRequest, number: int) -> HttpResponse:
    """Puts a resolved incident back and escalates anew."""
    words = {"reason": "{person} found that it is not over", "reach": request.access.reach}
    return _act(request, number, incidents.reopen, "is open again.", **words)


@requires("alerts.incident.comment")
@require_POST
def comment(request: OrganizationRequest, number: int) -> HttpResponse:
    """Adds a person's words to the timeline."""
    incident = find(request, number)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, form, status=422)
    incidents.comment(incident=incident, by=request.user, text=form.cleaned_data["text"])
    return redirect("alerts:incident-detail", request.organization.slug, number)
