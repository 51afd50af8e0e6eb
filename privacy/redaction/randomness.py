"""How random a string looks: what tells a generated credential from a name or a word."""

import math
import re
from collections import Counter

HEX = re.compile(rb"[0-9a-fA-F]+")
UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SWITCH = re.compile(
    rb"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[a-z])"
)


def entropy(value: bytes) -> float:
    """Return the Shannon entropy in bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def classes(value: bytes) -> int:
    """Count which of lower case, upper case, digits and signs occur."""
    found = 0
    for byte in value[:512]:
        if 97 <= byte <= 122:
            found |= 1
        elif 65 <= byte <= 90:
            found |= 2
        elif 48 <= byte <= 57:
            found |= 4
        elif byte < 128:
            found |= 8
    return found.bit_count()


def looks_generated(value: bytes) -> bool:
    """Say whether a value looks drawn at random: letters and digits mixed, no word structure.

    Hexadecimal counts from 16 characters (8 random bytes); other alphabets from 12.
    """
    value = value[:256]
    if UUID.fullmatch(value):
        return True
    if HEX.fullmatch(value):
        return len(value) >= 16 and len(set(value)) >= 7 and not value.isdigit()
    if len(value) < 12 or classes(value) < 2:
        return False
    switches = len(SWITCH.findall(value))
    return switches * 6 >= len(value) and entropy(value) >= min(3.9, 0.78 * math.log2(len(value)))
