"""Encryption of sensitive fields: authenticated, bound to their place, under keys that can be rotated."""

from srexpert.crypto.fields import EncryptedTextField
from srexpert.crypto.keyring import Undecipherable

__all__ = ["EncryptedTextField", "Undecipherable"]
