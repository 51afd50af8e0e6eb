"""Cleans what people type about accounts; `entrance` has the forms of log-in and passwords."""

from accounts.forms.auth import SignupForm
from accounts.forms.organization import OrganizationForm, RenameForm
from accounts.forms.people import GrantForm, InvitationForm, ReachForm, RoleForm, TeamForm, TeamMemberForm
from accounts.forms.profile import ProfileForm, ThemeForm

__all__ = [
    "GrantForm",
    "InvitationForm",
    "OrganizationForm",
    "ProfileForm",
    "ReachForm",
    "RenameForm",
    "RoleForm",
    "SignupForm",
    "TeamForm",
    "TeamMemberForm",
    "ThemeForm",
]
