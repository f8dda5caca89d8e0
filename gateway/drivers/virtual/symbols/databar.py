"""GS1 DataBar Omnidirectional and its stacked forms: thirteen digits in, rows of modules out.

    digits ──omnidirectional──► 96 modules      digits ──stacked──► top, separators, bottom

A half of the number becomes two characters; a character is a pair of ways to cut so many modules
into four bars, and four spaces. The ways are numbered as they stand in a sorted list, so the list
is made and the number looked up (ISO/IEC 24724, 5.2.3).

>>> omnidirectional("0950110153000")[:32]
'01000001010000010100011111111001'
>>> [(len(row), high) for row, high in stacked("0950110153000")]
[(50, 5), (50, 1), (50, 7)]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from gateway.errors import CodeRefused

# ISO/IEC 24724, tables 1 and 2: the first value of a group, its number of odd (outside) or even
# (inside) sets per step, modules of the odd and even elements, the widest of each.
_OUTSIDE = (
    (0, 1, 12, 4, 8, 1),
    (161, 10, 10, 6, 6, 3),
    (961, 34, 8, 8, 4, 5),
    (2015, 70, 6, 10, 3, 6),
    (2715, 126, 4, 12, 1, 8),
)
_INSIDE = (
    (0, 4, 5, 10, 2, 7),
    (336, 20, 7, 8, 4, 5),
    (1036, 48, 9, 6, 6, 3),
    (1516, 81, 11, 4, 8, 1),
)
_PAIR = 4537077
"""Values of two characters: 2841 outside by 1597 inside (5.2.3)."""
_IN = 1597
# Table 4: the finder patterns of the two check values.
_FINDERS = ("38211", "35511", "33711", "31911", "27411", "25611", "23811", "15711", "13911")
_CHECK = 79
"""Weights are the powers of 3 modulo 79 (table 5)."""


def _cuts(modules: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to cut modules into parts, sorted."""
    if parts == 1:
        yield (modules,)
        return
    for first in range(1, modules - parts + 2):
        for rest in _cuts(modules - first, parts - 1):
            yield (first, *rest)


@lru_cache(maxsize=64)
def _ways(modules: int, widest: int, narrow: bool) -> list[tuple[int, ...]]:
    """Return four widths in all allowed ways; one of them is 1 where ``narrow`` asks for it."""
    return [
        cut for cut in _cuts(modules, 4) if max(cut) <= widest and not (narrow and min(cut) > 1)
    ]


def _character(value: int, outside: bool) -> list[int]:
    """Return the eight widths of a character, odd and even elements in turn."""
    groups = _OUTSIDE if outside else _INSIDE
    first, step, odd, even, widest_odd, widest_even = next(
        group for group in reversed(groups) if value >= group[0]
    )
    high, low = divmod(value - first, step)
    number_odd, number_even = (high, low) if outside else (low, high)
    # One of the two sets holds a narrow element: the even outside, the odd inside.
    odds = _ways(odd, widest_odd, not outside)[number_odd]
    evens = _ways(even, widest_even, outside)[number_even]
    return [width for pair in zip(odds, evens, strict=True) for width in pair]


def _halves(digits: str) -> tuple[str, str, int]:
    """Return the left and right 48 modules, and the check value of the right finder.

    Raises:
        CodeRefused: not thirteen digits.
    """
    if not (len(digits) == 13 and digits.isascii() and digits.isdigit()):
        raise CodeRefused(f"GS1 DataBar carries 13 digits, got {digits!r}.", value=digits)
    left, right = divmod(int(digits), _PAIR)
    one, two = (_character(v, o) for v, o in zip(divmod(left, _IN), (True, False), strict=True))
    three, four = (_character(v, o) for v, o in zip(divmod(right, _IN), (True, False), strict=True))
    widths = one + two + three + four
    check = sum(pow(3, i, _CHECK) * width for i, width in enumerate(widths)) % _CHECK
    # 5.2.5: two of the 81 pairs of finders look alike from either end and are left out.
    check += (check >= 8) + (check + (check >= 8) >= 72)
    begin, end = divmod(check, 9)
    finders = [[int(width) for width in _FINDERS[number]] for number in (begin, end)]
    # The second character of each half is mirrored, and so is the whole right half.
    row = _modules(
        [1, 1, *one, *finders[0], *two[::-1], *four, *finders[1][::-1], *three[::-1], 1, 1]
    )
    return row[:48], row[48:], end


def _modules(widths: list[int]) -> str:
    return "".join("01"[i % 2] * width for i, width in enumerate(widths))


def omnidirectional(digits: str) -> str:
    """Return the 96 modules of thirteen digits, 1 = bar.

    Raises:
        CodeRefused: not thirteen digits.
    """
    left, right, _ = _halves(digits)
    return left + right


def stacked(digits: str) -> list[tuple[str, int]]:
    """Return the rows of GS1 DataBar Stacked with their heights in modules (5.3.2.1).

    Raises:
        CodeRefused: not thirteen digits.
    """
    top, bottom, _ = _rows(digits)
    line = "0"
    for above, below in zip(top[1:46], bottom[1:46], strict=True):
        # Where both agree their opposite, where they differ the opposite of the module before.
        line += _opposite(above if above == below else line[-1])
    return [(top, 5), ("0000" + line[4:] + "0000", 1), (bottom, 7)]


def stacked_omnidirectional(digits: str) -> list[tuple[str, int]]:
    """Return the rows of GS1 DataBar Stacked Omnidirectional with their heights (5.3.2.2).

    Raises:
        CodeRefused: not thirteen digits.
    """
    top, bottom, finder = _rows(digits)
    middle = "0000" + "01" * 21 + "0000"
    # The thirteen modules of a finder's wide elements: 18 in the upper row, 19 in the lower.
    above, below = _separator(top, 18), _separator(bottom, 19)
    if finder == 3:
        below = below[:19] + "0" * 10 + "1" + "0" * 2 + below[32:]
    return [(top, 33), (above, 1), (middle, 1), (below, 1), (bottom, 33)]


def _rows(digits: str) -> tuple[str, str, int]:
    left, right, finder = _halves(digits)
    return left + "10", "10" + right, finder


def _separator(row: str, finder: int) -> str:
    """Return the opposite of a row; beside a finder, spaces become bars and spaces in turn."""
    out, light = "0000", 0
    for i in range(4, 46):
        if row[i] == "1":
            out, light = out + "0", 0
        elif finder <= i < finder + 13:
            light = light + 1 if i > finder else 1
            out += "01"[light % 2]
        else:
            out, light = out + "1", 0
    return out + "0000"


def _opposite(module: str) -> str:
    return "1" if module == "0" else "0"
