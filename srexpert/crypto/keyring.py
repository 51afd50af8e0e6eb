"""The keys of field encryption: the newest seals, all known ones open."""

import base64
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from srexpert.embedded.state import secret

_NONCE = 12


class Undecipherable(ValueError):
    """A stored value can't be opened: its key is gone, or it was moved or changed."""


@lru_cache
def _keys(declared: tuple[str, ...]) -> dict[str, AESGCM]:
    keys = {}
    for entry in declared:
        name, _, encoded = entry.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raw = b""
        if not name or len(raw) != 32:
            raise ImproperlyConfigured(
                "FIELD_KEYS must be `id:base64 of 32 bytes`, comma-separated, newest first"
            )
        keys[name] = AESGCM(raw)
    return keys


def _ring() -> dict[str, AESGCM]:
    """Id → cipher, newest first; without FIELD_KEYS the deployment's own generated key."""
    if settings.FIELD_KEYS:
        return _keys(tuple(settings.FIELD_KEYS))
    return _keys(("local:" + base64.b64encode(_local_key()).decode(),))


@lru_cache
def _local_key() -> bytes:

    return hashlib.sha256(secret("field_key").encode()).digest()


def seal(plain: str, place: str) -> bytes:
    """Encrypts under the newest key; `place` (table, column, row, organization) is bound to the result."""
    name, cipher = next(iter(_ring().items()))
    nonce = os.urandom(_NONCE)
    return name.encode() + b":" + nonce + cipher.encrypt(nonce, plain.encode(), place.encode())


def unseal(sealed: bytes, place: str) -> str:
    """Opens what `seal` made for the same place; raises Undecipherable for anything else."""
    name, _, rest = bytes(sealed).partition(b":")
    cipher = _ring().get(name.decode(errors="replace"))
    if cipher is None:
        raise Undecipherable(f"no key named {name.decode(errors='replace')!r}")
    try:
        return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], place.encode()).decode()
    except InvalidTag:
        raise Undecipherable("the value was not sealed for this place, or was changed") from None
