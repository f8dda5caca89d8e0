"""Lengths and densities: micrometres outside, whole dots inside.

Templates, API and store hold integer micrometres (µm). A print head has a density, an exact
fraction of dots per millimetre, and one rounding rule turns the one into the other: half up.

>>> to_dots(Um(330), parse_density(8))
3
>>> to_dots(Um(2990), parse_density(8))
24
>>> parse_density("180dpi")
Fraction(900, 127)
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NewType

from gateway.errors import UnitRefused

Um = NewType("Um", int)
"""Micrometres: 1 mm = 1000, 1 inch = 25400."""

Dots = NewType("Dots", int)
"""Print-head dots."""

Density = NewType("Density", Fraction)
"""Dots per millimetre, exact: ZPL-class heads are whole numbers (6, 8, 12, 24); others dpi/25.4."""

_DPI = re.compile(r"([0-9]{2,4})\s*dpi", re.ASCII)
_MIN, _MAX = Fraction(1), Fraction(48)


def parse_density(value: object) -> Density:
    """Return the density written as ``8`` (dots per mm) or ``"180dpi"``.

    Raises:
        UnitRefused: the value is neither, or no print head has such a density.
    """
    density: Fraction | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        density = Fraction(value)
    elif isinstance(value, str):
        if match := _DPI.fullmatch(value.strip()):
            density = Fraction(int(match[1]) * 10, 254)
        elif value.strip().isascii() and value.strip().isdecimal():
            density = Fraction(int(value))
    if density is None or not _MIN <= density <= _MAX:
        raise UnitRefused(
            f"{value!r} is not a density; give dots per millimetre as a whole number "
            'such as 8 or 12, or dots per inch as "180dpi".',
            value=str(value),
        )
    return Density(density)


def format_density(density: Density) -> int | str:
    """Return the density as JSON writes it: ``8`` or ``"180dpi"``.

    >>> format_density(parse_density("300dpi")), format_density(parse_density(12))
    ('300dpi', 12)
    """
    if density.denominator == 1:
        return int(density)
    return f"{round(density * Fraction(254, 10))}dpi"


def to_dots(length: int, density: Density) -> Dots:
    """Round a length in µm to whole dots, half up (also below zero: -0.5 rounds to 0).

    >>> to_dots(Um(62), Density(Fraction(8))), to_dots(Um(63), Density(Fraction(8)))
    (0, 1)
    """
    # floor(µm · n / (1000 · d) + 1/2) in whole numbers: the editor does the same sum.
    twice = 2000 * density.denominator
    return Dots((2 * length * density.numerator + 1000 * density.denominator) // twice)


def to_um(dots: int, density: Density) -> Um:
    """Return the length of so many dots in µm, half up.

    >>> to_um(3, Density(Fraction(8)))
    375
    """
    n, d = density.numerator, density.denominator
    return Um((2 * dots * 1000 * d + n) // (2 * n))


def say_length(length: int) -> str:
    """Return a length in µm as people read it.

    >>> say_length(100000), say_length(12345)
    ('100 mm', '12.345 mm')
    """
    return f"{length / 1000:.3f}".rstrip("0").rstrip(".") + " mm"
