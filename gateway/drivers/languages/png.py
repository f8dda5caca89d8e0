"""A label as a PNG picture: 1 bit a dot, at its true size.

Written here because zlib and four chunks are all there is to it (PNG specification, third edition,
clauses 5 and 11), and because a picture library would unpack each dot first.

>>> from gateway.label import Tile
>>> png(Tile(8, 1, b"\\x81"))[:8]
b'\\x89PNG\\r\\n\\x1a\\n'
"""

from __future__ import annotations

import struct
import zlib
from functools import cache

from gateway.drivers.languages.page import Language, Mode, Model, Page
from gateway.label import Label, Tile, draw
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density

_INVERT = bytes(byte ^ 0xFF for byte in range(256))


def png(
    tile: Tile, scale: int = 1, density: Density | None = None, *, clear: bool = False
) -> bytes:
    """Return the tile as a PNG file, ``scale`` pixels a dot, black ink on white paper.

    With a density the file says how large the label is on paper. ``clear`` paper lets through what
    lies under the picture (tRNS, clause 11.3.1.1).
    """
    stride = (tile.width * scale + 7) // 8
    rows = []
    if tile.stride:
        light = tile.ink.translate(_INVERT)  # 0 is black in a grey picture
        for start in range(0, len(light), tile.stride):
            row = light[start : start + tile.stride]
            if scale > 1:
                row = b"".join(map(_widened(scale).__getitem__, row))[:stride]
            rows.append(b"\0" + row)  # filter 0: none
    pixels = b"".join(rows) if scale == 1 else b"".join(row * scale for row in rows)
    header = struct.pack(">IIBBBBB", tile.width * scale, tile.height * scale, 1, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header)]
    if clear:
        parts.append(_chunk(b"tRNS", b"\0\1"))
    if density is not None:
        per_metre = round(density * 1000 * scale)
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)))
    parts += [_chunk(b"IDAT", zlib.compress(pixels, 4)), _chunk(b"IEND", b"")]
    return b"".join(parts)


@cache
def _widened(scale: int) -> list[bytes]:
    """Return for each byte its eight dots, each ``scale`` bits wide."""
    dot = (1 << scale) - 1
    return [
        sum(dot << scale * bit for bit in range(8) if byte >> bit & 1).to_bytes(scale, "big")
        for byte in range(256)
    ]


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"%b%b%b%b" % (len(content).to_bytes(4), kind, content, check.to_bytes(4))


def _encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    return Page(png(draw(label), density=label.density))


PNG = Language("png", "PNG picture", "image/png", _encode)
"""A preview, dot for dot."""
