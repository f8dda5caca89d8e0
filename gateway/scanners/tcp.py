"""Scanners on the network that we call: fixed readers, and the base stations of cordless ones.

>>> check_url("TCP://Reader-1.local:9004/")
'tcp://reader-1.local:9004'
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from gateway.devices.kinds import SCANNER
from gateway.devices.network import check_host, connect, keep_alive
from gateway.errors import DeviceUnreachable, ScannerRefused
from gateway.scanners.byte_source import ByteSource, SocketWire
from gateway.scanners.scanner import Profile

CONNECT_WITHIN = 2.0
"""Seconds. A scanner on the same network answers in milliseconds or not at all."""

PORTS = (23, *range(1024, 65536))
"""Where scanners listen: makers choose what they like, from 1024 on, and Cognex readers telnet's.
What is a service of a computer on lower ports cannot be reached as a scanner."""


def check_url(url: str) -> str:
    """Return the URL as ``tcp://host:port``.

    Raises:
        ScannerRefused: it is not a host and a port, or no scanner can be there.
    """
    host, port = _parse(url)
    return f"tcp://{_place(host, port)}"


def open(url: str, profile: Profile) -> ByteSource:
    """Return a connection to the scanner. Its name is resolved once, and that address is used.

    Raises:
        ScannerRefused: the URL, or the address its name stands for, cannot be a scanner's.
        DeviceUnreachable: the name is unknown, or nothing answers.
    """
    host, port = _parse(url)
    place = _place(host, port)
    try:
        connection = connect(host, port, url, CONNECT_WITHIN, SCANNER)
    except OSError as failure:
        raise _unreachable(host, place, url, failure) from failure
    try:
        keep_alive(connection)
    except OSError as failure:
        connection.close()
        raise _unreachable(host, place, url, failure) from failure
    return ByteSource(SocketWire(connection, place), profile)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _parse(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise ScannerRefused(
            f"{url[:200]!r} is not a scanner's URL ({error}); write it as {SCANNER.example}.",
            url=url,
        ) from error
    extra = parts.username is not None or parts.query or parts.fragment
    if not host or port is None or extra or parts.path not in ("", "/"):
        raise ScannerRefused(
            f"{url[:200]!r} is not a scanner's URL; write only host and port, as in "
            f"{SCANNER.example}.",
            url=url,
        )
    check_host(host, url, SCANNER)
    if port not in PORTS:
        raise ScannerRefused(
            f"Port {port} is not one where scanners listen; use the one it was set to, 23 or 1024 "
            "and above.",
            url=url,
            port=port,
        )
    return host, port


def _unreachable(host: str, place: str, url: str, failure: OSError) -> DeviceUnreachable:
    if isinstance(failure, socket.gaierror):
        return DeviceUnreachable(
            f"No computer here knows the scanner's name {host!r}; check the name, or use the "
            "scanner's address.",
            url=url,
        )
    if isinstance(failure, ConnectionRefusedError):
        return DeviceUnreachable(
            f"{place} refuses the connection; switch the scanner on, check the port, and whether "
            "another program is connected to it.",
            url=url,
            reason="refused",
        )
    if isinstance(failure, TimeoutError):
        return DeviceUnreachable(
            f"Nothing answers at {place} within {CONNECT_WITHIN:g} s; check that the scanner is "
            "on and on the network.",
            url=url,
            reason="timeout",
        )
    return DeviceUnreachable(
        f"There is no way to {place} ({failure.strerror or failure}); check the network and the "
        "scanner's address.",
        url=url,
        reason="no route",
    )
