"""Boxes, lines and circles of ZPL as elements (ZPL II guide, ^GB, ^GC, ^GD and ^GE).

>>> [command] = read_commands(b"^GB300,4,4")
>>> read_shape(command, parse_density(8))
({'type': 'line', 'direction': '-', 'thickness': 500}, 300, 4)
"""

from __future__ import annotations

from typing import Any

from gateway.templates.bringing.zpl_codes import NotOurs
from gateway.templates.bringing.zpl_state import letter, number
from gateway.units import Density, parse_density, to_um
from gateway.zpl.commands import Command, read_commands

__all__ = ["parse_density", "read_commands", "read_shape"]


def read_shape(command: Command, density: Density) -> tuple[dict[str, Any], int, int]:
    """Return a shape as an element without a place, and its width and height in dots.

    Raises:
        NotOurs: it is none of them.
    """
    parts = command.parts()
    colour = 2 if command.name == "^GC" else 3
    white = letter(parts, colour) == "W"
    match command.name:
        case "^GB":
            thick = max(1, number(parts, 2) or 1)
            wide, high = max(thick, number(parts, 0) or 0), max(thick, number(parts, 1) or 0)
            rounding = max(0, min(number(parts, 4) or 0, 8))
            element: dict[str, Any]
            if min(wide, high) == thick and max(wide, high) > 2 * thick and not rounding:
                direction = "-" if wide >= high else "|"
                element = {"type": "line", "direction": direction}
            elif 2 * thick >= min(wide, high):
                element = {"type": "box", "filled": True}
            else:
                element = {"type": "box"}
            if not element.get("filled"):
                element["thickness"] = to_um(thick, density)
            if rounding:
                # ^GB: eighths of half the shorter side.
                element["radius"] = to_um(round(rounding * min(wide, high) / 16), density)
        case "^GD":
            thick = max(1, number(parts, 2) or 1)
            wide = max(3, number(parts, 0) or thick) + thick
            high = max(3, number(parts, 1) or thick)
            leans = parts[4].strip().upper()[:1] if len(parts) > 4 else "R"
            direction = "\\" if leans in ("L", "\\") else "/"
            # ^GD counts along the row; a line that is wider than high is counted down here.
            down = thick if wide <= high else max(1, round(thick * high / wide))
            element = {"type": "line", "direction": direction, "thickness": to_um(down, density)}
        case "^GC" | "^GE":
            thick = max(1, number(parts, 1 if command.name == "^GC" else 2) or 1)
            wide = max(3, number(parts, 0) or 3)
            high = wide if command.name == "^GC" else max(3, number(parts, 1) or 3)
            element = {"type": "ellipse"}
            element |= (
                {"filled": True} if 2 * thick >= min(wide, high)
                else {"thickness": to_um(thick, density)}
            )  # fmt: skip
        case _:
            raise NotOurs(f"{command.name} is not known")
    if white:
        element["white"] = True
    return element, wide, high
