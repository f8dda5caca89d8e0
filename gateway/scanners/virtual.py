"""Scanners that are not there: for a machine without one, for demonstrations and for tests.

>>> gun = virtual_scanner("doctest")
>>> with_source = open("virtual:doctest", Profile(aim=True))
>>> gun.scan("A1234", aim="]C0")
>>> with_source.read(1.0).text
'A1234'
>>> with_source.tell(Outcome.DONE); gun.told()
(<Outcome.DONE: 'done'>,)
>>> with_source.close()

A virtual scanner is a device: it writes bytes as its profile says into one end of a socket pair,
and the gateway reads the other end as it reads any scanner. What it would have beeped is kept.
"""

from __future__ import annotations

import re
import socket
import threading
from collections import deque
from typing import get_args

from gateway.errors import DeviceBusy, DeviceUnreachable, ScannerRefused
from gateway.scanners.byte_source import ByteSource, SocketWire
from gateway.scanners.framing import GS
from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import Profile, Separator

_NAME = re.compile(r"virtual:(?://)?([A-Za-z0-9_.-]{1,40})", re.IGNORECASE)

_ENDINGS = {"enter": "\r", "cr": "\r", "lf": "\n", "crlf": "\r\n", "tab": "\t", "etx": "\x03"}

KEPT = 100
"""Outcomes that a virtual scanner remembers."""

TAKES_WITHIN = 5.0
"""Seconds a gateway that is alive needs at most to take what was scanned."""


class VirtualScanner:
    """The device's side: somebody pulls the trigger, and hears how it beeps."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._line: socket.socket | None = None
        self._profile = Profile()
        self._plugged = True
        self._told: deque[Outcome] = deque(maxlen=KEPT)
        self._count = 0
        self._changed = threading.Condition()

    def scan(self, text: str, aim: str = "") -> None:
        """Read a barcode: write it as the profile says that this scanner writes.

        Raises:
            DeviceUnreachable: no gateway listens to it.
        """
        profile = self._profile
        if profile.gs == "lost":
            text = text.replace(GS, "")
        elif profile.gs not in get_args(Separator):
            text = text.replace(GS, profile.gs)
        ending = "" if profile.suffix == "none" else _ENDINGS.get(profile.suffix, profile.suffix)
        whole = profile.prefix + (aim if profile.aim else "") + text + ending
        self.put(whole.encode(profile.encoding, "replace"))

    def put(self, payload: bytes) -> None:
        """Write these bytes, whatever they are.

        Raises:
            DeviceUnreachable: no gateway listens to it.
        """
        line = self._line
        if line is None:
            raise self._unheard()
        try:
            line.sendall(payload)
        except OSError as error:
            raise self._unheard() from error

    def _unheard(self) -> DeviceUnreachable:
        return DeviceUnreachable(
            f"No gateway listens to the virtual scanner {self.name!r}; add it with 'label-gateway "
            f"scanner add NAME virtual:{self.name}', and see that it is not paused.",
            scanner=self.name,
        )

    def told(self) -> tuple[Outcome, ...]:
        """Return how the scans ended that it was told of, the newest last."""
        with self._changed:
            return tuple(self._told)

    def wait_told(self, count: int, timeout: float) -> tuple[Outcome, ...]:
        """Return how the scans ended when it has been told of so many, or time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._count >= count, timeout)
            return tuple(self._told)

    def wait_listened(self, timeout: float) -> bool:
        """Return whether a gateway listens to it, or begins to within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._line is not None, timeout)

    def unplug(self) -> None:
        """Pull the cable, also in the middle of a code."""
        with self._changed:  # one that is being opened right now is hung up on, too
            self._plugged = False
            if self._line is not None:
                self._hang_up(self._line)

    def plug(self) -> None:
        """Put the cable back."""
        self._plugged = True

    def _take(self, profile: Profile) -> tuple[socket.socket, socket.socket]:
        """Return both ends of a new cable: the gateway's, and this scanner's own."""
        with self._changed:
            if not self._plugged:
                raise DeviceUnreachable(
                    f"The virtual scanner {self.name!r} is unplugged.", scanner=self.name
                )
            if self._line is not None:
                raise DeviceBusy(
                    f"The virtual scanner {self.name!r} is open already.", scanner=self.name
                )
            ours, theirs = socket.socketpair()
            ours.settimeout(TAKES_WITHIN)
            self._line, self._profile = ours, profile
            self._changed.notify_all()
        return theirs, ours

    def _hear(self, outcome: Outcome) -> None:
        with self._changed:
            self._told.append(outcome)
            self._count += 1
            self._changed.notify_all()

    def _hang_up(self, line: socket.socket) -> None:
        with self._changed:
            if self._line is line:
                self._line = None
        line.close()


_SCANNERS: dict[str, VirtualScanner] = {}


def virtual_scanner(name: str) -> VirtualScanner:
    """Return the device of that name, which exists from now on."""
    return _SCANNERS.setdefault(name, VirtualScanner(name))


def name_of(url: str) -> str:
    """Return the name in a virtual scanner's URL.

    Raises:
        ScannerRefused: it is not one.
    """
    match = _NAME.fullmatch(url)
    if match is None:
        raise ScannerRefused(
            f"{url[:100]!r} is not a virtual scanner; write it as virtual:desk, with 1 to 40 "
            "letters, digits, '-', '_' or '.'.",
            url=url,
        )
    return match[1].lower()


def check_url(url: str) -> str:
    """Return the URL as ``virtual:name``.

    Raises:
        ScannerRefused: the name is empty or not made of letters, digits, dot, dash and underscore.
    """
    return f"virtual:{name_of(url)}"


def open(url: str, profile: Profile) -> VirtualSource:
    """Return the gateway's end of the cable to a virtual scanner.

    Raises:
        DeviceUnreachable: it is unplugged.
        DeviceBusy: it is open.
    """
    return VirtualSource(virtual_scanner(name_of(url)), profile)


class VirtualSource(ByteSource):
    """A virtual scanner, open."""

    def __init__(self, scanner: VirtualScanner, profile: Profile) -> None:
        theirs, self._far = scanner._take(profile)
        super().__init__(SocketWire(theirs, f"virtual:{scanner.name}"), profile)
        self._scanner = scanner

    def tell(self, outcome: Outcome) -> None:
        """Have the scanner beep, and remember it."""
        super().tell(outcome)
        self._scanner._hear(outcome)

    def close(self) -> None:
        """Pull our end of the cable."""
        super().close()
        self._scanner._hang_up(self._far)
