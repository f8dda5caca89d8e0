"""Data Matrix ECC 200: codewords in, modules out (ISO/IEC 16022).

>>> modules = draw(encode("123456"))
>>> len(modules), len(modules[0]), modules[-1]
(10, 10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import CodeRefused

FNC1_MARK = "\U000f0001"
"""Stands for FNC1 in a text (a private-use character, so no data can contain it)."""

_PAD, _FNC1, _UPPER_SHIFT = 129, 232, 235


@dataclass(frozen=True, slots=True)
class _Size:
    rows: int
    columns: int
    regions_down: int
    regions_across: int
    data: int
    check: int
    blocks: int


# ISO/IEC 16022 table 7: rows, columns, regions, data codewords, check codewords, blocks.
_SQUARE = tuple(
    _Size(n, n, regions, regions, data, check, blocks)
    for n, regions, data, check, blocks in (
        (10, 1, 3, 5, 1),
        (12, 1, 5, 7, 1),
        (14, 1, 8, 10, 1),
        (16, 1, 12, 12, 1),
        (18, 1, 18, 14, 1),
        (20, 1, 22, 18, 1),
        (22, 1, 30, 20, 1),
        (24, 1, 36, 24, 1),
        (26, 1, 44, 28, 1),
        (32, 2, 62, 36, 1),
        (36, 2, 86, 42, 1),
        (40, 2, 114, 48, 1),
        (44, 2, 144, 56, 1),
        (48, 2, 174, 68, 1),
        (52, 2, 204, 84, 2),
        (64, 4, 280, 112, 2),
        (72, 4, 368, 144, 4),
        (80, 4, 456, 192, 4),
        (88, 4, 576, 224, 4),
        (96, 4, 696, 272, 4),
        (104, 4, 816, 336, 6),
        (120, 6, 1050, 408, 6),
        (132, 6, 1304, 496, 8),
        (144, 6, 1558, 620, 10),
    )
)
_RECTANGULAR = (
    _Size(8, 18, 1, 1, 5, 7, 1),
    _Size(8, 32, 1, 2, 10, 11, 1),
    _Size(12, 26, 1, 1, 16, 14, 1),
    _Size(12, 36, 1, 2, 22, 18, 1),
    _Size(16, 36, 1, 2, 32, 24, 1),
    _Size(16, 48, 1, 2, 49, 28, 1),
)


def encode(text: str) -> list[int]:
    """Return the ASCII-mode codewords of a text of Latin-1 characters and ``FNC1_MARK``.

    Raises:
        CodeRefused: a character is not Latin-1.
    """
    words: list[int] = []
    at = 0
    while at < len(text):
        character = text[at]
        pair = text[at : at + 2]
        if len(pair) == 2 and pair.isascii() and pair.isdigit():
            words.append(130 + int(pair))
            at += 2
            continue
        code = ord(character)
        if character == FNC1_MARK:
            words.append(_FNC1)
        elif code < 128:
            words.append(code + 1)
        elif code < 256:
            words += [_UPPER_SHIFT, code - 127]
        else:
            raise CodeRefused(f"Data Matrix cannot carry {character!r}.", character=character)
        at += 1
    return words


def draw(
    words: Sequence[int], *, columns: int = 0, rows: int = 0, rectangular: bool = False
) -> list[list[int]]:
    """Return the symbol's modules without quiet zone, row by row, 1 = dark.

    The smallest size that holds the codewords, unless ``columns`` and ``rows`` name one.

    Raises:
        CodeRefused: too much for the size, or no such size.
    """
    size = _choose_size(len(words), columns, rows, rectangular)
    filled = list(words)
    if len(filled) < size.data:
        filled.append(_PAD)
    while len(filled) < size.data:
        # ISO/IEC 16022 annex B.1: the 253-state algorithm scrambles the pad.
        scrambled = _PAD + (149 * (len(filled) + 1)) % 253 + 1
        filled.append(scrambled if scrambled <= 254 else scrambled - 254)
    codewords = filled + _check_words(filled, size)
    return _frame(_placed(codewords, size), size)


def _choose_size(count: int, columns: int, rows: int, rectangular: bool) -> _Size:
    family = _RECTANGULAR if rectangular else _SQUARE
    if columns and rows and columns != rows:
        family = _RECTANGULAR
    for size in family:
        if columns and size.columns != columns:
            continue
        if rows and size.rows != rows:
            continue
        if size.data >= count:
            return size
    named = f" of {columns or '?'} × {rows or '?'}" if columns or rows else ""
    raise CodeRefused(f"No Data Matrix{named} holds {count} codewords.", codewords=count)


# GF(256) with the polynomial x^8 + x^5 + x^3 + x^2 + 1 (ISO/IEC 16022, 5.7).
_EXP = [1] * 510
for _i in range(1, 255):
    _EXP[_i] = _EXP[_i - 1] << 1
    if _EXP[_i] & 0x100:
        _EXP[_i] ^= 0x12D
_EXP[255:] = _EXP[:255]
_LOG = {value: exponent for exponent, value in enumerate(_EXP[:255])}


@lru_cache
def _generator(degree: int) -> tuple[int, ...]:
    polynomial = [1]
    for power in range(1, degree + 1):
        grown = [*polynomial, 0]
        for i, coefficient in enumerate(polynomial):
            if coefficient:
                grown[i + 1] ^= _EXP[_LOG[coefficient] + power]
        polynomial = grown
    return tuple(_LOG[c] for c in polynomial[1:])


def _check_words(data: Sequence[int], size: _Size) -> list[int]:
    per_block = size.check // size.blocks
    generator = _generator(per_block)
    out = [0] * size.check
    for block in range(size.blocks):
        remainder = [0] * per_block
        for word in data[block :: size.blocks]:
            factor = word ^ remainder[0]
            remainder = [*remainder[1:], 0]
            if factor:
                log = _LOG[factor]
                for i, exponent in enumerate(generator):
                    remainder[i] ^= _EXP[log + exponent]
        out[block :: size.blocks] = remainder
    return out


@lru_cache(maxsize=32)
def _placement(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """Return for each module of the mapping matrix 8·codeword + bit, or -1 dark, -2 light.

    The walk of ISO/IEC 16022 annex F: eight-module shapes along diagonals, four corner cases.
    """
    grid = [[-3] * columns for _ in range(rows)]

    def put(row: int, column: int, bit: int) -> None:
        if row < 0:
            row += rows
            column += 4 - (rows + 4) % 8
        if column < 0:
            column += columns
            row += 4 - (columns + 4) % 8
        grid[row][column] = word * 8 + bit

    def shape(row: int, column: int) -> None:
        for bit, (down, across) in enumerate(
            ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
        ):
            put(row + down, column + across, bit)

    def corner(*cells: tuple[int, int]) -> None:
        for bit, (row, column) in enumerate(cells):
            put(row, column, bit)

    word, row, column = 0, 4, 0
    last_row, last_column = rows - 1, columns - 1
    while row < rows or column < columns:
        if row == rows and column == 0:
            corner(
                (last_row, 0),
                (last_row, 1),
                (last_row, 2),
                (0, columns - 2),
                (0, last_column),
                (1, last_column),
                (2, last_column),
                (3, last_column),
            )
            word += 1
        if row == rows - 2 and column == 0 and columns % 4:
            corner(
                (rows - 3, 0),
                (rows - 2, 0),
                (last_row, 0),
                (0, columns - 4),
                (0, columns - 3),
                (0, columns - 2),
                (0, last_column),
                (1, last_column),
            )
            word += 1
        if row == rows - 2 and column == 0 and columns % 8 == 4:
            corner(
                (rows - 3, 0),
                (rows - 2, 0),
                (last_row, 0),
                (0, columns - 2),
                (0, last_column),
                (1, last_column),
                (2, last_column),
                (3, last_column),
            )
            word += 1
        if row == rows + 4 and column == 2 and columns % 8 == 0:
            corner(
                (last_row, 0),
                (last_row, last_column),
                (0, columns - 3),
                (0, columns - 2),
                (0, last_column),
                (1, columns - 3),
                (1, columns - 2),
                (1, last_column),
            )
            word += 1
        while True:
            if row < rows and column >= 0 and grid[row][column] == -3:
                shape(row, column)
                word += 1
            row, column = row - 2, column + 2
            if row < 0 or column >= columns:
                break
        row, column = row + 1, column + 3
        while True:
            if row >= 0 and column < columns and grid[row][column] == -3:
                shape(row, column)
                word += 1
            row, column = row + 2, column - 2
            if row >= rows or column < 0:
                break
        row, column = row + 3, column + 1
    if grid[last_row][last_column] == -3:
        grid[last_row][last_column] = grid[last_row - 1][last_column - 1] = -1
        grid[last_row][last_column - 1] = grid[last_row - 1][last_column] = -2
    return tuple(tuple(line) for line in grid)


def _placed(codewords: Sequence[int], size: _Size) -> list[list[int]]:
    rows = size.rows - 2 * size.regions_down
    columns = size.columns - 2 * size.regions_across
    return [
        [
            1 if at == -1 else 0 if at < 0 else codewords[at >> 3] >> (7 - (at & 7)) & 1
            for at in line
        ]
        for line in _placement(rows, columns)
    ]


def _frame(matrix: list[list[int]], size: _Size) -> list[list[int]]:
    """Put each region in its frame: solid left and below, alternating above and right."""
    region_height = size.rows // size.regions_down
    region_width = size.columns // size.regions_across
    out = []
    for y in range(size.rows):
        down, row = divmod(y, region_height)
        line = []
        for x in range(size.columns):
            across, column = divmod(x, region_width)
            if column == 0 or row == region_height - 1:
                module = 1
            elif row == 0:
                module = 1 - column % 2
            elif column == region_width - 1:
                module = row % 2
            else:
                module = matrix[y - 1 - 2 * down][x - 1 - 2 * across]
            line.append(module)
        out.append(line)
    return out
