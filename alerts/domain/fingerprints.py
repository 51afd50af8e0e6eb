"""Names a condition by a fingerprint: what two signals share when they speak of the same thing."""

import hashlib


def fingerprint(*, source: str, key: str) -> str:
    """32 hex signs (BLAKE2b-128) for a producer's condition; versions of it share them."""
    return hashlib.blake2b(f"{source}\0{key}".encode(), digest_size=16).hexdigest()


def cause_fingerprint(*, source: str, cause: str | None) -> str:
    """The fingerprint of the condition that this one follows from, empty without one.

    A producer names causes among its own conditions.
    """
    return fingerprint(source=source, key=cause) if cause else ""
