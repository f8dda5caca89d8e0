"""Scanners on the network that call us: as a TCP client, each over a connection of its own.

>>> check_url("tcp-listen://:9009?from=10.0.0.9,10.1.0.0/24")
'tcp-listen://:9009?from=10.0.0.9,10.1.0.0/24'
>>> check_url("TCP-LISTEN://127.0.0.1:9009")
'tcp-listen://127.0.0.1:9009'

Whoever may connect can scan, so the URL names from where: ``from`` has addresses and networks, and
what calls from elsewhere is hung up on before it says a word.
"""

from __future__ import annotations

import errno
import logging
import re
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from gateway.devices.network import keep_alive
from gateway.errors import DeviceBusy, DeviceError, DeviceLost, DeviceUnreachable, ScannerRefused
from gateway.scanners.byte_source import Stream, receive
from gateway.scanners.feedback import signal
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile
from gateway.scanners.waking import Waker

log = logging.getLogger(__name__)

MOST_CALLERS = 32
"""Connections at a time: each scanner has one."""

_URL = re.compile(
    r"tcp-listen://(?P<host>\[[0-9a-f:.]+\]|[0-9.]*):(?P<port>\d{1,5})/?(?:\?from=(?P<from>[^&#]+))?",
    re.IGNORECASE,
)
_EXAMPLE = "tcp-listen://:9009?from=10.0.0.9"

Network = IPv4Network | IPv6Network


class Address(NamedTuple):
    """Where this computer is called, and from where."""

    host: str
    """Without brackets; empty: all of this computer's addresses."""
    port: int
    callers: tuple[Network, ...]
    """Where scanners may call from; empty: anywhere on this computer."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        callers = ",".join(
            str(net.network_address if net.num_addresses == 1 else net) for net in self.callers
        )
        return f"tcp-listen://{host}:{self.port}" + (f"?from={callers}" if callers else "")


def check_url(url: str) -> str:
    """Return the URL as ``tcp-listen://address:port?from=…``.

    Raises:
        ScannerRefused: it is no address of this computer and a port, or names no callers although
            other computers can call.
    """
    return str(parse_url(url))


def parse_url(url: str) -> Address:
    """Return where scanners can call, and from where.

    Raises:
        ScannerRefused: it is no such address, or names no callers although strangers could call.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ScannerRefused(
            f"{url[:200]!r} is not where scanners can call; write it as {_EXAMPLE}.", url=url
        )
    try:
        host, port = match["host"].strip("[]").lower(), int(match["port"])
        here = ip_address(host) if host else None
        callers = tuple(ip_network(one.strip()) for one in (match["from"] or "").split(",") if one)
    except ValueError as error:
        raise ScannerRefused(
            f"{url[:200]!r} is not where scanners can call ({error}); write it as {_EXAMPLE}.",
            url=url,
        ) from error
    if port not in range(1024, 65536):
        raise ScannerRefused(
            f"Scanners cannot call port {port}; choose a free one from 1024 to 65535.",
            url=url,
            port=port,
        )
    if not callers and (here is None or not here.is_loopback):
        raise ScannerRefused(
            f"Anybody on the network could scan by calling {url[:200]}; name the scanners that "
            f"may, as in {_EXAMPLE}.",
            url=url,
        )
    return Address(host, port, callers)


def open(url: str, profile: Profile) -> CalledSource:
    """Return a source that scanners can call from now on.

    Raises:
        DeviceUnreachable: this computer has no such address.
        DeviceBusy: another program listens there.
    """
    address = parse_url(url)
    family = socket.AF_INET if "." in address.host else socket.AF_INET6
    both = not address.host and socket.has_dualstack_ipv6()
    if not address.host and not both:
        family = socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let others listen on the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        listening.bind((address.host, address.port))
        listening.listen(MOST_CALLERS)
    except OSError as error:
        listening.close()
        raise _not_listening(address, url, error) from error
    return CalledSource(listening, address, profile)


def _not_listening(address: Address, url: str, error: OSError) -> DeviceError:
    if error.errno == errno.EADDRINUSE:
        return DeviceBusy(
            f"Another program listens on port {address.port} of this computer; end that, or set "
            "the scanner and the URL to another port.",
            url=url,
            port=address.port,
        )
    return DeviceUnreachable(
        f"Scanners cannot call {address.host or 'this computer'} at port {address.port} "
        f"({error.strerror or error}); use an address of this computer, or none for all.",
        url=url,
        port=address.port,
    )


class _Caller:
    """A scanner that has called."""

    def __init__(self, connection: socket.socket, place: str, profile: Profile) -> None:
        connection.setblocking(False)
        self.connection, self.place = connection, place
        self.stream = Stream(profile)

    def say(self, payload: bytes) -> None:
        """Send what the network takes at once."""
        with suppress(OSError):
            self.connection.send(payload)


class CalledSource:
    """A place that scanners call, each cut into reads by itself."""

    grabbed = False

    def __init__(
        self,
        listening: socket.socket,
        address: Address,
        profile: Profile,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        listening.setblocking(False)
        self._listening, self._address, self._profile = listening, address, profile
        self._clock = clock
        self._waker = Waker(listening)
        self._callers: dict[socket.socket, _Caller] = {}
        self._ready: deque[tuple[_Caller, Read]] = deque()
        self._told: _Caller | None = None
        """Whose read was returned last: the outcome is for it."""
        self._closed = False

    @property
    def port(self) -> int:
        """The port that scanners call."""
        return int(self._listening.getsockname()[1])

    def read(self, timeout: float) -> Read | None:
        """Return the next read of any caller; None when there is none within ``timeout`` seconds
        or after ``wake``. A caller that hangs up is no lost device: it calls again.
        """
        ends = self._clock() + timeout
        while not self._ready:
            dues = [c.stream.due for c in self._callers.values() if c.stream.due is not None]
            until = min([ends, *dues])
            spoke = self._waker.wait(max(0.0, until - self._clock()))
            now = self._clock()
            for device in spoke:
                if isinstance(device, socket.socket):
                    self._hear(device, now)
            for caller in self._callers.values():
                self._ready += [(caller, read) for read in caller.stream.expire(now)]
            if not spoke and not self._ready and (until == ends or now < until):
                return None
        self._told, read = self._ready.popleft()
        return read

    def tell(self, outcome: Outcome) -> None:
        """Make the scanner that read last say how its scan ended."""
        if self._told is not None and (payload := signal(self._profile.feedback, outcome)):
            self._told.say(payload)

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._waker.ring()

    def close(self) -> None:
        """Hang up on everybody, and let nobody call any more."""
        if not self._closed:
            self._closed = True
            self._waker.close()
            for connection in self._callers:
                connection.close()
            self._callers.clear()
            self._listening.close()

    def _hear(self, device: socket.socket, now: float) -> None:
        if device is self._listening:
            self._take_call()
            return
        caller = self._callers[device]
        try:
            chunk = receive(device, caller.place)
        except DeviceLost as error:
            log.info("a scanner hung up", extra={"scanner": caller.place, "why": error.detail})
            self._ready += [(caller, read) for read in caller.stream.end()]
            self._hang_up(caller)
            return
        self._ready += [(caller, read) for read in caller.stream.take(chunk, now)]
        if answer := caller.stream.answer():
            caller.say(answer)

    def _take_call(self) -> None:
        try:
            connection, peer = self._listening.accept()
        except OSError:
            return  # it has hung up already
        place = str(peer[0])
        if not self._may_call(place):
            log.warning("a call from a stranger was refused", extra={"caller": place})
            connection.close()
            return
        if len(self._callers) >= MOST_CALLERS:
            log.warning("too many scanners call", extra={"caller": place})
            connection.close()
            return
        with suppress(OSError):
            keep_alive(connection)
        self._callers[connection] = _Caller(connection, place, self._profile)
        self._waker.watch(connection)

    def _may_call(self, place: str) -> bool:
        address: IPv4Address | IPv6Address = ip_address(place.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not self._address.callers:
            return address.is_loopback
        return any(address in network for network in self._address.callers)

    def _hang_up(self, caller: _Caller) -> None:
        self._waker.forget(caller.connection)
        del self._callers[caller.connection]
        caller.connection.close()
