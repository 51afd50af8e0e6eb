"""What people say about themselves: name, time zone, theme."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.user import THEMES


def _zones() -> list[tuple[str, str]]:
    """UTC first, then the zones of the world as they are known by place."""
    places = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to the type checker
    """Name and time zone."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Dates are shown in it, on-call hours are counted in it."),
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES)

    class Meta:
        model = User
        fields = ("name", "time_zone", "theme")


class ThemeForm(forms.Form):
    """Light, dark, or as the device."""

    theme = forms.ChoiceField(choices=THEMES)
