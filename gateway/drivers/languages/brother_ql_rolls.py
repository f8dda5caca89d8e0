"""The DK rolls that Brother's QL printers take, and where on each the head can print.

A QL printer prints only what is declared to be the roll that lies in it, and on each roll only
inside a margin. Both stand in the raster command reference of each model (2.3.2 Page size and
2.3.5 Raster line); QL-700 and QL-820NWB agree for the 62 mm head, QL-1100 for the wide one.

>>> find_roll(732, 1181, parse_density("300dpi"))
Roll(width_mm=62, length_mm=100, dots=696, lines=1109, right_pins=12)
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.printers import Tracking
from gateway.units import Density, parse_density, to_dots

__all__ = [
    "LENGTHS",
    "MARGIN",
    "NARROW",
    "NO_SHORT_LENGTHS",
    "ROLLS",
    "WIDE",
    "Roll",
    "find_roll",
    "parse_density",
]

NARROW, WIDE = 720, 1296
"""Pins of the head: QL-500 to QL-820NWB, and QL-1050 to QL-1115NWB (2.3.5 Raster line)."""

WIDE_MORE = 44
"""Pins further from the edge at which every roll begins on the wide head."""

MARGIN = 35
"""Dots before and behind the print area of a continuous roll: 3 mm (2.3.3 Feed amount)."""

LENGTHS = range(150, 11_812)
"""Dots that a label cut from a continuous roll can be long: 12.7 mm to 1 m (2.3.4)."""

NO_SHORT_LENGTHS = range(295, 11_812)
"""The same for QL-500, QL-550, QL-650TD, QL-1050 and QL-1060N: from 25 mm."""

_NEAR = 600
"""µm by which stock may differ from a roll's name: names are rounded (4 inches are 102 mm)."""


@dataclass(frozen=True, slots=True)
class Roll:
    """One size of label roll."""

    width_mm: int
    """What the printer knows the roll by: n3 of ESC i z."""
    length_mm: int
    """n4 of ESC i z; 0 on a continuous roll, which is cut where the label ends."""
    dots: int
    """Dots across that can be printed."""
    lines: int
    """Dots along that can be printed; 0 on a continuous roll."""
    right_pins: int
    """Pins of the narrow head to the right of the print area."""

    @property
    def continuous(self) -> bool:
        """True when labels are cut off at any length."""
        return not self.length_mm


ROLLS = (
    Roll(12, 0, 106, 0, 29),
    Roll(29, 0, 306, 0, 6),
    Roll(38, 0, 413, 0, 12),
    Roll(50, 0, 554, 0, 12),
    Roll(54, 0, 590, 0, 0),
    Roll(62, 0, 696, 0, 12),
    Roll(102, 0, 1164, 0, 12),
    Roll(104, 0, 1200, 0, 12),
    Roll(12, 12, 94, 94, 113),
    Roll(17, 54, 165, 566, 0),
    Roll(17, 87, 165, 956, 0),
    Roll(23, 23, 202, 202, 42),
    Roll(24, 24, 236, 236, 42),
    Roll(29, 42, 306, 425, 6),
    Roll(29, 90, 306, 991, 6),
    Roll(38, 90, 413, 991, 12),
    Roll(39, 48, 425, 495, 6),
    Roll(52, 29, 578, 271, 0),
    Roll(58, 58, 618, 618, 51),
    Roll(62, 29, 696, 271, 12),
    Roll(62, 100, 696, 1109, 12),
    Roll(102, 51, 1164, 526, 12),
    Roll(102, 153, 1164, 1660, 12),
    Roll(104, 164, 1200, 1822, 12),
)
"""Die-cut rolls of 12, 24 and 58 mm are round: their print area is the square inside."""


def find_roll(
    width: int, height: int, density: Density, tracking: Tracking | None = None
) -> Roll | None:
    """Return the roll of which a label of width × height dots comes; None when there is none.

    Die-cut labels first, unless the printer is set to continuous stock.
    """
    near = to_dots(_NEAR, density)

    def fits(dots: int, mm: int) -> bool:
        return abs(dots - to_dots(mm * 1000, density)) <= near

    wide_enough = [roll for roll in ROLLS if fits(width, roll.width_mm)]
    die_cut = [roll for roll in wide_enough if roll.length_mm and fits(height, roll.length_mm)]
    continuous = [roll for roll in wide_enough if roll.continuous]
    match tracking:
        case "continuous":
            found = continuous
        case "gap" | "mark":
            found = die_cut
        case _:
            found = [*die_cut, *continuous]
    return found[0] if found else None
