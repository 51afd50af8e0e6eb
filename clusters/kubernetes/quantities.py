"""Parses Kubernetes quantities ("250m", "1.5Gi", "2e3") into exact numbers.

Source: the grammar of `k8s.io/apimachinery/pkg/api/resource.Quantity`.
"""

import re
from decimal import ROUND_CEILING, Decimal

MAXIMUM = Decimal(2**63 - 1)  # Kubernetes caps larger quantities at this
SMALLEST = Decimal("1e-9")  # and rounds finer ones up to a nano

_GRAMMAR = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,9}))?", re.ASCII)
_SUFFIXES = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "T": Decimal(10**12), "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip


class QuantityError(ValueError):
    """What was written is not a Kubernetes quantity."""


def parse(written: object) -> Decimal:
    """Return the quantity in its base unit (cores, bytes, pieces).

    Takes text, and the numbers that YAML makes of an unquoted `2` or `0.5`. Raises QuantityError.
    """
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise QuantityError(f"not a quantity: {type(written).__name__}")
    text = written if isinstance(written, str) else repr(written)
    match = _GRAMMAR.fullmatch(text.strip()) if len(text) < 100 else None
    if match is None:
        raise QuantityError(f"not a quantity: {text[:40]!r}")
    sign, digits, suffix, exponent = match.groups()
    size = Decimal(digits)
    if suffix:
        size *= _SUFFIXES[suffix]
    elif exponent:
        size = size.scaleb(max(-999, min(999, int(exponent))))
    size = min(size, MAXIMUM)
    if 0 < size < SMALLEST:
        size = SMALLEST
    return -size if sign == "-" else size


def millicores(written: object) -> int:
    """Return a CPU quantity in thousandths of a core, rounded up as the scheduler does. Raises QuantityError."""
    return int((parse(written) * 1000).to_integral_value(rounding=ROUND_CEILING))


def whole(written: object) -> int:
    """Return a quantity in whole units (bytes, pods), rounded up. Raises QuantityError."""
    return int(parse(written).to_integral_value(rounding=ROUND_CEILING))
