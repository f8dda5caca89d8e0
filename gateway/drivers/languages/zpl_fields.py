r"""What goes into a ZPL field: data that can never become a command, and a printer's own codes.

Data is encoded, never filtered: every byte that a ZPL printer could take for anything but data is
written in hexadecimal after ``_``, which ``^FH_`` announces. Data without such a byte goes without
the announcement, too: a line of 9600 baud has 960 bytes a second.

>>> field("SN-1^XZ~JA_"), field("SN-1")
(b'^FH_^FDSN-1_5EXZ_7EJA_5F^FS', b'^FDSN-1^FS')
>>> code128_data("SN-000123")
(b'>:SN->5000123', 9)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from gateway.codes.code128 import FNC1, START_A, START_C, codewords
from gateway.errors import FieldRefused
from gateway.label import Barcode

_SPEAKS = re.compile(rb"[\x00-\x1f\x7f_^~]")
"""``^`` and ``~`` begin commands, also inside a field; ETX is ^XZ and STX ^XA (ZPL II guide, ^XA,
^XZ); ``_`` is our own escape."""


def escape(data: bytes) -> bytes:
    """Return the bytes as the data of a field that ``^FH_`` precedes."""
    if _SPEAKS.search(data) is None:
        return data
    return _SPEAKS.sub(lambda found: b"_%02X" % found[0][0], data)


def _whole(written: bytes) -> bytes:
    """Return escaped data as a field; ``_`` stands in it only where it announces a byte."""
    return (b"^FH_^FD%b^FS" if b"_" in written else b"^FD%b^FS") % written


def field(text: str) -> bytes:
    """Return the text as a whole field.

    Raises:
        FieldRefused: the text holds half a surrogate pair, which is no character.
    """
    try:
        return _whole(escape(text.encode()))
    except UnicodeEncodeError as error:
        lone = ord(text[error.start])
        raise FieldRefused(
            f"Character {error.start + 1} of {text!r} is U+{lone:04X}, half of a surrogate pair "
            "and no character; send text as proper UTF-8.",
            position=error.start,
        ) from error


TURNED = {0: b"N", 90: b"R", 180: b"I", 270: b"B"}
"""Degrees clockwise to ZPL's orientation (ZPL II guide, ^FW)."""

_SEPARATOR = "\x1d"
"""FNC1 inside a GS1 element string, as scanners send it (GS1 General Specifications 7.8)."""

_CODE_C, _CODE_B, _FNC1 = 99, 100, 102
"""Symbol characters that switch sets, and FNC1 (ISO/IEC 15417, table 1)."""

_SPECIAL = {">": ">0", **{sign: f"_{ord(sign):02X}" for sign in "_^~"}}
"""How signs with a meaning of their own are written in set B."""

_KINDS = str.maketrans(
    {chr(code): "0" for code in range(0x30, 0x3A)}
    | {chr(code): "A" for code in range(0x41, 0x5B)}
    | {chr(code): "a" for code in range(0x61, 0x7B)}
)
"""Digits, upper and lower case each stand for one another: the sets depend on nothing else."""


def code128_data(content: str, gs1: bool = False) -> tuple[bytes, int] | None:
    """Return (field data with explicit code sets, symbol characters) of the previewed code.

    The characters count start and check, not the stop. None when it needs set A or FNC4: how they
    are written differs between firmwares, so such a code is sent as a picture.

    >>> code128_data("0112345678901231", gs1=True)
    (b'>;>80112345678901231', 11)
    """
    plan = _code128_plan(content.translate(_KINDS), gs1)
    if plan is None:
        return None
    parts, characters = plan
    written = "".join([part if isinstance(part, str) else content[part] for part in parts])
    return written.encode(), characters


@lru_cache(maxsize=1024)
def _code128_plan(kinds: str, gs1: bool) -> tuple[tuple[str | slice, ...], int] | None:
    """Return what a content of such kinds is written as: signs, and slices of the content."""
    sample = kinds
    if gs1:
        sample = FNC1 + kinds.replace(_SEPARATOR, FNC1)
    if not sample or not all(" " <= sign <= "~" or sign == FNC1 for sign in sample):
        return None
    words = codewords(sample)
    if words[0] == START_A:
        return None
    # ^BC: `>:` and `>;` start in B and C, `>6` and `>5` switch to them, `>8` is FNC1, `>0` is `>`.
    pairs = words[0] == START_C
    parts: list[str | slice] = [">;" if pairs else ">:"]
    at = -1 if gs1 else 0  # the first FNC1 is not in the content
    for word in words[1:]:
        if word == _FNC1:
            parts.append(">8")
            at += 1
        elif (pairs and word < 100) or (not pairs and word < 95):
            width = 2 if pairs else 1
            special = _SPECIAL.get(kinds[at]) if width == 1 else None
            last = parts[-1]
            if special is not None:
                parts.append(special)
            elif isinstance(last, slice) and last.stop == at:
                parts[-1] = slice(last.start, at + width)
            else:
                parts.append(slice(at, at + width))
            at += width
        elif word == (_CODE_B if pairs else _CODE_C):
            pairs = not pairs
            parts.append(">5" if pairs else ">6")
        else:
            return None
    return tuple(parts), len(words) + 1


Kind = Literal["text", "code128", "gs1-128"]
"""How a value becomes the data of a field."""


def _code128_field(content: str) -> bytes:
    written = code128_data(content)
    return _whole(written[0] if written else b"")


def _gs1_128_field(content: str) -> bytes:
    written = code128_data(content, True)
    return _whole(written[0] if written else b"")


WRITE: dict[Kind, Callable[[str], bytes]] = {
    "text": field,
    "code128": _code128_field,
    "gs1-128": _gs1_128_field,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A field without its value: what comes before ^FH, and how the value is written."""

    command: bytes
    kind: Kind = "text"


def code_slot(code: Barcode) -> tuple[Slot, str] | None:
    """Return (slot, value) with which the printer draws the same bars, or None.

    None means: send it as a picture. EAN and UPC are always pictures: firmwares differ in how far
    their guard bars reach below the code, and the layout's line of digits is there. So are Aztec,
    PDF417 and Micro QR, whose content a printer packs as it likes, and DataBar, for whose bars ^BR
    takes no height.
    """
    if code.module < 1 or code.module > 10:  # ^BY takes 1 to 10 dots
        return None
    turned = TURNED[code.rotation]
    if code.symbology in ("datamatrix", "gs1-datamatrix"):
        return _data_matrix(code, turned)
    along, across = code.tile.width, code.tile.height
    if code.rotation in (90, 270):
        along, across = across, along
    if across != code.bar_height or along % code.module or not _plain_bars(code):
        return None
    place = b"^FO%d,%d" % (code.x, code.y)
    match code.symbology:
        case "code128" | "gs1-128":
            written = code128_data(code.content, code.symbology == "gs1-128")
            # 11 modules a character, 13 for the stop (ISO/IEC 15417, 4.2).
            if written is None or along != code.module * (11 * written[1] + 13):
                return None
            command = b"%b^BY%d^BC%b,%d,N,N,N,N" % (place, code.module, turned, across)
            return Slot(command, code.symbology), code.content
        case "code39":
            command = b"^B3%b,N,%d,N,N" % (turned, across)
            return _two_widths(code, place, command, "[0-9A-Z .$/+%-]+")
        case "itf14" | "itf":
            return _two_widths(code, place, b"^B2%b,%d,N,N,N" % (turned, across), "([0-9]{2})+")
        case "code93":
            # Nine modules for start, each character, two check characters and stop, and one bar
            # (ANSI/AIM BC5, 2.6). ^BA has signs of its own for the rest of ASCII.
            if re.fullmatch("[0-9A-Z .$/+%-]+", code.content) is None:
                return None
            if along != code.module * (9 * (len(code.content) + 4) + 1):
                return None
            command = b"%b^BY%d^BA%b,%d,N,N,N" % (place, code.module, turned, across)
            return Slot(command), code.content
        case "codabar":
            # ^BK takes start and stop as parameters and the data between them as the field.
            start, stop = code.content[:1].encode(), code.content[-1:].encode()
            command = b"^BK%b,N,%d,N,N,%b,%b" % (turned, across, start, stop)
            framed = _two_widths(code, place, command, "[A-D][0-9$:/.+-]+[A-D]")
            return None if framed is None else (framed[0], code.content[1:-1])
        case _:
            return None


def _two_widths(
    code: Barcode, place: bytes, command: bytes, carries: str
) -> tuple[Slot, str] | None:
    """Code 39, Codabar and ITF: ^BY must be able to say the ratio of wide to narrow in tenths."""
    bars = _bars(code)
    narrow, wide = min(bars), max(bars)
    tenths, rest = divmod(10 * wide, narrow)
    if narrow != code.module or rest or not 20 <= tenths <= 30 or set(bars) != {narrow, wide}:
        return None
    if re.fullmatch(carries, code.content) is None:
        return None
    if command.startswith(b"^B3"):
        # Start, stop and each character: 6 narrow and 3 wide, a narrow gap between (ISO/IEC 16388).
        signs = len(code.content) + 2
        length = signs * (6 * narrow + 3 * wide) + (signs - 1) * narrow
    elif command.startswith(b"^BK"):
        # Seven elements, two of them wide in 0-9, - and $, three in the others (EN 798, 4.3).
        wides = sum(2 if sign in "0123456789-$" else 3 for sign in code.content)
        narrows = 8 * len(code.content) - 1 - wides
        length = narrows * narrow + wides * wide
    else:
        # Start 4 narrow, a pair 6 narrow and 4 wide, stop 2 narrow and 1 wide (ISO/IEC 16390).
        pairs = len(code.content) // 2
        length = 4 * narrow + pairs * (6 * narrow + 4 * wide) + 2 * narrow + wide
    if length != sum(bars):
        return None
    by = b"^BY%d,%d.%d" % (narrow, tenths // 10, tenths % 10)
    return Slot(place + by + command), code.content


def _plain_bars(code: Barcode) -> bool:
    """Return whether the tile is bars of one height and nothing else."""
    tile, stride = code.tile, code.tile.stride
    if code.rotation in (0, 180):
        return tile.ink == tile.ink[:stride] * tile.height
    black = ((1 << 8 * stride) - (1 << 8 * stride - tile.width)).to_bytes(stride)
    rows = {tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride)}
    return rows <= {black, bytes(stride)}


def _bars(code: Barcode) -> list[int]:
    """Return the widths of a linear code's bars and spaces in dots."""
    tile, stride = code.tile, code.tile.stride
    if code.rotation in (0, 180):
        row = int.from_bytes(tile.ink[:stride])
        dots = f"{row:0{8 * stride}b}"[: tile.width]
    else:
        dots = "".join("01"[tile.ink[at] >> 7] for at in range(0, len(tile.ink), stride))
    return [len(list(run)) for _, run in groupby(dots)]


_ESCAPES = "@#|$%*!&"
"""^BX takes any sign for g; it must be one the data does not hold, since its default differs
between firmwares (``~`` or ``_``)."""


_HOLDS = {
    10: 3, 12: 5, 14: 8, 16: 12, 18: 18, 20: 22, 22: 30, 24: 36, 26: 44, 32: 62, 36: 86, 40: 114,
    44: 144, 48: 174, 52: 204,
}  # fmt: skip
"""Data code words of the square sizes (ISO/IEC 16022, table 7)."""


def _plain_words(content: str, gs1: bool) -> int:
    """Return the code words in ASCII, which every firmware can do; ours may have packed tighter,
    and a printer told a size that its own packing exceeds prints no code at all."""
    words = len(re.sub("[0-9]{2}", "2", content))
    return words + 1 if gs1 else words


def _data_matrix(code: Barcode, turned: bytes) -> tuple[Slot, str] | None:
    gs1 = code.symbology == "gs1-datamatrix"
    content = code.content
    if code.tile.width % code.module or code.tile.height % code.module:
        return None
    plain = content.replace(_SEPARATOR, "") if gs1 else content
    if not plain or not all(" " <= sign <= "~" for sign in plain):
        return None
    sign = next((sign for sign in _ESCAPES if sign not in content), None)
    columns, rows = code.tile.width // code.module, code.tile.height // code.module
    if sign is None or columns != rows or _plain_words(content, gs1) > _HOLDS.get(columns, 0):
        return None
    if gs1:
        content = f"{sign}1" + content.replace(_SEPARATOR, f"{sign}1")
    place = b"^FO%d,%d" % (code.x, code.y)
    size = b"%d,200,%d,%d,6,%b" % (code.module, columns, rows, sign.encode())
    return Slot(b"%b^BX%b,%b" % (place, turned, size)), content
