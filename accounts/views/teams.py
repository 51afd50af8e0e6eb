"""Teams: members who are granted things, and paged, together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import grants, teams
from accounts.domain.rules import Refused
from accounts.forms import GrantForm, TeamForm, TeamMemberForm
from accounts.models import Membership, Team, TeamMember
from srexpert import discovery
from srexpert.web import confirmation, filters
from srexpert.web.guard import OrganizationRequest, requires
from srexpert.web.pages import BadCursor, keyset


def find(team_id: UUID) -> Team:
    """The team, or Http404; another organization's isn't seen."""
    return get_object_or_404(Team, pk=team_id)


@requires("accounts.member.view")
@require_safe
def show_list(request: OrganizationRequest) -> HttpResponse:
    """All teams, in the order of names."""
    try:
        page = keyset(Team.objects.with_counts(), order=["name", "id"], cursor=request.GET.get("after", ""))
    except BadCursor:
        return redirect("accounts:team-list", request.organization.slug)
    next_url = filters.with_parameters(request, after=page.next_cursor) if page.next_cursor else ""
    return render(request, "accounts/teams/list.html", {"teams": page.rows, "next_url": next_url})


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: OrganizationRequest) -> HttpResponse:
    """A new team, without members."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = teams.create(name=form.cleaned_data["name"], by=request.user)
        except Refused as error:
            form.add_error("name", str(error))
        else:
            return redirect("accounts:team-detail", request.organization.slug, team.pk)
    return render(request, "accounts/teams/edit.html", {"form": form, "team": None})


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """Another name for a team."""
    team = find(team_id)
    form = TeamForm(request.POST or None, initial={"name": team.name})
    if request.method == "POST" and form.is_valid():
        try:
            teams.rename(team=team, name=form.cleaned_data["name"], by=request.user)
        except Refused as error:
            form.add_error("name", str(error))
        else:
            return redirect("accounts:team-detail", request.organization.slug, team.pk)
    return render(request, "accounts/teams/edit.html", {"form": form, "team": find(team_id)})


@requires("accounts.member.view")
@require_safe
def show(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """One team: members, grants."""
    return _page(request, find(team_id))


def _page(request: OrganizationRequest, team: Team, **forms: Any) -> HttpResponse:
    """The page of a team; `forms` are those with errors."""
    clusters = discovery.grantable()
    places = TeamMember.objects.filter(team=team).select_related("membership__user")
    context = {
        "team": team,
        "places": places.order_by("membership__user__name", "membership__user__email"),
        "grants": grants.described(team.grants.all(), clusters),
        "clusters": clusters,
        "member_form": TeamMemberForm(members=Membership.objects.with_people().outside(team)),
        "grant_form": GrantForm(clusters=clusters),
    }
    return render(request, "accounts/teams/detail.html", context | forms)


@requires("accounts.member.manage")
@require_POST
def add_member(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """Puts a member into the team."""
    team = find(team_id)
    form = TeamMemberForm(request.POST, members=Membership.objects.with_people())
    if not form.is_valid():
        return _page(request, team, member_form=form)
    teams.add_member(team=team, membership=form.cleaned_data["membership"], by=request.user)
    return redirect("accounts:team-detail", request.organization.slug, team.pk)


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request: OrganizationRequest, team_id: UUID, place_id: UUID) -> HttpResponse:
    """Takes a member out of the team, after asking."""
    place = get_object_or_404(
        TeamMember.objects.select_related("membership__user", "team"), pk=place_id, team=team_id
    )
    if request.method == "POST":
        teams.remove_member(place=place, by=request.user)
        return redirect("accounts:team-detail", request.organization.slug, team_id)
    names = {"person": place.membership.user.get_full_name(), "team": place.team.name}
    return confirmation.ask(
        request,
        title=_("Take %(person)s out of %(team)s?") % names,
        action_label=_("Take out of team"),
        keep_url=reverse("accounts:team-detail", args=[request.organization.slug, team_id]),
        keep_label=_("Keep in team"),
        goes=_("what they reach and are paged for through this team, at once."),
        stays=_("their membership and their own grants."),
        undo=_("They can be put into the team again."),
    )


@requires("accounts.member.manage")
@require_POST
def add_grant(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """A cluster, or one of its namespaces, for the team."""
    team = find(team_id)
    form = GrantForm(request.POST, clusters=discovery.grantable())
    if not form.is_valid():
        return _page(request, team, grant_form=form)
    grants.grant(
        to=team,
        cluster_id=form.cleaned_data["cluster"],
        namespace=form.cleaned_data["namespace"],
        by=request.user,
    )
    return redirect("accounts:team-detail", request.organization.slug, team.pk)


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """Ends a team, after asking."""
    team = find(team_id)
    if request.method == "POST":
        teams.delete(team=team, by=request.user)
        messages.success(request, _("Team %(team)s is gone; its members stay members.") % {"team": team.name})
        return redirect("accounts:team-list", request.organization.slug)
    return confirmation.ask(
        request,
        title=_("Delete team %(team)s?") % {"team": team.name},
        action_label=_("Delete team"),
        keep_url=reverse("accounts:team-detail", args=[request.organization.slug, team.pk]),
        keep_label=_("Keep team"),
        goes=_("the team, what it was granted, and its places in escalation policies."),
        stays=_("its members, with their own roles and grants."),
        undo=_("This can't be undone; a team of that name can be made again."),
    )
