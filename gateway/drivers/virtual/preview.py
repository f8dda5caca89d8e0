"""Printer commands in, pictures out, without a printer: what a format would put on paper.

>>> [label] = draw_commands("zpl", b"^XA^FO10,10^GB50,20,2^FS^PQ3^XZ", width_mm=20,
... height_mm=10)
>>> label.copies, label.tile.ink_box(), label.unknown
(3, (10, 10, 60, 30), ())
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper, ReadCode, read_codes
from gateway.drivers.virtual.printer import speaker_of


@dataclass(frozen=True, slots=True)
class DrawnLabel:
    """One format as it would be printed."""

    tile: Tile
    """The first copy."""
    copies: int
    unknown: tuple[str, ...]
    """What a printer would not understand."""
    notes: tuple[str, ...]

    def codes(self) -> tuple[ReadCode, ...]:
        """Return what a reader decodes on it."""
        return read_codes(self.tile.to_png())


def draw_commands(
    language: str,
    commands: bytes,
    *,
    density: Fraction | int = 8,
    width_mm: float = 100,
    height_mm: float = 50,
    most: int = 1000,
) -> list[DrawnLabel]:
    """Return what commands would print on stock of that size: one entry per format.

    Raises:
        InputRefused: virtual printers do not speak that language.
    """
    machine = Machine(
        Paper(),
        Make(
            density=density,
            stock_width=max(1, round(width_mm * density)),
            stock_height=max(1, round(height_mm * density)),
            head_width=max(1, round(max(104, width_mm) * density)),
        ),
        pace=Pace(speed_mm_s=0),
    )
    printer = speaker_of(language)(machine, None, False)
    printer.feed(commands, machine.session)
    if finish := getattr(printer, "finish", None):
        finish()  # a strip of paper that nothing has cut yet
    return [
        DrawnLabel(run.draw(0), run.quantity, run.unknown, run.notes)
        for run in machine.queued()[:most]
    ]


def draw_zpl(
    zpl: bytes,
    *,
    density: Fraction | int = 8,
    width_mm: float = 100,
    height_mm: float = 50,
    most: int = 1000,
) -> list[DrawnLabel]:
    """Return what ZPL would print on stock of that size: one entry per format, ``most`` at most."""
    return draw_commands(
        "zpl", zpl, density=density, width_mm=width_mm, height_mm=height_mm, most=most
    )
