"""Members: who they are, what they may do, how far it reaches."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import access, grants, memberships, rules
from accounts.domain.rules import Refused
from accounts.forms import GrantForm, ReachForm, RoleForm
from accounts.models import Invitation, Membership
from srexpert import discovery
from srexpert.permissions import ADMINISTRATORS
from srexpert.web import confirmation, filters
from srexpert.web.guard import OrganizationRequest, requires
from srexpert.web.pages import BadCursor, keyset


def find(membership_id: UUID) -> Membership:
    """The member, or Http404; another organization's isn't seen."""
    return get_object_or_404(Membership.objects.select_related("user"), pk=membership_id)


def page_of(request: OrganizationRequest, membership: Membership) -> str:
    """The address of a member's page."""
    return reverse("accounts:member-detail", args=[request.organization.slug, membership.pk])


@requires("accounts.member.view")
@require_safe
def show_list(request: OrganizationRequest) -> HttpResponse:
    """All members, in the order of names."""
    try:
        page = keyset(
            Membership.objects.with_people().with_reach(),
            order=["user__name", "user__email", "id"],
            cursor=request.GET.get("after", ""),
        )
    except BadCursor:
        return redirect("accounts:member-list", request.organization.slug)
    context = {
        "members": page.rows,
        "next_url": filters.with_parameters(request, after=page.next_cursor) if page.next_cursor else "",
        "tabs": tabs(request, "members"),
    }
    return render(request, "accounts/members/list.html", context)


def tabs(request: OrganizationRequest, here: str) -> list[dict[str, Any]]:
    """Members and, for those who may invite, what is pending."""
    if not request.access.may("accounts.member.manage"):
        return []
    slug, pending = request.organization.slug, Invitation.objects.open().count()
    return [
        {
            "label": _("Members"),
            "url": reverse("accounts:member-list", args=[slug]),
            "active": here == "members",
        },
        {
            "label": _("Invitations"),
            "url": reverse("accounts:invitation-list", args=[slug]),
            "active": here == "invitations",
            "count": pending or None,
        },
    ]


@requires("accounts.member.view")
@require_safe
def show(request: OrganizationRequest, membership_id: UUID) -> HttpResponse:
    """One member: role, reach, teams."""
    return _page(request, find(membership_id))


def _page(request: OrganizationRequest, member: Membership, **forms: Any) -> HttpResponse:
    """The page of a member, with the forms that the reader may use; `forms` are those with errors."""
    acting = rules.actor(request.user)
    clusters = discovery.grantable()
    context = {
        "member": member,
        "is_self": acting.pk == member.pk,
        "may_manage": rules.may_manage(acting, member),
        "administrator": member.role in ADMINISTRATORS,
        "role_form": RoleForm(initial={"role": member.role}, roles=rules.roles_to_give(acting.role)),
        "reach_form": ReachForm(initial={"whole_organization": "yes" if member.whole_organization else "no"}),
        "grant_form": GrantForm(clusters=clusters),
        "clusters": clusters,
        "grants": grants.described(member.grants.all(), clusters),
        "teams": [place.team for place in member.team_places.select_related("team").order_by("team__name")],
        "abilities": access.labels_of(member.role),
    }
    return render(request, "accounts/members/detail.html", context | forms)


@requires("accounts.member.manage")
@require_POST
def change_role(request: OrganizationRequest, membership_id: UUID) -> HttpResponse:
    """Another role, from the member's next request on."""
    member = find(membership_id)
    form = RoleForm(request.POST, roles=rules.roles_to_give(request.access.role))
    if form.is_valid():
        try:
            memberships.change_role(membership=member, role=form.cleaned_data["role"], by=request.user)
        except Refused as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("The role was changed. It holds from their next click on."))
            return redirect(page_of(request, member))
    return _page(request, member, role_form=form)


@requires("accounts.member.manage")
@require_POST
def set_reach(request: OrganizationRequest, membership_id: UUID) -> HttpResponse:
    """Everywhere, or only what is granted."""
    member = find(membership_id)
    form = ReachForm(request.POST)
    if form.is_valid():
        try:
            memberships.set_reach(membership=member, **form.cleaned_data, by=request.user)
        except Refused as error:
            form.add_error("whole_organization", str(error))
        else:
            messages.success(request, _("The reach was changed. It holds from their next click on."))
            return redirect(page_of(request, member))
    return _page(request, member, reach_form=form)


@requires("accounts.member.manage")
@require_POST
def add_grant(request: OrganizationRequest, membership_id: UUID) -> HttpResponse:
    """A cluster, or one of its namespaces, for the member."""
    member = find(membership_id)
    form = GrantForm(request.POST, clusters=discovery.grantable())
    if form.is_valid():
        try:
            grants.grant(
                to=member,
                cluster_id=form.cleaned_data["cluster"],
                namespace=form.cleaned_data["namespace"],
                by=request.user,
            )
        except Refused as error:
            form.add_error("cluster", str(error))
        else:
            return redirect(page_of(request, member))
    return _page(request, member, grant_form=form)


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: OrganizationRequest, membership_id: UUID) -> HttpResponse:
    """Ends a membership at once, after asking."""
    member = find(membership_id)
    name = member.user.get_full_name()
    if request.method == "POST":
        try:
            memberships.remove(membership=member, by=request.user)
        except Refused as error:
            messages.error(request, str(error))
            return redirect(page_of(request, member))
        messages.success(request, _("%(person)s is no longer a member.") % {"person": name})
        return redirect("accounts:member-list", request.organization.slug)
    return confirmation.ask(
        request,
        title=_("Remove %(person)s from %(organization)s?")
        % {"person": name, "organization": request.organization},
        action_label=_("Remove member"),
        keep_url=page_of(request, member),
        keep_label=_("Keep member"),
        goes=_("their access at once, their grants, their places in teams and in escalation policies."),
        stays=_("their account, and what they wrote and did here under their name."),
        undo=_("They can be invited again, but grants and teams have to be given anew."),
    )


@requires("accounts.organization.view")
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: OrganizationRequest) -> HttpResponse:
    """Ends one's own membership, after asking."""
    if request.method == "POST":
        try:
            memberships.leave(by=request.user)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("accounts:settings", request.organization.slug)
        messages.success(request, _("You left %(organization)s.") % {"organization": request.organization})
        return redirect("accounts:organization-list")
    return confirmation.ask(
        request,
        title=_("Leave %(organization)s?") % {"organization": request.organization},
        action_label=_("Leave organization"),
        keep_url=reverse("accounts:settings", args=[request.organization.slug]),
        keep_label=_("Stay"),
        goes=_("your access at once, your grants, your places in teams and in escalation policies."),
        stays=_("your account, and what you wrote and did here under your name."),
        undo=_("An owner or admin can invite you again."),
    )
