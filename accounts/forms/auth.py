"""Sign-up: what is asked beside address and password. Imported by allauth's forms, so it imports none of them."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SignupForm(forms.Form):
    """What allauth's sign-up asks beside address and password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As your colleagues know you; it stands beside what you do."),
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: Any) -> None:  # noqa: ARG002 -- allauth calls it so
        """Called by allauth once the person exists."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=("name",))
