"""What every page's frame needs: organization, navigation, person, theme."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from srexpert import discovery
from srexpert.web.guard import Access


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the shell; costs no query of its own."""
    access: Access | None = getattr(request, "access", None)
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    navigation = _navigation(request, access) if access else []
    return {
        "shell": {
            "organization": access.organization if access else None,
            "organizations": [
                {
                    "name": organization.name,
                    "url": reverse("accounts:organization-open", args=[organization.slug]),
                }
                for organization in (access.organizations if access else ())
            ],
            "organizations_url": reverse("accounts:organization-list") if person else "",
            # The first page that the role may see: billing doesn't see the fleet.
            "home_url": navigation[0]["items"][0]["url"] if navigation else "/",
            "navigation": navigation,
            "account_url": reverse("accounts:profile") if person else "",
            "theme_url": reverse("accounts:profile-theme") if person else "",
            "search_url": None,
            "person": {"name": person.get_full_name(), "email": person.email, "initials": person.initials}
            if person
            else None,
            "theme": getattr(person, "theme", "auto"),
        },
        "access": access,
    }


def _navigation(request: HttpRequest, access: Access) -> list[dict[str, Any]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in discovery.navigation():
        if access.may(item.permission):
            url = reverse(item.url_name, args=[access.organization.slug])
            sections.setdefault(str(item.section), []).append(
                {
                    "label": item.label,
                    "url": url,
                    "icon": item.icon,
                    "active": request.path == url,
                    "badge": "",
                }
            )
    _mark_the_nearest(request.path, sections)
    return [{"title": title, "items": items} for title, items in sections.items()]


def _mark_the_nearest(path: str, sections: dict[str, list[dict[str, Any]]]) -> None:
    """On a page below an entry (an incident) the entry with the longest matching address is the active one."""
    items = [item for items in sections.values() for item in items]
    matching = [item for item in items if path.startswith(item["url"])]
    if matching and not any(item["active"] for item in items):
        max(matching, key=lambda item: len(item["url"]))["active"] = True
