"""Roles, reach, teams, grants and invitations."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.models.membership import ROLE_CHOICES
from srexpert.discovery import GrantableCluster

_LABELS = dict(ROLE_CHOICES)
_NAMESPACE = RegexValidator(
    r"^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$", _("A namespace has lower-case letters, digits and hyphens.")
)


class RoleForm(forms.Form):
    """One of the roles that the person may give."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(str(role), _LABELS[str(role)]) for role in roles]  # type: ignore[attr-defined]  # a choice field


class InvitationForm(RoleForm):
    """An address, and the role that is offered to it."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    field_order = ("email", "role")


class ReachForm(forms.Form):
    """Whether a role holds everywhere or for what is granted."""

    whole_organization = forms.TypedChoiceField(
        label=_("Reach"),
        choices=[
            ("yes", _("The whole organization")),
            ("no", _("Only what is granted below, or to their teams")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class TeamForm(forms.Form):
    """A team's name."""

    name = forms.CharField(
        label=_("Name of the team"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class TeamMemberForm(forms.Form):
    """Who joins a team."""

    membership = forms.ModelChoiceField(
        label=_("Member"), queryset=Membership.objects.none(), empty_label=_("Choose a member")
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["membership"]
        field.queryset = members
        field.label_from_instance = lambda membership: membership.user.get_full_name()


class GrantForm(forms.Form):
    """A cluster, and one of its namespaces or none for all of it."""

    cluster = forms.TypedChoiceField(label=_("Cluster"), coerce=UUID)
    namespace = forms.CharField(
        label=_("Namespace"),
        max_length=63,
        required=False,
        validators=[_NAMESPACE],
        help_text=_("Empty for the whole cluster. A namespace that doesn't exist yet may be granted too."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "list": "namespaces",
            }
        ),
    )

    def __init__(self, *args: Any, clusters: Iterable[GrantableCluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clusters = list(clusters)
        self.fields["cluster"].choices = [(str(cluster.id), cluster.name) for cluster in clusters]  # type: ignore[attr-defined]  # a choice field
        self.namespaces = sorted({name for cluster in clusters for name in cluster.namespaces})
