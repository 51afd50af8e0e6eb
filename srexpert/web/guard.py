"""The one decorator by which a view says who may see it, and the mark of those that anybody may.

`requires` opens the organization's scope around the view, so that a view can't forget it: outside of it
tenant tables are empty. `public` and `personal` are explicit; a view with none of the three fails a test.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from srexpert.reach import Reach


class OrganizationLike(Protocol):
    """What the core knows of an organization."""

    pk: UUID
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a person may do in an organization, found once a request."""

    organization: Any
    role: str
    permissions: frozenset[str]
    reach: Reach
    # All organizations of the person, to switch between.
    organizations: tuple[Any, ...] = ()

    def may(self, permission: str) -> bool:
        """Whether the role includes the permission."""
        return permission in self.permissions


class NotAMember(LookupError):
    """The organization doesn't exist, or the person is no member: outside, these must look the same."""


class OrganizationRequest(HttpRequest):
    """A request inside an organization, for views behind `requires`."""

    access: Access
    organization: Any
    user: Any  # a logged-in person, always: `requires` sends the others to the log-in


View = Callable[..., HttpResponseBase]
Gatekeeper = Callable[..., AbstractContextManager[Access]]
_gatekeeper: list[Gatekeeper] = []


def install(gatekeeper: Gatekeeper) -> None:
    """Tells the guard who knows memberships: `gatekeeper(person=…, slug=…)`, a context that gives Access.

    It raises NotAMember; it is the accounts app's, which lies above.
    """
    _gatekeeper[:] = [gatekeeper]


def requires(permission: str) -> Callable[[View], View]:
    """Lets members with the permission in; to all others the address does not exist (404).

    The view gets a request with `.access` and `.organization`, inside a transaction that sees this
    organization only. A member whose role lacks the permission gets 403: they know that it exists.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, organization: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    response = HttpResponse(status=401)
                    response["HX-Redirect"] = "/"
                    return response
                return redirect_to_login(request.get_full_path())
            try:
                with _gatekeeper[0](person=request.user, slug=organization) as access:
                    if not access.may(permission):
                        raise PermissionDenied
                    request.access, request.organization = access, access.organization
                    return view(request, *args, **kwargs)
            except NotAMember:
                raise Http404 from None

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the walkers
        return guarded

    return decorate


def personal(view: View) -> View:
    """For pages of the person alone, of no organization: log-in is enough."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.permission = "personal"  # type: ignore[attr-defined]  # read by the walkers
    return guarded


def public(view: View) -> View:
    """Marks a view that anybody may call."""
    view.permission = "public"  # type: ignore[attr-defined]  # read by the walkers
    return view


def machine(view: View) -> View:
    """Marks a view that authenticates its caller by a bearer token of its own kind."""
    view.permission = "machine"  # type: ignore[attr-defined]  # read by the walkers
    return view
