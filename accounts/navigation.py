"""Where an organization's settings show in the navigation."""

from django.utils.translation import gettext_lazy as _

from srexpert.discovery import NavigationItem

_SECTION = _("Organization")

NAVIGATION = [
    NavigationItem(_SECTION, _("Members"), "accounts:member-list", "users", "accounts.member.view", order=90),
    NavigationItem(
        _SECTION, _("Teams"), "accounts:team-list", "users-group", "accounts.member.view", order=91
    ),
    NavigationItem(
        _SECTION, _("Settings"), "accounts:settings", "settings", "accounts.organization.view", order=92
    ),
]
