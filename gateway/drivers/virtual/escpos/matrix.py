"""Symbols of GS ( k: settings and data in, an upright symbol out.

QR codes are drawn by segno and PDF417 by pdf417gen, which the encoder uses for nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import segno

from gateway.drivers.virtual.canvas import Tile, from_modules
from gateway.errors import CodeRefused

_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


@dataclass(slots=True)
class Store:
    """What functions have set for one kind of symbol until ESC @."""

    module: int = 3
    level: int = 48
    micro: bool = False
    columns: int = 0
    rows: int = 0
    row_height: int = 3
    ratio: bool = False
    truncated: bool = False
    content: bytes = b""


@dataclass(slots=True)
class Symbols:
    """The printer's symbol memory: one place for QR codes, one for PDF417."""

    qr: Store = field(default_factory=Store)
    pdf417: Store = field(default_factory=lambda: Store(level=1))

    def take(self, body: bytes) -> Tile | str | None:
        """Act on the body of GS ( k: a symbol to print, or what is not understood, or nothing.

        Raises:
            CodeRefused: the symbol cannot carry what was stored.
        """
        if len(body) < 3:
            return "GS ( k without its function"
        kind, function, rest = body[0], body[1], body[2:]
        store = {49: self.qr, 48: self.pdf417}.get(kind)
        if store is None:
            return f"GS ( k {kind}"
        if function == 80 and rest[0] == 48:
            store.content = rest[1:]
            return None
        if function == 81 and rest[0] == 48:
            return draw_qr(store) if kind == 49 else draw_pdf417(store)
        known = self._set_qr if kind == 49 else self._set_pdf417
        return None if known(function, rest) else f"GS ( k {kind} function {function}"

    def _set_qr(self, function: int, rest: bytes) -> bool:
        store = self.qr
        match function:
            case 65 if rest[0] in (49, 50, 51):
                store.micro = rest[0] == 51
            case 67 if 1 <= rest[0] <= 16:
                store.module = rest[0]
            case 69 if rest[0] in _LEVELS:
                store.level = rest[0]
            case _:
                return False
        return True

    def _set_pdf417(self, function: int, rest: bytes) -> bool:
        store = self.pdf417
        match function:
            case 65 if rest[0] <= 30:
                store.columns = rest[0]
            case 66 if rest[0] == 0 or 3 <= rest[0] <= 90:
                store.rows = rest[0]
            case 67 if 2 <= rest[0] <= 8:
                store.module = rest[0]
            case 68 if 2 <= rest[0] <= 8:
                store.row_height = rest[0]
            case 69 if len(rest) > 1:
                store.ratio, store.level = rest[0] == 49, rest[1]
            case 70 if rest[0] in (0, 1):
                store.truncated = rest[0] == 1
            case _:
                return False
        return True


def draw_qr(store: Store) -> Tile:
    """Return the QR code of what is stored.

    Raises:
        CodeRefused: there is nothing stored, or too much.
    """
    if not store.content:
        raise CodeRefused("GS ( k prints a QR code and nothing is stored.")
    try:
        code = segno.make(
            _number_or_text(store.content), error=_LEVELS[store.level], micro=store.micro,
            boost_error=False,
        )  # fmt: skip
    except (segno.DataOverflowError, ValueError) as wrong:
        raise CodeRefused(f"The QR code cannot be drawn: {wrong}.") from wrong
    return from_modules(code.matrix).enlarged(store.module, store.module)


def _number_or_text(content: bytes) -> bytes | str:
    # segno packs text of digits and capitals tighter than bytes, as a printer does.
    return content.decode("ascii") if content.isascii() else content


def draw_pdf417(store: Store) -> Tile:
    """Return the PDF417 of what is stored.

    Raises:
        CodeRefused: there is nothing stored, or it does not fit.
    """
    from pdf417gen import encoding  # only who draws PDF417 waits for it

    encode: Callable[[bytes, int, int], list[list[int]]] = encoding.encode
    if not store.content:
        raise CodeRefused("GS ( k prints a PDF417 and nothing is stored.")
    level = store.level - 48 if 48 <= store.level <= 56 else 2
    try:
        codes = encode(store.content, store.columns or 6, max(0, min(level, 8)))
    except ValueError as wrong:
        raise CodeRefused(f"The PDF417 cannot be drawn: {wrong}.") from wrong
    rows = [[bit for value in row for bit in _bits(value)] for row in codes]
    return from_modules(rows).enlarged(store.module, store.module * store.row_height)


def _bits(value: int) -> list[int]:
    return [int(bit) for bit in f"{value:b}"]
