"""The name of a cluster to connect."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from clusters.models import Cluster

NAME_TAKEN = _("Another cluster of this organization has that name.")


class ClusterForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only to the type checker
    """Asks for a name that is free in the organization."""

    name = forms.CharField(
        label=_("Name of the cluster"),
        max_length=63,
        help_text=_("As your team calls it, for instance prod-eu-west. Letters, digits, dots and hyphens."),
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$",
                _("Use letters, digits, dots and hyphens, with a letter or digit at both ends."),
            )
        ],
    )

    class Meta:
        model = Cluster
        fields = ("name",)

    def clean_name(self) -> Any:
        """The name, if no other cluster of the organization has it."""
        name = self.cleaned_data["name"]
        if Cluster.objects.filter(name=name).exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name
