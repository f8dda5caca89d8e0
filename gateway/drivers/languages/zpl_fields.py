r"""What goes into a ZPL field: data that can never become a command, and a printer's own codes.

Data is encoded, never filtered: ``^FH_`` announces ``_`` as the sign for a byte in hexadecimal,
and every byte that a ZPL printer could take for anything but data is written that way.

>>> field("SN-1^XZ~JA_")
b'^FH_^FDSN-1_5EXZ_7EJA_5F^FS'
>>> code128_data("SN-000123")
(b'>:SN->5000123', 9)
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from gateway.errors import FieldRefused
from gateway.label import Barcode, Tile

_SPEAKS = re.compile(rb"[\x00-\x1f\x7f_^~]")
"""``^`` and ``~`` begin commands, also inside a field; ETX is ^XZ and STX ^XA (ZPL II guide, ^XA,
^XZ); ``_`` is our own escape."""


def escape(data: bytes) -> bytes:
    """Return the bytes as the data of a field that ``^FH_`` precedes."""
    if _SPEAKS.search(data) is None:
        return data
    return _SPEAKS.sub(lambda found: b"_%02X" % found[0][0], data)


def field(text: str) -> bytes:
    """Return the text as a whole field.

    Raises:
        FieldRefused: the text holds half a surrogate pair, which is no character.
    """
    try:
        return b"^FH_^FD%b^FS" % escape(text.encode())
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


@lru_cache(maxsize=2048)
def code128_data(content: str, gs1: bool = False) -> tuple[bytes, int] | None:
    """Return (field data with explicit code sets, symbol characters) in the fewest characters.

    The characters count start and check, not the stop. None when sets B and C cannot carry it:
    set A's way of writing differs between firmwares, so such a code is sent as a picture.

    >>> code128_data("0112345678901231", gs1=True)
    (b'>;>80112345678901231', 11)
    """
    if gs1:
        content = _SEPARATOR + content
    elif _SEPARATOR in content:
        return None
    if not content or not all(" " <= sign <= "~" or sign == _SEPARATOR for sign in content):
        return None
    # Fewest symbol characters from each place to the end, standing in set B or in set C.
    size = len(content)
    in_b, in_c = [0] * (size + 2), [0] * (size + 2)
    never = 3 * size
    for at in range(size - 1, -1, -1):
        special = content[at] == _SEPARATOR
        b = 1 + in_b[at + 1]
        if special:
            c = 1 + in_c[at + 1]
        elif content[at].isdigit() and content[at + 1 : at + 2].isdigit():
            c = 1 + in_c[at + 2]
        else:
            c = never
        in_b[at], in_c[at] = min(b, c + 1), min(c, b + 1)
    # ^BC: `>:` and `>;` start in B and C, `>6` and `>5` switch to them, `>8` is FNC1, `>0` is `>`.
    compact = in_c[0] < in_b[0]
    out = [b">;" if compact else b">:"]
    at = 0
    while at < size:
        sign = content[at]
        best = in_c if compact else in_b
        taken = content[at : at + 2] if compact and sign != _SEPARATOR else sign
        stays = best[at] == 1 + best[at + len(taken)] and not (
            compact and sign != _SEPARATOR and (len(taken) < 2 or not taken.isdigit())
        )
        if not stays:
            compact = not compact
            out.append(b">5" if compact else b">6")
            continue
        if sign == _SEPARATOR:
            out.append(b">8")
        else:
            out.append(b">0" if taken == ">" else escape(taken.encode()))
        at += len(taken)
    # Every entry is one symbol character, the first being the start; the check joins them.
    return b"".join(out), len(out) + 1


def code_field(code: Barcode) -> tuple[bytes, bytes] | None:
    """Return (command, field) with which the printer draws the same bars, or None.

    None means: send it as a picture. The command holds no place; ``^FO`` goes before it. EAN and
    UPC are always pictures: firmwares differ in how far their guard bars reach below the code, and
    the layout's line of digits is there.
    """
    if code.module < 1 or code.module > 10:  # ^BY takes 1 to 10 dots
        return None
    turned = TURNED[code.rotation]
    if code.symbology in ("datamatrix", "gs1-datamatrix"):
        return _data_matrix(code, turned)
    lying = code.rotation in (0, 180)
    along, across = (
        (code.tile.width, code.tile.height) if lying else (code.tile.height, code.tile.width)
    )
    if across != code.bar_height or along % code.module:
        return None
    bars = _bars(code.tile, lying=lying)
    if bars is None:
        return None
    modules = along // code.module
    match code.symbology:
        case "code128" | "gs1-128":
            written = code128_data(code.content, code.symbology == "gs1-128")
            # 11 modules a character, 13 for the stop (ISO/IEC 15417, 4.2).
            if written is None or modules != 11 * written[1] + 13:
                return None
            command = b"^BY%d^BC%b,%d,N,N,N,N" % (code.module, turned, across)
            return command, b"^FH_^FD%b^FS" % written[0]
        case "code39":
            return _two_widths(code, bars, b"^B3%b,N,%d,N,N" % (turned, across), "[0-9A-Z .$/+%-]+")
        case "itf14" | "itf":
            return _two_widths(code, bars, b"^B2%b,%d,N,N,N" % (turned, across), "([0-9]{2})+")
        case _:
            return None


def _two_widths(
    code: Barcode, bars: list[int], command: bytes, carries: str
) -> tuple[bytes, bytes] | None:
    """Code 39 and ITF: ^BY must be able to say the ratio of wide to narrow in tenths."""
    narrow, wide = min(bars), max(bars)
    tenths, rest = divmod(10 * wide, narrow)
    if narrow != code.module or rest or not 20 <= tenths <= 30 or set(bars) != {narrow, wide}:
        return None
    if re.fullmatch(carries, code.content) is None:
        return None
    if command[2:3] == b"3":
        # Start, stop and each character: 6 narrow and 3 wide, a narrow gap between (ISO/IEC 16388).
        signs = len(code.content) + 2
        length = signs * (6 * narrow + 3 * wide) + (signs - 1) * narrow
    else:
        # Start 4 narrow, a pair 6 narrow and 4 wide, stop 2 narrow and 1 wide (ISO/IEC 16390).
        pairs = len(code.content) // 2
        length = 4 * narrow + pairs * (6 * narrow + 4 * wide) + 2 * narrow + wide
    if length != sum(bars):
        return None
    by = b"^BY%d,%d.%d" % (narrow, tenths // 10, tenths % 10)
    return by + command, b"^FH_^FD%b^FS" % code.content.encode()


def _bars(tile: Tile, *, lying: bool) -> list[int] | None:
    """Return the widths of bars and spaces in dots, or None when the bars are not plain bars."""
    stride = tile.stride
    if lying:
        row = tile.ink[:stride]
        if tile.ink != row * tile.height:
            return None
        dots = f"{int.from_bytes(row, 'big'):0{8 * stride}b}"[: tile.width]
    else:
        full = (1 << 8 * stride) - (1 << 8 * stride - tile.width)
        black = full.to_bytes(stride, "big")
        rows = [tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride)]
        if not set(rows) <= {black, bytes(stride)}:
            return None
        dots = "".join("1" if row == black else "0" for row in rows)
    return [len(list(run)) for _, run in groupby(dots)]


_ESCAPES = "@#|$%*!&"
"""^BX takes any sign for g; it must be one the data does not hold, since its default differs
between firmwares (``~`` or ``_``)."""


def _data_matrix(code: Barcode, turned: bytes) -> tuple[bytes, bytes] | None:
    gs1 = code.symbology == "gs1-datamatrix"
    content = code.content
    if code.tile.width % code.module or code.tile.height % code.module:
        return None
    plain = content.replace(_SEPARATOR, "") if gs1 else content
    if not plain or not all(" " <= sign <= "~" for sign in plain):
        return None
    sign = next((sign for sign in _ESCAPES if sign not in content), None)
    if sign is None:
        return None
    if gs1:
        content = f"{sign}1" + content.replace(_SEPARATOR, f"{sign}1")
    columns, rows = code.tile.width // code.module, code.tile.height // code.module
    if code.rotation in (90, 270):
        columns, rows = rows, columns
    command = b"^BX%b,%d,200,%d,%d,6,%b" % (turned, code.module, columns, rows, sign.encode())
    return command, b"^FH_^FD%b^FS" % escape(content.encode())
