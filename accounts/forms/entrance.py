"""allauth's forms in our words: labels instead of placeholders, help where it is needed."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "password1": _("New password"),
    "password2": _("New password, again"),
    "oldpassword": _("Current password"),
}


class PlainWords:
    """Gives the fields our labels and no placeholders, which vanish when they are needed most."""

    words: dict[str, Any] = {}
    new_password = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in _LABELS:
                field.label = self.words.get(name, _LABELS[name])
            field.widget.attrs.pop("placeholder", None)
        if self.new_password:
            self.fields["password1"].help_text = " ".join(password_validators_help_texts())


class LoginForm(PlainWords, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is untyped
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class SignupForm(PlainWords, allauth_forms.SignupForm):  # type: ignore[misc]  # allauth is untyped
    """Name, e-mail address, password."""

    words = {"password1": _("Password")}
    new_password = True

    def try_save(self, request: HttpRequest) -> Any:
        """Makes the person, or writes to the one who has the address.

        The password is hashed in both cases: it is what takes long, and the difference would tell who has an account.
        """
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class AddEmailForm(PlainWords, allauth_forms.AddEmailForm):  # type: ignore[misc]  # allauth is untyped
    """The new e-mail address."""

    words = {"email": _("New e-mail address")}


class ResetPasswordForm(PlainWords, allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    """The address that the link goes to."""


class ResetPasswordKeyForm(PlainWords, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth is untyped
    """The new password, twice."""

    new_password = True


class ChangePasswordForm(PlainWords, allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth is untyped
    """The current password and the new one, twice."""

    new_password = True


class ReauthenticateForm(PlainWords, allauth_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """The password, again."""
