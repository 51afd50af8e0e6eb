"""An organization's name, and the short one in its addresses."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.models.organization import RESERVED, SLUG


class OrganizationForm(forms.Form):
    """Asks for a name, and a short name unless it may be made of the name."""

    name = forms.CharField(
        label=_("Name of the organization"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    slug = forms.CharField(
        label=_("Short name in addresses"),
        max_length=63,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        help_text=_(
            "Lower-case letters, digits and hyphens. Left empty, it is made of the name. It can't be changed later."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """The short name as given, or one made of the name."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "slug" in cleaned and "name" in cleaned:
            slug = cleaned["slug"] or slugify(cleaned["name"])[:63].strip("-")
            try:
                SLUG(slug)
            except forms.ValidationError as error:
                self.add_error("slug", error)
            else:
                cleaned["slug"] = slug
                if slug in RESERVED:
                    self.add_error("slug", _("That short name is taken. Choose another."))
        return cleaned


class RenameForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to the type checker
    """Asks for another name."""

    class Meta:
        model = Organization
        fields = ("name",)
        labels = {"name": _("Name of the organization")}
