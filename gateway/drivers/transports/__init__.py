"""Transports: an open set of ways to a device, chosen by the scheme of its URL.

A new transport is one module with ``open_wire(url)`` and ``check_url(url)`` and one line here, or
an entry point in the group ``gateway.transports`` of another package. It may also have ``MANNERS``,
or ``manners(url)``, where less can be relied on than on a network, and ``check_payload(url,
payload)`` when it cannot carry every byte.

>>> check_url("tcp://10.0.0.7")
'tcp://10.0.0.7:9100'
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from gateway.drivers.transports.wire import Manners, Wire
from gateway.errors import PrinterRefused

__all__ = [
    "TRANSPORTS",
    "Manners",
    "Transport",
    "Wire",
    "check_payload",
    "check_url",
    "manners_of",
    "open_wire",
    "transport_names",
    "with_quirks",
]

TRANSPORTS: dict[str, str] = {
    "tcp": "gateway.drivers.transports.tcp",
    "file": "gateway.drivers.transports.file",
    "memory": "gateway.drivers.transports.memory",
    "serial": "gateway.drivers.transports.serial",
    "rfcomm": "gateway.drivers.transports.rfcomm",
    "spool": "gateway.drivers.transports.spool",
    "usb": "gateway.drivers.transports.usb",
    "usblp": "gateway.drivers.transports.usblp",
}
"""URL scheme to module."""


class Transport(Protocol):
    """What a transport's module offers."""

    def check_url(self, url: str) -> str: ...

    def open_wire(self, url: str) -> Wire: ...


def transport_names() -> tuple[str, ...]:
    """Return all URL schemes, the project's own first."""
    foreign = {found.name for found in entry_points(group="gateway.transports")}
    return (*TRANSPORTS, *sorted(foreign - set(TRANSPORTS)))


@cache
def _transport(scheme: str) -> Transport:
    if module := TRANSPORTS.get(scheme):
        return import_module(module)
    for found in entry_points(group="gateway.transports", name=scheme):
        transport: Transport = found.load()
        return transport
    known = ", ".join(f"{name}://" for name in transport_names())
    raise PrinterRefused(
        f"A printer's URL cannot begin with {scheme[:20]!r}; it begins with one of {known}.",
        scheme=scheme,
    )


def _scheme(url: str) -> str:
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise PrinterRefused(
            f"{url[:100]!r} is not a printer's URL; write it as {_likely(url)}.", url=url
        )
    return scheme.lower()


_DEVICES = (
    (re.compile(r"/dev/usb/lp\d+"), "usblp://{}"),
    (re.compile(r"/dev/(tty|rfcomm|cu\.|serial/)\S+|COM\d+", re.IGNORECASE), "serial://{}"),
    (re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?"), "tcp://{}"),
)
"""What people write instead of a URL."""


def _likely(words: str) -> str:
    """Return the URL that somebody most likely meant.

    >>> _likely("COM3"), _likely("10.0.0.7"), _likely("the one in the hall")
    ('serial://COM3', 'tcp://10.0.0.7', 'tcp://10.0.0.7:9100')
    """
    for written, meant in _DEVICES:
        if written.fullmatch(words):
            return meant.format(words)
    return "tcp://10.0.0.7:9100"


def check_url(url: str) -> str:
    """Return the URL in the one form it is kept in. Opens nothing and resolves no name.

    Raises:
        PrinterRefused: there is no such transport, or it cannot go there.
    """
    return _transport(_scheme(url)).check_url(url)


def open_wire(url: str) -> Wire:
    """Return an open wire to the device at the URL.

    Raises:
        PrinterRefused: the URL is not one of a printer.
        DeviceUnreachable: nobody answers there.
        DeviceBusy: somebody else holds the device.
    """
    return _transport(_scheme(url)).open_wire(check_url(url))


def with_quirks(url: str, quirks: Collection[str]) -> str:
    """Return the URL by which a printer of a model with these quirks is opened.

    >>> with_quirks("usb://0a5f:0164/X1", {"zero-length-packets"})
    'usb://0a5f:0164/X1?zlp=1'
    """
    wants = url.startswith("usb://") and "zero-length-packets" in quirks and "zlp=" not in url
    return f"{url}?zlp=1" if wants else url


def manners_of(url: str) -> Manners:
    """Return what can be relied on in the way to a device.

    >>> manners_of("tcp://10.0.0.7:9100") == Manners()
    True
    >>> manners_of("file:///var/spool/labels.zpl").answers
    False
    >>> manners_of("serial:///dev/ttyUSB0?flow=none").may_lose
    True

    Raises:
        PrinterRefused: there is no such transport, or it cannot go there.
    """
    transport = _transport(_scheme(url))
    if (by_url := getattr(transport, "manners", None)) is not None:
        found: Manners = by_url(transport.check_url(url))
        return found
    fixed: Manners = getattr(transport, "MANNERS", Manners())
    return fixed


def check_payload(url: str, payload: bytes | memoryview) -> None:
    """Refuse a label's bytes that the way to the printer cannot carry, before one of them is sent.

    Raises:
        PrinterRefused: it would arrive garbled.
    """
    check = getattr(_transport(_scheme(url)), "check_payload", None)
    if check is not None:
        check(url, payload)
