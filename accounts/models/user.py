"""A person: who logs in, may belong to several organizations, and is paged."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from srexpert import clock

THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]


class UserManager(BaseUserManager["User"]):
    """Makes people; their e-mail address is their name to us."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with a normalized address; without a password they can only reset it."""
        if not email:
            raise ValueError("a person needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Staff with every right in the admin; has no organization by that."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """A person; not a tenant row, since one person may belong to several organizations."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=5, default="auto")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=clock.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique_whatever_case"),
            models.CheckConstraint(
                condition=models.Q(theme__in=[value for value, _label in THEMES]),
                name="accounts_user_theme_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The person's name, or the part of the address before the @ while they gave none."""
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the person's badge."""
        words = self.get_full_name().replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
