"""QR codes: version by arithmetic, modules by the ``qrcode`` package, mask by whole symbols.

    text, level ──version──► 1 to 40          text, version, level ──modules──► the symbol's rows

Every module of a symbol is an exclusive or of payload bits and a constant: Reed-Solomon coding is
linear, placement moves bits, a mask adds a fixed pattern. So what ``qrcode`` has drawn for texts of
one mode and length also tells what it would draw for the texts they span, and a batch of serial
numbers needs it a few dozen times (``_Drawn``). A mask changes the same modules whatever the text
is, so it is learnt once per version and level (``_changes``). The penalties that choose the mask
(ISO/IEC 18004, 7.8.3) are counted on whole symbols held as integers. A tenth of a millisecond a
symbol, where the package alone takes more than one.

>>> version("HTTP://EXAMPLE.COM/SN-000123", "M")
2
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal

from gateway.errors import CodeRefused

Level = Literal["L", "M", "Q", "H"]
"""Error correction: 7, 15, 25 or 30 % of the codewords (ISO/IEC 18004, table 12)."""

_LEVELS: Final[dict[Level, int]] = {"L": 1, "M": 0, "Q": 3, "H": 2}
"""The two bits that name each level (ISO/IEC 18004, table 12)."""

_ALPHANUMERIC: Final = re.compile(r"[0-9A-Z $%*+\-./:]*")
_NUMERIC: Final = re.compile(r"[0-9]*")

Mode = Literal["numeric", "alphanumeric", "byte"]


def mode(text: str) -> Mode:
    """Return the most compact mode that carries the whole ASCII text (ISO/IEC 18004, 7.3)."""
    if _NUMERIC.fullmatch(text):
        return "numeric"
    return "alphanumeric" if _ALPHANUMERIC.fullmatch(text) else "byte"


def bits(kind: Mode, length: int, at_version: int) -> int:
    """Return the bits a text takes: mode, count and payload (ISO/IEC 18004, table 3 and 7.4)."""
    size = 0 if at_version < 10 else 1 if at_version < 27 else 2
    match kind:
        case "numeric":
            return 4 + (10, 12, 14)[size] + length // 3 * 10 + (0, 4, 7)[length % 3]
        case "alphanumeric":
            return 4 + (9, 11, 13)[size] + length // 2 * 11 + length % 2 * 6
        case "byte":
            return 4 + (8, 16, 16)[size] + 8 * length


@lru_cache(maxsize=4096)
def _version(kind: Mode, length: int, level: Level) -> int:
    from qrcode.util import BIT_LIMIT_TABLE

    limits = BIT_LIMIT_TABLE[_LEVELS[level]]
    for candidate in range(1, 41):
        if bits(kind, length, candidate) <= limits[candidate]:
            return candidate
    raise CodeRefused(
        f"The content is too long for a QR code: {length} {kind} characters do not fit the largest "
        f"one at error correction {level}; shorten it"
        + (" or choose error correction L." if level != "L" else "."),
        length=length,
        level=level,
    )


def version(text: str, level: Level) -> int:
    """Return the smallest version (21 modules and 4 more each) that holds the ASCII text.

    Raises:
        CodeRefused: not even version 40 does.
    """
    return _version(mode(text), len(text), level)


def modules(text: str, level: Level) -> tuple[int, ...]:
    """Return the rows of the symbol as integers, leftmost module in the highest bit.

    Raises:
        CodeRefused: the text is too long.
    """
    number = version(text, level)
    drawn = _drawings(mode(text), len(text), number, level).of(text)
    size = 4 * number + 17
    best = min(
        (drawn ^ change for change in _changes(number, level)),
        key=lambda symbol: penalty(symbol, size),
    )
    keep = (1 << size) - 1
    return tuple(best >> (row * size) & keep for row in range(size - 1, -1, -1))


_ALPHABET: Final = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
"""Values of the alphanumeric mode (ISO/IEC 18004, table 5)."""


def _payload(text: str, kind: Mode) -> int:
    """Return the text's bits as they stand behind mode and count (ISO/IEC 18004, 7.4)."""
    whole = 0
    match kind:
        case "numeric":
            for at in range(0, len(text), 3):
                group = text[at : at + 3]
                whole = whole << (0, 4, 7, 10)[len(group)] | int(group)
        case "alphanumeric":
            for at in range(0, len(text) - 1, 2):
                whole = whole << 11 | _ALPHABET[text[at]] * 45 + _ALPHABET[text[at + 1]]
            if len(text) % 2:
                whole = whole << 6 | _ALPHABET[text[-1]]
        case "byte":
            whole = int.from_bytes(text.encode("ascii"), "big")
    return whole


class _Drawn:
    """Symbols under mask 0 for texts of one mode and length, in one version and level.

    The first symbol is kept whole. ``_steps`` holds, by the highest payload bit that changes, which
    payload bits a step changes and which modules change with them: a basis in echelon form.
    """

    __slots__ = ("_first", "_kind", "_level", "_number", "_steps")

    def __init__(self, kind: Mode, length: int, number: int, level: Level) -> None:
        self._kind, self._number, self._level = kind, number, level
        # A text of that very mode: the package chooses the mode by the letters.
        first = {"numeric": "0", "alphanumeric": "A", "byte": "a"}[kind] * length
        self._first = (_payload(first, kind), _drawn(first, number, level, 0))
        self._steps: dict[int, tuple[int, int]] = {}

    def of(self, text: str) -> int:
        payload, symbol = self._first
        rest = payload ^ _payload(text, self._kind)
        while rest:
            step = self._steps.get(rest.bit_length())
            if step is None:
                drawn = _drawn(text, self._number, self._level, 0)
                if len(self._steps) < _MOST_STEPS:
                    self._steps[rest.bit_length()] = (rest, drawn ^ symbol)
                return drawn
            rest ^= step[0]
            symbol ^= step[1]
        return symbol


_MOST_STEPS: Final = 512
"""Bounds the memory of one length: a version 10 symbol is 433 bytes."""


@lru_cache(maxsize=64)
def _drawings(kind: Mode, length: int, number: int, level: Level) -> _Drawn:
    return _Drawn(kind, length, number, level)


def _drawn(text: str, number: int, level: Level, mask: int) -> int:
    """Return the symbol as one integer, top row highest."""
    from qrcode import main, util

    # The package is half typed: what it leaves untyped passes through Any here.
    new: Any = main.QRCode
    chunk: Any = util.QRData
    code = new(version=number, error_correction=_LEVELS[level], border=0, mask_pattern=mask)
    code.add_data(chunk(text.encode("ascii")))
    code.make(fit=False)
    return int("".join("1" if module else "0" for row in code.modules for module in row), 2)


@lru_cache(maxsize=32)
def _changes(number: int, level: Level) -> tuple[int, ...]:
    """Return what turns mask 0 into each of the eight masks: data and format information."""
    first = _drawn("0", number, level, 0)
    return tuple(first ^ _drawn("0", number, level, mask) for mask in range(8))


def penalty(symbol: int, size: int) -> int:
    """Return the mask penalty of a symbol of size × size modules (ISO/IEC 18004, 7.8.3.1)."""
    turned = _transposed(symbol, size)
    edge = _edge(size)
    return (
        _runs(symbol, size)
        + _runs(turned, size)
        + 3 * _blocks(symbol, size, edge)
        + 40 * (_finders(symbol, size) + _finders(turned, size))
        + 10 * (abs(200 * symbol.bit_count() - 100 * size * size) // (10 * size * size))
    )


def _transposed(symbol: int, size: int) -> int:
    text = format(symbol, f"0{size * size}b")
    return int("".join(text[column::size] for column in range(size)), 2)


@lru_cache(maxsize=256)
def _edge(size: int, width: int = 1) -> int:
    """Return the places where ``width`` modules to the left are still in the same row: all but
    the leftmost ``width`` columns."""
    row = (1 << (size - width)) - 1
    total = 0
    for _ in range(size):
        total = total << size | row
    return total


def _runs(symbol: int, size: int) -> int:
    # A bit of `same` says: equal to the module on its left. Four such in a row are five modules.
    same = ~(symbol ^ symbol >> 1) & _edge(size)
    two = same & same >> 1
    four = two & two >> 2
    # The shifts above look left within one row only: `same` is 0 in the leftmost column.
    starts = four & ~(four >> 1)
    # A run of n ≥ 5 has n - 4 windows and one start; it costs 3 + (n - 5).
    return four.bit_count() + 2 * starts.bit_count()


def _blocks(symbol: int, size: int, edge: int) -> int:
    across = ~(symbol ^ symbol >> 1) & edge
    return (across & across >> size & ~(symbol ^ symbol >> size)).bit_count()


def _finders(symbol: int, size: int) -> int:
    """Count 1:1:3:1:1 with four light modules before or behind, inside one row."""
    light = ~symbol
    places = _edge(size, 10)
    found = 0
    for pattern in ("10111010000", "00001011101"):
        hits = places
        for offset, module in enumerate(reversed(pattern)):
            hits &= (symbol if module == "1" else light) >> offset
        found += hits.bit_count()
    return found
