"""Personal data that is known by its form: e-mail addresses, IP addresses, payment cards."""

import re
import socket

from privacy.redaction.rules import Match, Rule, rule
from privacy.redaction.spans import Category, Hit

PERSONAL = Category.PERSONAL
TEXT = rb"A-Za-z0-9\x80-\xff"
V6_TAIL = rb"(?:[0-9a-f]{0,4}:){0,7}(?:[0-9a-f]{1,4}|(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:/[0-9]{1,3})?"
AT = rb"(?:@|%40|\\u0040)"


def personal_rules() -> list[Rule]:
    """Return the rules for personal data."""
    return [
        rule(
            "email",
            rb"["
            + TEXT
            + rb"._%+'-]{1,80}"
            + AT
            + rb"(?:["
            + TEXT
            + rb"-]{1,63}\.){1,8}[A-Za-z\x80-\xff]{2,24}",
            hint=rb"[A-Za-z0-9\x80-\xff_%+.'-]" + AT + rb"[A-Za-z0-9.\x80-\xff-]{1,64}\.[A-Za-z\x80-\xff]",
            judge=email,
            category=PERSONAL,
        ),
        rule(
            "ip-address",
            rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?:/[0-9]{1,2})?",
            hint=rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
            judge=ipv4,
            category=PERSONAL,
        ),
        rule(
            "ip-address",
            rb"(?i)(?:[0-9a-f]{1,4}:){3}" + V6_TAIL + rb"|(?:(?:[0-9a-f]{1,4}:){1,2}|:):" + V6_TAIL,
            hint=rb"[0-9a-f:]::|::[0-9a-f]|:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]",
            judge=ipv6,
            category=PERSONAL,
        ),
        rule(
            "payment-card",
            rb"[3-6](?:[ -]?[0-9]){12,18}",
            hint=rb"[3-6](?:[0-9]{12}|[0-9]{3}[ -][0-9]{4,6}[ -][0-9]{4})",
            literal=False,
            judge=payment_card,
            category=PERSONAL,
        ),
    ]


# Endings after an @ that name a systemd unit, a digest or a file and no mailbox.
UNITS = frozenset(
    b"service target socket mount automount slice scope timer device path swap yaml yml json js ts py go png svg".split()
)


IN_USERINFO = re.compile(rb"://[^\s/@\"'<>]*\Z")


def email(data: bytes, match: Match) -> Hit | None:
    """Take a mailbox; names of systemd units and of files, and git's address of a repository stay."""
    start, end = match.span()
    value = data[start:end]
    if start and data[start - 1 : start] == b"\\" and value[:1] in (b"n", b"r", b"t"):
        start += 1
    for escape in re.finditer(rb"%[0-9A-Fa-f]{2}", value[: value.find(b"@" if b"@" in value else b"%40")]):
        start = match.span()[0] + escape.end()
    while start < end and data[start] in b".'%+-":
        start += 1
    value = data[start:end]
    local = re.split(rb"@|%40|\\u0040", value, maxsplit=1)[0]
    ending = value.rsplit(b".", 1)[-1].lower()
    if (
        not local
        or ending in UNITS
        or local == b"git"
        or IN_USERINFO.search(data, max(0, start - 256), start)
    ):
        return None
    return Hit(start, end, "email", 60, PERSONAL)


QUIET_V4 = (b"127.", b"0.", b"255.", b"169.254.169.254")
VERSION_BEFORE = re.compile(
    rb"(?:version|release|chart|rev|build|firmware|kernel|driver|tag|image|v)\\*[\"']?\s{0,2}[:=]?\s{0,2}\\*[\"']?v?\Z",
    re.IGNORECASE,
)
TAG_BEFORE = re.compile(rb"(?:(?<!/)/|%2F)[A-Za-z0-9._-]+(?::|%3A)\Z|image[^\n]{0,80}[A-Za-z0-9]:\Z")


def ipv4(data: bytes, match: Match) -> Hit | None:
    """Take an IPv4 address; versions, image tags, masks, loopback and networks stay."""
    start, end = match.span()
    address, _, prefix = data[start:end].partition(b"/")
    octets = address.split(b".")
    if any(int(octet) > 255 or (len(octet) > 1 and octet.startswith(b"0")) for octet in octets):
        return None
    if address.startswith(QUIET_V4):
        return None
    if prefix and is_network([int(octet) for octet in octets], int(prefix)):
        return None
    if part_of_longer(data, start, end) or is_version(data, start):
        return None
    return Hit(start, start + len(address), "ip-address", 60, PERSONAL)


def is_network(octets: list[int], prefix: int) -> bool:
    """Say whether an address with a prefix length names a network (no host bits) and not one machine."""
    if prefix > 30:
        return False
    number = int.from_bytes(bytes(octets))
    return number & ((1 << (32 - prefix)) - 1) == 0


def part_of_longer(data: bytes, start: int, end: int) -> bool:
    """Say whether digits, dots or letters go on around it: a longer number, a name, an object identifier."""
    before, after = data[max(0, start - 1) : start], data[end : end + 2]
    if before.isalnum() and not re.search(rb"\\[nrt]\Z|%[0-9A-Fa-f]{2}\Z", data[max(0, start - 3) : start]):
        return True
    if before in (b".", b"_", b"-", b"+") or after[:1].isalnum() or after[:1] in (b"_", b"+"):
        return True
    return after[:1] in (b".", b"-") and after[1:2].isalnum()


def is_version(data: bytes, start: int) -> bool:
    """Say whether the words before make four numbers a version."""
    before = data[max(0, start - 96) : start]
    return VERSION_BEFORE.search(before) is not None or TAG_BEFORE.search(before) is not None


def ipv6(data: bytes, match: Match) -> Hit | None:
    """Take an IPv6 address; times, hardware addresses, C++ and Rust names and loopback stay."""
    start, end = match.span()
    address, _, prefix = data[start:end].partition(b"/")
    if address.endswith(b":") and not address.endswith(b"::"):
        address = address[:-1]
    if not is_ipv6(address) or (prefix and int(prefix) <= 64 and address.endswith(b"::")):
        return None
    stop = start + len(address)
    before, after = data[max(0, start - 1) : start], data[stop : stop + 1]
    if before.isalnum() and not re.search(rb"\\[nrt]\Z|%[0-9A-Fa-f]{2}\Z", data[max(0, start - 3) : start]):
        return None
    if before in (b"_", b":", b"-", b".") or after.isalnum() or after in (b"_", b":"):
        return None
    return Hit(start, stop, "ip-address", 60, PERSONAL)


def is_ipv6(address: bytes) -> bool:
    """Say whether it is a valid address that belongs to somebody, and not a name that looks like one."""
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.decode("ascii"))
    except (OSError, UnicodeDecodeError):
        return False
    groups = [group for group in address.split(b":") if group]
    if packed[:15] == bytes(15) or len(groups) < 2:
        return False
    if not any(byte in b"0123456789" for byte in address):
        return False  # dead::beef is as likely a name in a program
    return not (b"::" not in address and all(len(group) == 2 for group in groups))


BRANDS = re.compile(
    rb"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}|3[47][0-9]{13}"
    rb"|3(?:0[0-5]|[68][0-9])[0-9]{11}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|(?:5018|5020|5038|6304)[0-9]{8,15}|35[0-9]{14}"
)


def payment_card(data: bytes, match: Match) -> Hit | None:
    """Take a card number: a brand's range and length, a valid check digit, no digits or letters around it."""
    start, end = match.span()
    around = data[max(0, start - 1) : start] + data[end : end + 1]
    if any(byte in b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:" for byte in around):
        return None
    digits = data[start:end].replace(b" ", b"").replace(b"-", b"")
    if BRANDS.fullmatch(digits) is None or luhn(digits) or len(set(digits)) < 2:
        return None
    return Hit(start, end, "payment-card", 55, PERSONAL)


def luhn(digits: bytes) -> int:
    """Return the Luhn remainder (ISO/IEC 7812-1): 0 for a number with a valid check digit."""
    total = 0
    for position, byte in enumerate(reversed(digits)):
        digit = byte - 48
        if position % 2:
            digit = digit * 2 - 9 * (digit > 4)
        total += digit
    return total % 10
