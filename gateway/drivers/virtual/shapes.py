"""Boxes, lines, circles and ellipses as tiles, computed row by row.

>>> print(box(4, 3, 1).text())
####
#..#
####
"""

from __future__ import annotations

from math import sqrt

from gateway.drivers.virtual.canvas import Tile, solid


def box(width: int, height: int, border: int, rounding: int = 0) -> Tile:
    """Return a rectangle's outline; a border as thick as the box fills it.

    ``rounding`` 0 to 8: corner radius = rounding/8 of half the shorter side (ZPL II guide, ^GB).
    """
    width, height = max(width, border, 1), max(height, border, 1)
    radius = rounding / 8 * min(width, height) / 2
    outer = _rounded(width, height, radius)
    inner_width, inner_height = width - 2 * border, height - 2 * border
    if inner_width <= 0 or inner_height <= 0:
        return outer
    inner = _rounded(inner_width, inner_height, max(0.0, radius - border))
    rows = list(outer.rows)
    for y, row in enumerate(inner.rows):
        rows[border + y] &= ~(row << border)
    return Tile(width, height, tuple(rows))


def ellipse(width: int, height: int, border: int) -> Tile:
    """Return an ellipse's outline inside ``width`` × ``height``; a thick border fills it."""
    outer = _ellipse_rows(width, height)
    rows = list(outer)
    inner_width, inner_height = width - 2 * border, height - 2 * border
    if inner_width > 0 and inner_height > 0:
        for y, row in enumerate(_ellipse_rows(inner_width, inner_height)):
            rows[border + y] &= ~(row << border)
    return Tile(width, height, tuple(rows))


def diagonal(width: int, height: int, border: int, *, leans_right: bool) -> Tile:
    """Return a slanted line as thick as ``border`` dots measured across, ``/`` or ``\\``."""
    width, height, border = max(width, 1), max(height, 1), max(border, 1)
    total = width + border
    rows = []
    for y in range(height):
        progress = (height - y - 0.5) if leans_right else (y + 0.5)
        start = int(width * progress / height + 0.5)
        run = min(border, total - start)
        rows.append(((1 << run) - 1) << (total - start - run))
    return Tile(total, height, tuple(rows))


def _rounded(width: int, height: int, radius: float) -> Tile:
    if radius <= 0:
        return solid(width, height)
    rows = []
    for y in range(height):
        # Distance of the row's middle into the corner zone, from the top or the bottom.
        depth = radius - min(y + 0.5, height - y - 0.5)
        inset = (
            int(radius - sqrt(max(0.0, radius * radius - depth * depth)) + 0.5) if depth > 0 else 0
        )
        run = max(0, width - 2 * inset)
        rows.append(((1 << run) - 1) << inset)
    return Tile(width, height, tuple(rows))


def _ellipse_rows(width: int, height: int) -> list[int]:
    half_width, half_height = width / 2, height / 2
    rows = []
    for y in range(height):
        offset = (y + 0.5 - half_height) / half_height
        reach = half_width * sqrt(max(0.0, 1 - offset * offset))
        start = int(half_width - reach + 0.5)
        run = max(0, width - 2 * start)
        rows.append(((1 << run) - 1) << start)
    return rows
