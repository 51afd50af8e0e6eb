"""Filters of lists: all their state is in the address, so that it can be sent to a colleague."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest


def with_parameters(request: HttpRequest, **changes: str) -> str:
    """The address of this page with some parameters changed; an empty value removes one."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    encoded = query.urlencode()
    return f"{request.path}?{encoded}" if encoded else request.path


def choice(
    request: HttpRequest, parameter: str, label: str, chosen: str, values: Iterable[str]
) -> dict[str, Any]:
    """One chip of `_components/chips.html`: a value can be chosen, or the chosen one removed.

    Any choice goes back to the first page, since the cursor belongs to another list.
    """
    return {
        "label": label,
        "value": chosen,
        "active": bool(chosen),
        "remove_url": with_parameters(request, **{parameter: "", "after": ""}),
        "options": [
            {
                "label": value,
                "url": with_parameters(request, **{parameter: value, "after": ""}),
                "active": value == chosen,
            }
            for value in values
        ],
    }
