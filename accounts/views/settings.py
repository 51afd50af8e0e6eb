"""An organization's own page: its name, and what it can't change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain import organizations
from accounts.forms import RenameForm
from srexpert.web.guard import OrganizationRequest, requires


@requires("accounts.organization.view")
@require_safe
def show(request: OrganizationRequest) -> HttpResponse:
    """Name, address, age; and the ways to change or leave it."""
    return render(request, "accounts/settings/show.html", {"organization": request.organization})


@requires("accounts.organization.change")
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: OrganizationRequest) -> HttpResponse:
    """Another name for the organization; its addresses stay."""
    form = RenameForm(request.POST or None, initial={"name": request.organization.name})
    if request.method == "POST" and form.is_valid():
        organizations.rename(
            organization=request.organization, name=form.cleaned_data["name"], by=request.user
        )
        messages.success(request, _("The organization has a new name."))
        return redirect("accounts:settings", request.organization.slug)
    return render(request, "accounts/settings/rename.html", {"form": form})
