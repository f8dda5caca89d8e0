"""Where on a network a device or its server may be, and a connection to it.

>>> check_host("10.0.0.7", "tcp://10.0.0.7"), check_host("localhost", "tcp://localhost")
(False, True)
"""

from __future__ import annotations

import re
import socket
import time
from ipaddress import IPv4Address, IPv6Address, ip_address

from gateway.devices.kinds import PRINTER, Kind

Address = IPv4Address | IPv6Address


_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*\.?")
_LOOKS_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?")


def check_host(host: str, url: str, kind: Kind = PRINTER) -> bool:
    """Return whether the host, a lower-case name or address, is this computer. Resolves no name.

    Raises:
        PrinterRefused, ScannerRefused: no such device can be there.
    """
    try:
        address = ip_address(host)
    except ValueError:
        # 2130706433 and 0x7f.1 are addresses to a resolver and hide where they lead.
        if _NAME.fullmatch(host) is None or _LOOKS_NUMERIC.fullmatch(host.rpartition(".")[2]):
            raise kind.refused(
                f"{host[:100]!r} is neither a host name nor an address; write the address as four "
                f"numbers, as in {kind.example}.",
                url=url,
            ) from None
        return host in ("localhost", "localhost.")
    _refuse_place(address, url, kind)
    return _plain(address).is_loopback


def _plain(address: Address) -> Address:
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address


def _refuse_place(address: Address, url: str, kind: Kind) -> None:
    plain = _plain(address)
    for unfit, what in (
        (plain.is_link_local, "a link-local address"),
        (plain.is_multicast, "a group of hosts"),
        (plain.is_unspecified, "no host at all"),
        (plain == IPv4Address("255.255.255.255"), "every host"),
    ):
        if unfit:
            raise kind.refused(
                f"{address} is {what}, and no {kind.noun} can be there; give the {kind.noun} a "
                "fixed address in your network and use that.",
                url=url,
            )


def connect(host: str, port: int, url: str, within: float, kind: Kind = PRINTER) -> socket.socket:
    """Return a connection. The name is resolved once, and only the addresses it then has are tried.

    Raises:
        PrinterRefused, ScannerRefused: an address its name stands for cannot be such a device's.
        OSError: nobody answers there within so many seconds; ``socket.gaierror`` when the name is
            unknown.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from error
    ends = time.monotonic() + within
    failure: OSError = TimeoutError()
    for family, stream, protocol, _, address in found:
        _refuse_place(ip_address(str(address[0]).partition("%")[0]), url, kind)
        left = ends - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, stream, protocol)
        try:
            connection.settimeout(left)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


_KEEP_ALIVE = (("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))
"""Seconds of silence, seconds between probes, unanswered probes: a device that lost its power or
its cable is noticed after 10 s."""


def keep_alive(connection: socket.socket) -> None:
    """Have the system notice when the far end of a connection has gone without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        if (option := getattr(socket, name, None)) is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
    # Not TCP_USER_TIMEOUT: Linux also ends connections by it whose printer is alive and takes
    # nothing for a while, and a printer without paper does just that.
