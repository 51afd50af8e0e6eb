"""Cleans what people type about accounts."""

from accounts.forms.auth import SignupForm

__all__ = ["SignupForm"]
