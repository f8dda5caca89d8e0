"""Sources: an open set of ways to a scanner, chosen by the scheme of its URL.

    device ══bytes, keys, reports══► Source ──Read──► the scan room
      ▲                                │
      └────────── beep, light ◄──tell──┘ Outcome

A new way is one module with ``check_url(url)`` and ``open(url, profile)`` and one line here, or an
entry point in the group ``gateway.scanners`` of another package.

>>> check_url("TCP://10.0.0.9:2001")
'tcp://10.0.0.9:2001'
>>> is_plugged("wedge:0c2e:0b61/17018B0B25"), is_plugged("tcp://10.0.0.9:2001")
(True, False)
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from gateway.errors import ScannerRefused
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile

SOURCES: dict[str, str] = {
    "serial": "gateway.scanners.serial_port",
    "rfcomm": "gateway.scanners.rfcomm",
    "tcp": "gateway.scanners.tcp",
    "tcp-listen": "gateway.scanners.tcp_listen",
    "wedge": "gateway.scanners.wedge",
    "hid": "gateway.scanners.hid",
    "virtual": "gateway.scanners.virtual",
}
"""URL scheme to module."""

_NOT_PLUGGED = ("tcp", "tcp-listen", "virtual")
"""Schemes of what comes and goes without a cable of this computer moving."""


class Source(Protocol):
    """An open scanner. All but ``wake`` is called by one thread only."""

    @property
    def grabbed(self) -> bool:
        """Whether what it types comes to the gateway only; False for what does not type."""
        ...

    def read(self, timeout: float) -> Read | None:
        """Return the next read; None when there is none within ``timeout`` seconds, or at once
        after ``wake``. An incomplete code of a device that goes is read first.

        Raises:
            DeviceLost: the device has gone; from now on only ``close`` makes sense.
        """
        ...

    def tell(self, outcome: Outcome) -> None:
        """Make the scanner say how its scan ended. Blocks for no more than a few milliseconds and
        raises nothing: a mute scanner stays mute, a lost one is noticed by ``read``."""
        ...

    def wake(self) -> None:
        """Have ``read`` return at once, now or when it is called next; from any thread. Raises
        nothing, also when the source is closed."""
        ...

    def close(self) -> None:
        """Let the device go; again does nothing. Raises nothing."""
        ...


@runtime_checkable
class PassesOn(Protocol):
    """A source whose reads can go on to the window that they were taken from."""

    def pass_on(self) -> None:
        """Give the newest read to the window that has the focus, where that is wanted."""
        ...


class Way(Protocol):
    """What the module of a scheme offers."""

    def check_url(self, url: str) -> str:
        """Return the URL in the one form it is kept in. Opens nothing and resolves no name.

        Raises:
            ScannerRefused: there can be no scanner there.
        """
        ...

    def open(self, url: str, profile: Profile) -> Source:
        """Return the open scanner at a checked URL.

        Raises:
            ScannerRefused: the address its name stands for cannot be a scanner's.
            DeviceUnreachable: it is not there, or this user may not open it.
            DeviceBusy: another program has it.
        """
        ...


def scheme_names() -> tuple[str, ...]:
    """Return all URL schemes, the project's own first."""
    foreign = {found.name for found in entry_points(group="gateway.scanners")}
    return (*SOURCES, *sorted(foreign - set(SOURCES)))


@cache
def _way(scheme: str) -> Way:
    if module := SOURCES.get(scheme):
        return import_module(module)
    for found in entry_points(group="gateway.scanners", name=scheme):
        way: Way = found.load()
        return way
    known = ", ".join(f"{name}:" for name in scheme_names())
    raise ScannerRefused(
        f"A scanner's URL cannot begin with {scheme[:20]!r}; it begins with one of {known}.",
        scheme=scheme,
    )


def _scheme(url: str) -> str:
    scheme, colon, _ = url.partition(":")
    if not colon or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) is None:
        raise ScannerRefused(
            f"{url[:100]!r} is not a scanner's URL; write it as {_likely(url)}, or as "
            "'label-gateway scanner find' shows it.",
            url=url,
        )
    return scheme.lower()


_DEVICES = (
    (re.compile(r"/dev/(tty|rfcomm|cu\.|serial/)\S+|COM\d+", re.IGNORECASE), "serial://{}"),
    (re.compile(r"[\w-]+(\.[\w-]+)+:\d+"), "tcp://{}"),
    (re.compile(r"[\w-]+(\.[\w-]+)+"), "tcp://{}:2001"),
)
"""What people write instead of a URL."""


def _likely(words: str) -> str:
    """Return the URL that somebody most likely meant.

    >>> _likely("COM3"), _likely("10.0.0.9"), _likely("the one at the dock")
    ('serial://COM3', 'tcp://10.0.0.9:2001', 'serial:///dev/ttyACM0')
    """
    for written, meant in _DEVICES:
        if written.fullmatch(words):
            return meant.format(words)
    return "serial:///dev/ttyACM0"


def check_url(url: str) -> str:
    """Return the URL in the one form it is kept in. Opens nothing and resolves no name.

    Raises:
        ScannerRefused: there is no such way to a scanner, or it cannot go there.
    """
    return _way(_scheme(url)).check_url(url)


def is_plugged(url: str) -> bool:
    """Return whether the scanner comes and goes with a cable or radio of this computer."""
    return _scheme(url) not in _NOT_PLUGGED


def open_source(url: str, profile: Profile) -> Source:
    """Return the open scanner at the URL.

    Raises:
        ScannerRefused: the URL is not one of a scanner.
        DeviceUnreachable: it is not there, or this user may not open it.
        DeviceBusy: another program has it.
    """
    return _way(_scheme(url)).open(check_url(url), profile)
