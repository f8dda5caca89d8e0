"""ZPL in, pictures out, without a printer: what a format would put on paper.

>>> [label] = draw_zpl(b"^XA^FO10,10^GB50,20,2^FS^PQ3^XZ", width_mm=20, height_mm=10)
>>> label.copies, label.tile.ink_box(), label.unknown
(3, (10, 10, 60, 30), ())
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper, ReadCode, read_codes
from gateway.drivers.virtual.zpl.interpreter import Interpreter


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


def draw_zpl(
    zpl: bytes,
    *,
    density: int = 8,
    width_mm: float = 100,
    height_mm: float = 50,
    most: int = 1000,
) -> list[DrawnLabel]:
    """Return what ZPL would print on stock of that size: one entry per format, ``most`` at most."""
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
    Interpreter(machine).feed(zpl)
    return [
        DrawnLabel(run.draw(0), run.quantity, run.unknown, run.notes)
        for run in machine.queued()[:most]
    ]
