"""Which organizations a person belongs to, and making one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain import access, invitations, organizations
from accounts.domain.rules import Refused
from accounts.forms import OrganizationForm
from srexpert.web.guard import OrganizationRequest, personal, requires


@personal
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where one goes after log-in: into the only organization, or to the choice."""
    memberships = access.memberships_of(request.user)  # type: ignore[arg-type]  # personal: not anonymous
    if len(memberships) == 1 and not invitations.offers_to(request.user):  # type: ignore[arg-type]  # the same
        here = memberships[0]
        return redirect(access.landing_url(role=here.role, slug=here.organization.slug))
    return redirect("accounts:organization-list")


@personal
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The person's organizations, and the invitations to others."""
    person = request.user
    rows = [
        {"membership": m, "url": access.landing_url(role=m.role, slug=m.organization.slug)}
        for m in access.memberships_of(person)  # type: ignore[arg-type]  # personal: not anonymous
    ]
    context = {"rows": rows, "offers": invitations.offers_to(person)}  # type: ignore[arg-type]  # the same
    return render(request, "accounts/organizations/list.html", context)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new organization, of which the person is the owner."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization = organizations.create(**form.cleaned_data, by=request.user)  # type: ignore[arg-type]  # the same
        except Refused as error:
            form.add_error("slug", str(error))
        else:
            return redirect("accounts:organization-open", organization.slug)
    return render(request, "accounts/organizations/create.html", {"form": form})


@requires("accounts.organization.view")
@require_safe
def enter(request: OrganizationRequest) -> HttpResponse:
    """Into an organization: to the first page that the role may see."""
    return redirect(access.landing_url(role=request.access.role, slug=request.organization.slug))
