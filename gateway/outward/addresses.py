"""Where something may be sent: URLs of receivers, and the addresses their names stand for.

    URL ──parse_receiver──► Receiver ──name server──► addresses ──check_address──► one to connect to

A receiver's name is resolved once for a connection, each address is judged, and the connection
goes to that address: a name that answers otherwise a moment later gains nothing. Receivers are
made by administrators, and the usual one is an ERP on the same computer or in the same network, so
those are allowed unless a webhook says that it is not meant for them.

>>> check_address("10.0.0.7", private=True, encrypted=False)
>>> check_address("169.254.169.254", private=True, encrypted=True)
Traceback (most recent call last):
    ...
gateway.outward.addresses.NotThere: 169.254.169.254 is not an address that a receiver can have.
>>> check_address("::ffff:127.0.0.1", private=False, encrypted=True)
Traceback (most recent call last):
    ...
gateway.outward.addresses.NotThere: 127.0.0.1 is in this site's own network, where this webhook may not go; set its 'private' to true if it shall.
"""  # noqa: E501 - a message whole

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.errors import InputRefused

LONGEST_URL = 2000

_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""Between providers and their customers (RFC 6598): neither private nor global."""

_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
"""No address of anything (RFC 1122, 3.2.1.3 a); Linux takes 0.0.0.0 for itself."""

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""An IPv4 address in the last 32 bits (RFC 6052)."""

_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254")))
"""Where clouds tell a computer its own secrets, beside 169.254.169.254: Alibaba's "View instance
metadata", and Amazon's EC2 user guide, "Use the Instance Metadata Service"."""


class NotThere(Exception):
    """Nothing may be sent to that address; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A URL, taken apart."""

    encrypted: bool
    host: str
    """In ASCII, without brackets."""
    port: int
    target: str
    """Path and query."""


def parse_receiver(url: str) -> Receiver:
    """Return the receiver a URL names.

    Raises:
        InputRefused: it is no URL of a receiver.

    >>> parse_receiver("https://erp.example/hooks?from=dock")
    Receiver(encrypted=True, host='erp.example', port=443, target='/hooks?from=dock')
    """
    shown = url[:80]
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InputRefused(
            f"A webhook's URL must be at most {LONGEST_URL} printable ASCII characters without "
            f"spaces, got {shown!r}; write others as %XX.",
            url=shown,
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputRefused(f"{shown!r} is not a URL: {error}.", url=shown) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputRefused(
            f"A webhook's URL must begin with https:// or http:// and name a host, got {shown!r}.",
            url=shown,
        )
    if parts.username is not None or parts.password is not None:
        raise InputRefused(
            "A webhook's URL must not hold a user or a password: everybody who may see the webhook "
            "would see them; what it sends is signed, and the receiver checks that."
        )
    if parts.fragment:
        raise InputRefused(f"A webhook's URL cannot have a #fragment, got {shown!r}.", url=shown)
    encrypted = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Receiver(encrypted, parts.hostname, port or (443 if encrypted else 80), target)


def check_address(address: str, *, private: bool, encrypted: bool) -> None:
    """Check that something may be sent to an IP address.

    Raises:
        NotThere: it may not.
    """
    found = _plain(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_loopback or found.is_private or found in _SHARED:
        own = True
    elif found.is_global:
        own = False
    else:
        raise NotThere(f"{found} is not an address that a receiver can have.")
    if (
        found in _METADATA
        or found in _THIS_NETWORK
        or found.is_multicast
        or (not found.is_loopback and (found.is_link_local or found.is_reserved))
    ):
        raise NotThere(f"{found} is not an address that a receiver can have.")
    if own and not private:
        raise NotThere(
            f"{found} is in this site's own network, where this webhook may not go; set its "
            "'private' to true if it shall."
        )
    if not own and not encrypted:
        raise NotThere(
            f"{found} is an address of the internet, where everybody between could read along; "
            "use https://."
        )


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
