r"""What a scanner sent, byte by byte or key by key, for a person who wants to know.

>>> [f"{one.hex} {one.name}" for one in bytes_seen(b"\x02A \r")]
['02 STX', '41 A', '20 space', '0D CR']
>>> [one.name for one in keys_seen(bytes.fromhex("002a 001e 801e 802a"))]
['Shift ↓', 'A ↓', 'A ↑', 'Shift ↑']
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.scanners.browser_keys import PLACES
from gateway.scanners.keys import UP, unpack_keys

_CONTROLS = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT",
    "FF", "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB",
    "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
"""Names of the control characters (ISO/IEC 646), TAB as people call it."""

_KEYS = {
    code: name.removeprefix("Key").removeprefix("Digit").removesuffix("Left").removesuffix("Right")
    for name, code in PLACES.items()
}
"""A key's code -> what stands on it in the United States."""


class Seen(NamedTuple):
    """One byte, or one key that went down or up."""

    hex: str
    name: str
    control: bool
    """It is no character of the code, or none that can be seen."""


def bytes_seen(raw: bytes) -> list[Seen]:
    """Return each byte with its name."""
    return [Seen(f"{one:02X}", _name(one), one <= 0x20 or one >= 0x7F) for one in raw]


def keys_seen(raw: bytes) -> list[Seen]:
    """Return each key, as ``keys.pack_keys`` keeps them."""
    return [
        Seen(f"{code:02X}", f"{_KEYS.get(code, code)} {'↑' if value == UP else '↓'}", value == UP)
        for code, value in unpack_keys(raw)
    ]


def _name(one: int) -> str:
    if one < len(_CONTROLS):
        return _CONTROLS[one]
    if one == 0x20:
        return "space"
    return "DEL" if one == 0x7F else chr(one) if one < 0x7F else "·"


def visible(text: str) -> str:
    r"""Return a code with its separators as people write them; fonts have no signs for those.

    >>> visible("21A\x1d10B")
    '21A<GS>10B'
    """
    return "".join(f"<{_name(ord(one))}>" if ord(one) < 0x20 else one for one in text)


def plain(text: str) -> str:
    """Return what ``visible`` wrote as it was.

    >>> plain("21A<GS>10B") == "21A" + chr(29) + "10B"
    True
    """
    for number, name in enumerate(_CONTROLS):
        text = text.replace(f"<{name}>", chr(number))
    return text
