"""Which addresses may be called: public ones over https, and what the operator allows by name.

Python's `is_private` misses carrier-grade NAT, NAT64 and 6to4, and `is_global` is true for some of them,
so they are listed here (IANA special-purpose registries, RFC 6890 and its updates).
"""

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from django.conf import settings

_RESOLVE_SECONDS = 5.0

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/96", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
        "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
]  # fmt: skip


class Forbidden(ValueError):
    """The address may not be called; the text is for our logs, not for the customer."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was checked: connect to `ip`, speak to `url`'s host."""

    url: httpx.URL
    ip: str


def refused(ip: IPAddress) -> bool:
    """Whether an address is private, local, reserved, or a way to reach such a one."""
    return not ip.is_global or any(ip.version == net.version and ip in net for net in _REFUSED)


def check(url: str) -> Target:
    """Resolves once and judges every answer; raises Forbidden.

    The connection must then go to the address that was judged: a name that resolves differently the
    second time (DNS rebinding) changes nothing.
    """
    parsed, host = _parse(url)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    allowed = f"{host}:{port}" in settings.OUTBOUND_ALLOW
    if parsed.scheme != "https" and not allowed:
        raise Forbidden("only https addresses are called")
    addresses = _resolve(host, port)
    if not allowed and any(refused(ip) for ip in addresses):
        raise Forbidden(f"{host} resolves to an address that is not public")
    return Target(parsed, str(addresses[0]))


def _parse(url: str) -> tuple[httpx.URL, str]:
    """The address and its host, which is decoded here since that can fail (`xn--a`)."""
    if any(ord(sign) <= 0x20 or sign == "\\" for sign in url):
        raise Forbidden("the address has signs that no address has")
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    except (httpx.InvalidURL, ValueError) as error:
        raise Forbidden("the address can't be read") from error
    if parsed.scheme not in {"http", "https"} or not host:
        raise Forbidden("only https addresses are called")
    if parsed.userinfo:
        raise Forbidden("an address with a user name or password in it is not called")
    return parsed, host


def _resolve(host: str, port: int) -> list[IPAddress]:
    """All addresses of a host; a resolver that doesn't answer is given up on, its thread ends by itself."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="resolve")
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(_RESOLVE_SECONDS)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Forbidden(f"{host} does not resolve") from error
    finally:
        pool.shutdown(wait=False)
    return [ipaddress.ip_address(entry[4][0]) for entry in found]
