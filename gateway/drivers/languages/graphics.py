r"""Pictures as ZPL takes them: rows of dots in, ASCII out.

Three ways to write the data of ``^GFA`` and ``~DG`` (Zebra ZPL II guide, "Alternative Data
Compression Scheme for ~DG and ~DB" and "ZB64 Encoding and Compression"): plain hexadecimal, run
lengths, and zlib in base 64 with a checksum. All of them are free of ``^`` and ``~``.

>>> from gateway.label import Tile
>>> picture = Tile(16, 3, b"\xff\x00\xff\x00\x0f\xff")
>>> write_graphic(picture, "hex")
b'FF00FF000FFF'
>>> write_graphic(picture, "rle")
b'FF,:0!'
"""

from __future__ import annotations

import re
import zlib
from binascii import b2a_base64, crc_hqx

from gateway.drivers.languages.page import Graphics
from gateway.label import Tile

MOST_BYTES = 99_999
"""The most bytes of dots in one ``^GF`` (ZPL II guide, ^GF parameters b and c)."""


def write_graphic(tile: Tile, graphics: Graphics) -> bytes:
    """Return the tile's ink as the data of a ``^GFA`` or ``~DG``."""
    if graphics == "z64":
        packed = zlib_base64(tile.ink)
        # Below some hundred dots the frame of Z64 costs more than it saves.
        if len(tile.ink) <= 96 and len(plain := run_lengths(tile.ink, tile.stride)) < len(packed):
            return plain
        return packed
    if graphics == "rle":
        return run_lengths(tile.ink, tile.stride)
    return tile.ink.hex().upper().encode()


def zlib_base64(ink: bytes) -> bytes:
    """Return ``:Z64:`` data: zlib, base 64, and CRC-16/XMODEM over the base 64 text.

    Level 6: on codes and text level 9 saves under 1 % and takes three times as long.
    """
    text = b2a_base64(zlib.compress(ink, 6), newline=False)
    return b":Z64:%b:%04X" % (text, crc_hqx(text, 0))


_RUN = re.compile(rb"0{3,}|F{3,}|([1-9A-E])\1{2,}")


class _Shortened(dict[bytes, bytes]):
    """Remembers each run of one digit beside its short form."""

    def __missing__(self, run: bytes) -> bytes:
        # G to Y say 1 to 19 times the next digit, g to z 20 to 400 times, and they add up.
        twenties, ones = divmod(len(run), 20)
        letters = b"z" * (twenties // 20)
        if twenties % 20:
            letters += bytes([ord("f") + twenties % 20])
        if ones:
            letters += bytes([ord("F") + ones])
        short = self[run] = letters + run[:1]
        return short


def run_lengths(ink: bytes, stride: int) -> bytes:
    """Return the ink as run lengths; ``stride`` is the bytes in a row.

    ``:`` repeats the row above, ``,`` fills the rest of a row with 0 and ``!`` with 1.
    """
    rows = [ink[start : start + stride] for start in range(0, len(ink), stride or 1)]
    different = dict.fromkeys(rows)
    digits: list[str] = []
    for row in different:
        written = row.hex()
        if written.endswith("0"):
            written = written.rstrip("0") + ","
        elif written.endswith("f"):
            written = written.rstrip("f") + "!"
        digits.append(written)
    # All rows go through the pattern in one call: a call a row costs more than the matching.
    shortened = _Shortened()
    text = _RUN.sub(lambda run: shortened[run[0]], "\n".join(digits).upper().encode())
    short = dict(zip(different, text.split(b"\n"), strict=True))
    out: list[bytes] = []
    above = b""
    for row in rows:
        out.append(b":" if row == above else short[row])
        above = row
    return b"".join(out)


def cut_rows(tile: Tile) -> list[tuple[int, Tile]]:
    """Return (first row, tile) for bands of at most ``MOST_BYTES`` each, top to bottom.

    >>> [(top, band.height) for top, band in cut_rows(Tile(800, 1500, bytes(150_000)))]
    [(0, 999), (999, 501)]
    """
    if len(tile.ink) <= MOST_BYTES:
        return [(0, tile)]
    rows = MOST_BYTES // tile.stride
    span = rows * tile.stride
    bands = ((start, tile.ink[start : start + span]) for start in range(0, len(tile.ink), span))
    return [
        (start // tile.stride, Tile(tile.width, len(ink) // tile.stride, ink))
        for start, ink in bands
    ]
