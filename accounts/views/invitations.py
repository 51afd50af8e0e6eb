"""Invitations, as those who manage members see them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import access, invitations, rules
from accounts.domain.rules import Refused
from accounts.forms import InvitationForm
from accounts.models import Invitation
from accounts.views.members import tabs
from srexpert.permissions import Role
from srexpert.web import confirmation
from srexpert.web.guard import OrganizationRequest, requires


def find(invitation_id: UUID) -> Invitation:
    """The open invitation, or Http404; another organization's isn't seen."""
    return get_object_or_404(Invitation.objects.open(), pk=invitation_id)


@requires("accounts.member.manage")
@require_safe
def show_list(request: OrganizationRequest) -> HttpResponse:
    """What is pending, the newest first; never more than were sent within days."""
    pending = Invitation.objects.open().with_senders()[:200]
    context = {"invitations": pending, "tabs": tabs(request, "invitations")}
    return render(request, "accounts/invitations/list.html", context)


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: OrganizationRequest) -> HttpResponse:
    """Offers membership to an address, by mail."""
    roles = rules.roles_to_give(request.access.role)
    form = InvitationForm(request.POST or None, initial={"role": Role.RESPONDER}, roles=roles)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invitations.invite(**form.cleaned_data, by=request.user)
        except Refused as error:
            form.add_error("email", str(error))
        else:
            messages.success(
                request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
            )
            return redirect("accounts:invitation-list", request.organization.slug)
    explained = [{"role": role, "abilities": access.labels_of(role)} for role in roles]
    return render(request, "accounts/invitations/invite.html", {"form": form, "explained": explained})


@requires("accounts.member.manage")
@require_POST
def resend(request: OrganizationRequest, invitation_id: UUID) -> HttpResponse:
    """Sends a new link; the earlier one ends."""
    try:
        invitation = invitations.resend(invitation=find(invitation_id), by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("accounts:invitation-list", request.organization.slug)


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: OrganizationRequest, invitation_id: UUID) -> HttpResponse:
    """Withdraws an invitation, after asking."""
    invitation = find(invitation_id)
    back = reverse("accounts:invitation-list", args=[request.organization.slug])
    if request.method == "POST":
        try:
            invitations.revoke(invitation=invitation, by=request.user)
        except Refused as error:
            messages.error(request, str(error))
        return redirect(back)
    return confirmation.ask(
        request,
        title=_("Withdraw the invitation to %(email)s?") % {"email": invitation.email},
        action_label=_("Withdraw invitation"),
        keep_url=back,
        keep_label=_("Keep invitation"),
        goes=_("the link in the mail, which stops working at once."),
        undo=_("The address can be invited again."),
    )
