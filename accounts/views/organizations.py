"""Which organizations a person belongs to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Membership
from srexpert.tenancy import entering
from srexpert.web.guard import personal


@personal
@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The person's organizations, to choose from."""
    with entering(request.user):
        memberships = list(Membership.objects.filter(user=request.user).select_related("organization"))
        return render(request, "accounts/organizations/list.html", {"memberships": memberships})
