"""Bearer secrets: made once, shown once, kept as a digest, and resolved to their organization."""

import base64
import hashlib
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from srexpert import clock
from srexpert.tenancy.models import Token

_PREFIX = "sre"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a valid secret stands for."""

    token_id: UUID
    organization_id: UUID


def _checksum(body: str) -> str:
    """Six base-32 signs of CRC-32, by which a secret scanner tells our tokens from noise."""
    raw = zlib.crc32(body.encode()).to_bytes(4, "big")
    return base64.b32encode(raw).decode().rstrip("=").lower()[:6]


def _digest(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()


def issue(*, kind: str, expires_at: datetime | None = None) -> tuple[Token, str]:
    """Makes a token of the current organization; gives its row and the secret, which is never shown again.

    The form is `sre_<kind>_<43 signs, 256 bits><6 signs of checksum>`.
    """
    body = f"{_PREFIX}_{kind}_{secrets.token_urlsafe(32)}"
    plain = body + _checksum(body)
    return Token.objects.create(kind=kind, digest=_digest(plain), expires_at=expires_at), plain


def resolve(*, kind: str, plain: str) -> Resolved | None:
    """The organization that a secret belongs to, or None for a wrong, revoked or expired one.

    Looks up a digest by equality in a function of the system role, so that it works without a scope;
    malformed secrets cost no query.
    """
    body, checksum = plain[:-6], plain[-6:]
    if not plain.startswith(f"{_PREFIX}_{kind}_") or _checksum(body) != checksum:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token_id, organization_id FROM resolve_token(%s, %s, %s)",
            [kind, _digest(plain), clock.now()],
        )
        row = cursor.fetchone()
    return Resolved(*row) if row else None


def revoke(token: Token) -> None:
    """Ends a token at once; a second call changes nothing."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now())
