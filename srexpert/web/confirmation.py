"""The page, or the dialog on top of one, that asks before something goes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def ask(
    request: HttpRequest,
    *,
    title: str,
    action_label: str,
    keep_url: str,
    keep_label: str,
    goes: str,
    stays: str = "",
    undo: str = "",
) -> HttpResponse:
    """Says what goes, what stays and whether it can be undone; the answer is posted to the same address."""
    context = {
        "title": title,
        "action_label": action_label,
        "action_url": request.path,
        "keep_url": keep_url,
        "keep_label": keep_label,
        "goes": goes,
        "stays": stays,
        "undo": undo,
    }
    template = "_components/confirm.html" if request.headers.get("HX-Request") else "_layouts/confirm.html"
    return render(request, template, context)
