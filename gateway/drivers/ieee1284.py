r"""What a printer says of itself on a parallel port's or USB's own channel, beside its language.

    GET_DEVICE_ID ──bytes──► DeviceId       GET_PORT_STATUS ──byte──► PortStatus

The text is IEEE 1284-2000, 7.6 "Device IDs": ``KEY:VALUE;`` pairs behind two bytes of length. The
requests are USB Printer Class 1.1, 4.2.1 and 4.2.2. Firmware is sloppy with both, so everything
that can be read is taken and nothing a device sends is an error here. Its words are cleaned: who
plugs something in must not write on somebody's screen.

>>> found = read_device_id(b"\x00\x35MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZD421-203dpi;")
>>> found.manufacturer, found.model, found.command_set
('Zebra Technologies', 'ZTC ZD421-203dpi', ('ZPL',))
>>> read_port_status(0x38).paper_empty
True
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MOST_BYTES = 1024
"""Of a device id; real ones have 60 to 300. What is longer is cut."""

MOST_SHOWN = 100
"""Characters that are kept of one value."""


@dataclass(frozen=True, slots=True)
class DeviceId:
    """A device id, cleaned. What it does not say is empty."""

    manufacturer: str = ""
    model: str = ""
    command_set: tuple[str, ...] = ()
    """The languages it claims, upper case: ``ZPL``, ``ESC/POS``. Some printers say too much."""
    description: str = ""
    serial: str = ""
    raw: str = ""
    """The whole text, cleaned."""


@dataclass(frozen=True, slots=True)
class PortStatus:
    """The three lines a parallel printer has for its state."""

    paper_empty: bool
    selected: bool
    """On line."""
    error: bool


# The long names stand in IEEE 1284-2000, 7.6; the short ones and SN, SERN are what printers send.
_KEYS = {
    "MFG": "manufacturer",
    "MANUFACTURER": "manufacturer",
    "MDL": "model",
    "MODEL": "model",
    "CMD": "command set",
    "COMMAND SET": "command set",
    "DES": "description",
    "DESCRIPTION": "description",
    "SN": "serial",
    "SERN": "serial",
    "SERIALNUMBER": "serial",
    "SERIAL NUMBER": "serial",
}


def clean_words(words: str, most: int = MOST_SHOWN) -> str:
    """Return a device's own words without controls and direction marks, on one line, cut."""
    # Every category C…: controls, marks that reorder text, surrogates, what has no meaning.
    seen = "".join(
        " " if character.isspace() or unicodedata.category(character)[0] == "C" else character
        for character in words[: 8 * most]
    )
    return " ".join(seen.split())[:most].rstrip()


def read_device_id(answer: bytes) -> DeviceId:
    """Return what the answer to GET_DEVICE_ID says.

    The length before the text is not trusted: firmware sends it little-endian, without its own two
    bytes, or larger than the answer. The text ends where the device stopped sending.
    """
    text = answer[2:MOST_BYTES]
    if answer[:2].isalpha():  # the length was left out altogether
        text = answer[:MOST_BYTES]
    return parse_device_id(_decode(text))


def _decode(text: bytes) -> str:
    """UTF-8 where it is that, else Latin-1, in which every byte means something."""
    text = text.partition(b"\0")[0]
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def parse_device_id(text: str) -> DeviceId:
    """Return what a device id says, given without its length, as Linux shows it in sysfs.

    >>> parse_device_id("MANUFACTURER:EPSON;COMMAND SET:ESC/POS,TEXT;MODEL:TM-T88V;").command_set
    ('ESC/POS', 'TEXT')
    """
    text = text[:MOST_BYTES]
    found: dict[str, str] = {}
    for pair in text.split(";"):
        key, colon, value = pair.partition(":")
        name = _KEYS.get(clean_words(key).upper())
        if colon and name is not None:
            found.setdefault(name, clean_words(value))
    commands = found.get("command set", "").upper().split(",")
    return DeviceId(
        found.get("manufacturer", ""),
        found.get("model", ""),
        tuple(command.strip() for command in commands if command.strip()),
        found.get("description", ""),
        found.get("serial", ""),
        clean_words(text, MOST_BYTES),
    )


def read_port_status(status: int) -> PortStatus:
    """Return what the byte of GET_PORT_STATUS says (USB Printer Class 1.1, 4.2.2)."""
    return PortStatus(bool(status & 0x20), bool(status & 0x10), not status & 0x08)
