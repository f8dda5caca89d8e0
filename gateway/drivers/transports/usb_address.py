"""Which USB printer is meant: by serial number, by the socket it is plugged into, or the only one.

    usb://0a5f:0164/D2J184500123    the Zebra with that serial number, wherever it is plugged in
    usb://0a5f:0164@1-2.4           whatever Zebra of that type is in port 4 of the hub in port 2
    usb://0a5f:0164                 the only one of that type

Vendor and product are hexadecimal, as ``lsusb`` shows them. The second form is for printers that
have no serial number, or the same one twice; the port is written as Linux writes it, bus first.
The addresses of ``usblp://`` are the same.

>>> str(parse_usb_address("USB://A5F:164/D2J%2F1"))
'usb://0a5f:0164/D2J%2F1'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from gateway.errors import PrinterRefused

LONGEST_SERIAL = 126
"""Characters in a USB string descriptor: 255 bytes, two of them head, in UTF-16."""

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z]+)://(?P<vendor>[0-9a-f]{1,4}):(?P<product>[0-9a-f]{1,4})"
    r"(?:/(?P<serial>[^/?#@]+)|@(?P<port>[0-9]{1,3}-[0-9]{1,3}(?:\.[0-9]{1,3}){0,6}))?/?"
    r"(?:\?(?P<query>zlp=1))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class UsbAddress:
    """A USB printer's address. Either serial or port is empty, or both are."""

    scheme: str
    vendor: int
    product: int
    serial: str = ""
    port: str = ""
    zero_packets: bool = False
    """The printer waits for a packet of length 0 behind a transfer of whole packets."""

    def __str__(self) -> str:
        place = f"/{quote(self.serial, safe='')}" if self.serial else ""
        if self.port:
            place = f"@{self.port}"
        query = "?zlp=1" if self.zero_packets else ""
        return f"{self.scheme}://{self.vendor:04x}:{self.product:04x}{place}{query}"


def parse_usb_address(url: str) -> UsbAddress:
    """Return the address in a URL.

    Raises:
        PrinterRefused: the URL does not name a USB printer.
    """
    match = _ADDRESS.fullmatch(url)
    serial = "" if match is None else tidy_serial(unquote(match["serial"] or ""))
    if match is None or (match["serial"] and not is_serial(serial)):
        scheme = url.partition(":")[0].lower()
        raise PrinterRefused(
            f"{url[:200]!r} is not a USB printer's URL; write vendor, product and serial number as "
            f"in {scheme}://0a5f:0164/D2J184500123, or its port as in {scheme}://0a5f:0164@1-2.4.",
            url=url,
        )
    return UsbAddress(
        match["scheme"].lower(),
        int(match["vendor"], 16),
        int(match["product"], 16),
        serial,
        match["port"] or "",
        match["query"] is not None,
    )


def is_serial(text: str) -> bool:
    """Return whether a device's serial number can name it: printable, and no longer than one."""
    return bool(text) and text.isprintable() and len(text) <= LONGEST_SERIAL


def tidy_serial(text: str) -> str:
    """Return a serial number as it is compared: up to the first NUL, without spaces around it."""
    return text.partition("\0")[0].strip()
