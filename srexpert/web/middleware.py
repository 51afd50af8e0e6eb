"""What is refused before any view, and the headers that every page for a logged-in person carries."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class RefuseNulMiddleware:
    """Answers 400 to an address with a NUL in it: no name has one, and the database takes none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("the address has a sign that no name has")
        return self.get_response(request)


class AuthenticatedPagesMiddleware:
    """Keeps pages of a logged-in person out of every cache, and names what a response depends on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            "Cache-Control" not in response
            and getattr(request, "user", None)
            and request.user.is_authenticated
        ):
            response["Cache-Control"] = "no-store"
        if request.headers.get("HX-Request"):
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
        response.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response
