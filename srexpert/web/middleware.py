"""Headers that every page for a logged-in person carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


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
