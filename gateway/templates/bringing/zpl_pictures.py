"""Pictures in ZPL as PNG: ^GF and ~DG in every way they are written.

A row is ``stride`` bytes, 1 = ink. As text (ZPL II guide, ^GF and "Alternative Data Compression
Scheme for ~DG and ~DB Commands"): two hexadecimal digits a byte; G to Y repeat the next digit 1 to
19 times, g to z 20 to 400 times; a comma fills the row with white, ! with black, : repeats the row
above. ``:B64:`` and ``:Z64:`` begin base 64, plain or deflated, with a checksum behind it.

>>> [format(byte, "08b") for byte in rows_of(b"F0,:!", b"A", stride=2, total=6)[:4]]
['11110000', '00000000', '11110000', '00000000']
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zlib
from typing import Final

from gateway.errors import DocumentRefused

LARGEST: Final = 2_000_000
"""Bytes of a picture: more than 4 × 6 inches have at 24 dots/mm."""

_REPEAT: Final = re.compile(rb"([G-Yg-z]+)([0-9A-Fa-f])")
_TIMES: Final = {ord("G") + i: i + 1 for i in range(19)} | {
    ord("g") + i: 20 * (i + 1) for i in range(20)
}


def rows_of(body: bytes, kind: bytes, *, stride: int, total: int) -> bytes:
    """Return the ink of a picture, ``total`` bytes of ``stride`` a row.

    Raises:
        DocumentRefused: it is damaged, too large, or of a kind whose packing
            its maker keeps to itself.
    """
    if not 0 < stride <= total <= LARGEST:
        raise DocumentRefused(f"a picture of {total} bytes in rows of {stride} is none")
    if body.lstrip()[:5] in (b":B64:", b":Z64:"):
        found = _base64(body.strip())
    elif kind == b"B":
        found = body
    elif kind == b"A":
        found = _digits(b"".join(body.split()), stride, total)
    else:
        raise DocumentRefused("how its compression (C) works is not published")
    return found[:total].ljust(total, b"\0")


def _base64(text: bytes) -> bytes:
    packed, colon, _ = text[5:].rpartition(b":")
    try:
        found = base64.b64decode(b"".join((packed if colon else text[5:]).split()), validate=True)
        if text[1:2] == b"Z":
            found = zlib.decompressobj().decompress(found, LARGEST)
    except (binascii.Error, zlib.error) as error:
        raise DocumentRefused(f"its data is damaged ({error})") from error
    return found


def _digits(text: bytes, stride: int, total: int) -> bytes:
    rows: list[bytes] = []
    digits = 2 * stride
    most = -(-total // stride)
    row = b""
    for part in re.split(rb"([,!:])", text):
        if part in (b",", b"!", b":"):
            above = rows[-1] if rows else b"0" * digits
            row = (
                above
                if part == b":" and not row
                else row.ljust(digits, b"F" if part == b"!" else b"0")
            )
        else:
            row += _REPEAT.sub(
                lambda run: run[2] * min(digits * most, sum(_TIMES[sign] for sign in run[1])), part
            )
        while len(row) >= digits:
            rows.append(row[:digits])
            row = row[digits:]
        if len(rows) > most:
            break
    if row:
        rows.append(row.ljust(digits, b"0"))
    try:
        return bytes.fromhex(b"".join(rows[:most]).decode("ascii"))
    except ValueError as error:
        raise DocumentRefused(f"its data is not hexadecimal ({error})") from error


def as_png(ink: bytes, stride: int, width: int, height: int, times: int = 1) -> str:
    """Return the first ``width`` × ``height`` dots as a data URL of a PNG, each so many times."""
    from PIL import Image

    whole = Image.frombytes(
        "1", (8 * stride, len(ink) // stride), bytes(255 - byte for byte in ink)
    )
    written = io.BytesIO()
    part = whole.crop((0, 0, width, height))
    if times > 1:
        part = part.resize((times * width, times * height), Image.Resampling.NEAREST)
    part.save(written, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()
