"""One address serves the page and its live fragments."""

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# What differs in each answer and says nothing: the masked CSRF token, and ages, which the page's script keeps true.
_RESTLESS = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|<time[^>]*data-(?:ago|until)[^>]*>[^<]*</time>'
)


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Renders the template, or the one partial of it whose name is the target of an htmx request.

    A partial is a `{% partialdef name inline %}` of the template, inside an element with `id="name"`.
    The response carries the fragment's digest; a poll that sends it back in `live` is answered with 204
    (htmx then swaps nothing) while nothing changed.
    """
    target = request.headers.get("HX-Target", "")
    partials: tuple[str, ...] = context.get("fragments", ())
    if target not in partials:
        return render(request, template, context, status=status)
    response = render(request, f"{template}#{target}", context, status=status)
    digest = hashlib.sha256(_RESTLESS.sub(b"", response.content)).hexdigest()[:16]
    if request.headers.get("X-Live") == digest:
        return HttpResponse(status=204)
    response["X-Live"] = digest
    return response
