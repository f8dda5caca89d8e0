r"""Pictures inside ZPL: every documented encoding of ^GF and ~DG in, packed rows out.

A row is ``stride`` bytes, 1 = ink. Text encodings (ZPL II guide, "Alternative data compression
scheme" and "ZB64 encoding"):

=========  ==============================================================
``4A``     two hexadecimal digits a byte
``I4``     a count before a digit: G–Y = 1–19, g–z = 20–400 in twenties
``,``      the rest of the row is white; ``!`` the rest is black
``:``      the row before, again
``:B64:``  base64, with a CRC-16/XMODEM over the base64 text
``:Z64:``  the same of deflated rows
=========  ==============================================================

>>> unpack(decode_text(b"F0,:!", stride=2, rows=3), 2).text()
'####............\n####............\n################'
"""

from __future__ import annotations

import binascii
import re
import zlib

from gateway.drivers.virtual.canvas import Tile, unpack
from gateway.errors import DocumentRefused

_BLANKS = re.compile(rb"\s+")
_RUN = re.compile(r"([G-Yg-z]+)([0-9A-Fa-f])")
_COUNTS = {chr(ord("G") + i): i + 1 for i in range(19)} | {
    chr(ord("g") + i): 20 * (i + 1) for i in range(20)
}
_LONGEST = 32 * 1024 * 1024
_NOT_HEX = re.compile(r"[^0-9A-Fa-f]")


def decode_text(text: bytes, *, stride: int, rows: int) -> bytes:
    """Return packed rows of ``stride`` bytes from hexadecimal, run-length or base64 text.

    Raises:
        DocumentRefused: the CRC or the deflate stream is wrong, or a character means nothing.
    """
    text = text.strip()
    if text[:5] in (b":B64:", b":Z64:"):
        return _decode_base64(text)
    return _decode_runs(_BLANKS.sub(b"", text).decode("latin-1"), stride, rows)


def to_tile(packed: bytes, stride: int) -> Tile:
    """Return packed rows as a tile, ``stride`` × 8 dots wide."""
    return unpack(packed, stride)


def _decode_base64(text: bytes) -> bytes:
    kind = text[1:4]
    body, colon, crc = text[5:].rpartition(b":")
    if not colon:
        raise DocumentRefused(f"The :{kind.decode()}: picture has no CRC after its data.")
    body = _BLANKS.sub(b"", body)
    computed = binascii.crc_hqx(body, 0)
    try:
        sent = int(crc.strip(), 16)
        packed = binascii.a2b_base64(body)
    except ValueError as wrong:
        raise DocumentRefused(
            f"The :{kind.decode()}: picture is not base64 with a hexadecimal CRC: {wrong}."
        ) from wrong
    if sent != computed:
        raise DocumentRefused(
            f"The picture's CRC is {sent:04X}, but its data gives {computed:04X}.",
            sent=sent,
            computed=computed,
        )
    if kind == b"B64":
        return packed
    inflate = zlib.decompressobj()
    try:
        rows = inflate.decompress(packed, _LONGEST)
    except zlib.error as wrong:
        raise DocumentRefused(f"The picture's deflate stream is broken: {wrong}.") from wrong
    if not inflate.eof:
        raise DocumentRefused("The picture's deflate stream ends early or is too long.")
    return rows


def _decode_runs(text: str, stride: int, rows: int) -> bytes:
    if stride <= 0:
        return b""
    per_row = 2 * stride
    if not _NOT_HEX.search(text):
        return _from_hex(text[: per_row * max(rows, 1)], per_row)
    out: list[str] = []
    row = ""
    previous = "0" * per_row
    for part in re.split(r"([,!:])", text):
        if part == ":" and not row:
            out.append(previous)
            continue
        if part in (",", "!"):
            row += ("0" if part == "," else "F") * (per_row - len(row))
        elif part == ":":
            row += "0" * (per_row - len(row))
        elif part:
            row += _expand(part, per_row * max(rows, 1))
        while len(row) >= per_row:
            previous, row = row[:per_row], row[per_row:]
            out.append(previous)
        if len(out) > rows:
            break
    if row:
        out.append(row.ljust(per_row, "0"))
    return _from_hex("".join(out[:rows]), per_row)


def _expand(part: str, longest: int) -> str:
    """Write out counted digits; no run is longer than the picture, whatever its count claims."""
    return _RUN.sub(lambda run: run[2] * min(longest, sum(_COUNTS[c] for c in run[1])), part)


def _from_hex(digits: str, per_row: int) -> bytes:
    if short := len(digits) % per_row:
        digits += "0" * (per_row - short)
    try:
        return bytes.fromhex(digits)
    except ValueError as wrong:
        raise DocumentRefused(f"The picture is not hexadecimal: {wrong}.") from wrong
