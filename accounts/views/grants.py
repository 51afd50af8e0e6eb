"""Takes grants back, from members and teams alike."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain import grants
from accounts.domain.rules import Refused
from accounts.models import Grant
from srexpert import discovery
from srexpert.web import confirmation
from srexpert.web.guard import OrganizationRequest, requires


@requires("accounts.member.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: OrganizationRequest, grant_id: UUID) -> HttpResponse:
    """Takes a grant back at once, after asking."""
    grant = get_object_or_404(Grant.objects.select_related("membership__user", "team"), pk=grant_id)
    slug = request.organization.slug
    if grant.team is not None:
        back, holder = reverse("accounts:team-detail", args=[slug, grant.team.pk]), grant.team.name
    else:
        back = reverse("accounts:member-detail", args=[slug, grant.membership_id])
        holder = grant.membership.user.get_full_name()  # type: ignore[union-attr]  # a member or a team
    if request.method == "POST":
        try:
            grants.revoke(grant=grant, by=request.user)
        except Refused as error:
            messages.error(request, str(error))
        return redirect(back)
    cluster = str(grants.described([grant], discovery.grantable())[0]["cluster"]) or str(grant.cluster_id)
    what = _("namespace %(namespace)s of %(cluster)s") if grant.namespace else _("cluster %(cluster)s")
    return confirmation.ask(
        request,
        title=_("Take the grant back?"),
        action_label=_("Take grant back"),
        keep_url=back,
        keep_label=_("Keep grant"),
        goes=_("the access of %(holder)s to %(what)s, at once, unless another grant gives it.")
        % {"holder": holder, "what": what % {"namespace": grant.namespace, "cluster": cluster}},
        stays=_("role and membership."),
        undo=_("The same can be granted again."),
    )
