"""Printers on the network: raw bytes over TCP, port 9100 style.

>>> check_url("TCP://Zebra-1.local:9101/")
'tcp://zebra-1.local:9101'
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from gateway.devices.network import check_host, connect, keep_alive
from gateway.drivers.transports.socket_wire import SocketWire
from gateway.errors import DeviceUnreachable, PrinterRefused

CONNECT_WITHIN = 2.0
"""Seconds. A printer on the same network answers in milliseconds or not at all."""

PORTS = (*range(9100, 9110), 515, 6101)
"""Where printers listen: 9100 and its neighbours, LPD, Zebra's 6101. Others are refused, so that a
printer's URL cannot be used to talk to something else on the network."""


def check_url(url: str) -> str:
    """Return the URL as ``tcp://host:port``, the port being 9100 when none is named.

    Raises:
        PrinterRefused: there is no host, more than a host and a port, or no printer can be there.
    """
    host, port = _parse(url)
    shown = f"[{host}]" if ":" in host else host
    return f"tcp://{shown}:{port}"


def _parse(url: str) -> tuple[str, int]:
    shown = url[:200]
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise PrinterRefused(
            f"{shown!r} is not a printer's URL ({error}); write it as tcp://10.0.0.7:9100.",
            url=url,
        ) from error
    port = 9100 if port is None else port
    extra = parts.username is not None or parts.query or parts.fragment
    if not host or extra or parts.path not in ("", "/"):
        raise PrinterRefused(
            f"{shown!r} is not a printer's URL; write only host and port, as in "
            "tcp://10.0.0.7:9100.",
            url=url,
        )
    loopback = check_host(host, url)
    if port not in PORTS and not (loopback and port):
        raise PrinterRefused(
            f"Port {port} is not one where printers listen; use 9100 to 9109, 515 or 6101.",
            url=url,
            port=port,
        )
    return host, port


def open_wire(url: str) -> TcpWire:
    """Return a connection to the printer. The name is resolved once, and that address is used.

    Raises:
        PrinterRefused: the URL, or the address its name stands for, cannot be a printer's.
        DeviceUnreachable: the name is unknown, or nothing answers.
    """
    host, port = _parse(url)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        connection = connect(host, port, url, CONNECT_WITHIN)
    except OSError as failure:
        raise _unreachable(host, place, url, failure) from failure
    try:
        keep_alive(connection)
    except OSError as failure:
        connection.close()
        raise _unreachable(host, place, url, failure) from failure
    return TcpWire(connection, place)


def _unreachable(host: str, place: str, url: str, failure: OSError) -> DeviceUnreachable:
    if isinstance(failure, socket.gaierror):
        return DeviceUnreachable(
            f"No computer here knows the printer's name {host!r}; check the name, or use the "
            "printer's address.",
            url=url,
        )
    if isinstance(failure, ConnectionRefusedError):
        return DeviceUnreachable(
            f"{place} refuses the connection; switch the printer on, check the port, and whether "
            "another computer is printing there.",
            url=url,
            reason="refused",
        )
    if isinstance(failure, TimeoutError):
        return DeviceUnreachable(
            f"Nothing answers at {place} within {CONNECT_WITHIN:g} s; check that the printer is "
            "on and on the network, and that no other computer holds it.",
            url=url,
            reason="timeout",
        )
    return DeviceUnreachable(
        f"There is no way to {place} ({failure.strerror or failure}); check the network and the "
        "printer's address.",
        url=url,
        reason="no route",
    )


_LOST_AFTER = 5
"""Unanswered repeats of one packet: Linux doubles from 0.2 s, so this is after about 6 s."""


def _repeats(connection: socket.socket) -> int:
    """Return how often the last packet went unanswered, where the platform tells (Linux)."""
    if not hasattr(socket, "TCP_INFO"):
        return 0
    # struct tcp_info: byte 2 retransmits, byte 3 unanswered probes of a full receiver (tcp(7)).
    state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 4)
    return max(state[2], state[3])


class TcpWire(SocketWire):
    """A connection to a printer on the network."""

    def _is_lost(self, connection: socket.socket) -> bool:
        return _repeats(connection) >= _LOST_AFTER
