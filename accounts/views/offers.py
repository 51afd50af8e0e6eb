"""Invitations, as those who got one see them."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain import invitations
from accounts.domain.invitations import Offer
from accounts.domain.rules import Refused
from srexpert.web.guard import personal, public


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, secret: str) -> HttpResponse:
    """What a mail's link offers: to join, to log in, to sign up, or why it can't be.

    The link went to the mailbox only, so a sign-up with this address, while the offer is open, needs no second mail.
    """
    offer = invitations.offer_of(secret)
    if offer is None:
        return render(request, "accounts/offers/gone.html")
    if not request.user.is_authenticated:
        get_adapter(request).stash_offer(request, offer)
        return render(request, "accounts/offers/show.html", {"offer": offer, "for_other": False})
    if request.method == "POST":
        return _accept(request, offer)
    for_other = offer.email not in invitations.verified_addresses(request.user)
    return render(request, "accounts/offers/show.html", {"offer": offer, "for_other": for_other})


@personal
@require_POST
def accept(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Joins by an invitation to one of the person's own addresses, without its mail at hand."""
    offer = invitations.offer_to(request.user, invitation_id)  # type: ignore[arg-type]  # personal: not anonymous
    if offer is None:
        raise Http404
    return _accept(request, offer)


def _accept(request: HttpRequest, offer: Offer) -> HttpResponse:
    try:
        organization = invitations.accept(offer=offer, by=request.user)  # type: ignore[arg-type]  # logged in
    except Refused as error:
        messages.error(request, str(error))
        return redirect("accounts:organization-list")
    messages.success(request, _("You are now a member of %(organization)s.") % {"organization": organization})
    return redirect("accounts:organization-open", organization.slug)
