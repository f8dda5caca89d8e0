"""The label that shows where a printer prints: rulers along two edges, and a cross to measure.

The cross lies in the middle of the stock. A person measures how far it is from the left and the
top edge of the paper; the difference is how far the ink must move.

>>> label = ruler_label(Um(100_000), Um(50_000), "line-1")
>>> label.name, label.width, label.height
('test-label', 100000, 50000)
"""

from __future__ import annotations

from gateway.templates.document import parse_template
from gateway.templates.model import Template
from gateway.units import Um, say_length

NAME = "test-label"

MOST_TICKS = 180
"""Ticks of one ruler: on longer stock they stand farther apart."""

_THIN = 250
"""µm: two dots of an 8-dot head."""


LONGEST = 160_000
"""µm: on longer stock the label is at its beginning. A 6 inch label has 152.4 mm."""


def cross_of(width: int, height: int) -> tuple[Um, Um]:
    """Return where the cross's middle lies, in µm from the left and the top edge of the stock."""
    return Um(width // 2), Um(min(height, LONGEST) // 2)


def ruler_label(width: Um, height: Um, printer: str, margins: tuple[int, int] = (0, 0)) -> Template:
    """Return the test label for stock of that size, with the printer's name on it.

    ``margins`` are µm at the sides, and before and behind, where the printer cannot print: the
    rulers stand inside them and count from the edge of the paper all the same.
    """
    height = Um(min(height, LONGEST))
    elements = [
        *_ruler("across", width, margins),
        *_ruler("down", height, margins),
        *_cross(width, height),
    ]
    side, end = margins
    x, y = cross_of(width, height)
    if width >= 50_000 and height >= 25_000:
        # Beside the cross's arms, clear of the ruler.
        beside = {
            "x": 6_000 + side,
            "width": width // 2 - 12_000 - side,
            "height": 3_500,
            "min_size": 1_000,
        }
        elements += [
            {
                "type": "text", "id": "printer", "content": printer, "size": 3_500,
                "x": 6_000 + side, "y": height - 5_500 - end, "width": width - 8_000 - 2 * side,
                "height": 4_500,
                "min_size": 1_500,
            },
            {
                "type": "text", "id": "from-left", "y": y - 5_000, "size": 2_500, **beside,
                "content": f"left {say_length(x)}",
            },
            {
                "type": "text", "id": "from-top", "y": y + 1_000, "size": 2_500, **beside,
                "content": f"top {say_length(y)}",
            },
        ]  # fmt: skip
    return parse_template(
        {
            "name": NAME,
            "title": "Test label",
            "size": {"width": width, "height": height},
            "elements": elements,
        }
    )


def _ruler(way: str, length: int, margins: tuple[int, int]) -> list[dict[str, object]]:
    """Return ticks along the top edge (``across``) or the left one, numbered in mm."""
    step = 1_000 * max(1, -(-length // (MOST_TICKS * 1_000)))
    step = next(s for s in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000) if s >= step)
    parts: list[dict[str, object]] = []
    side, end = margins
    free = side if way == "across" else end
    for at in range(0, length - _THIN + 1, step):
        if not free <= at <= length - free - _THIN:
            continue
        long = 4_000 if at % (10 * step) == 0 else 2_500 if at % (5 * step) == 0 else 1_500
        placed = (
            {"x": at, "y": end, "width": _THIN, "height": long, "direction": "|"}
            if way == "across"
            else {"x": side, "y": at, "width": long, "height": _THIN}
        )
        parts.append({"type": "line", "id": f"{way}-{at}", "thickness": _THIN, **placed})
        if at and at % (10 * step) == 0 and at + 6_000 < length - free:
            spot = (
                {"x": at + 500, "y": 2_000 + end}
                if way == "across"
                else {"x": 2_000 + side, "y": at + 300}
            )
            parts.append(
                {
                    "type": "text", "id": f"{way}-{at}-mm", "content": str(at // 1_000),
                    "size": 2_000, "min_size": 1_000, "width": 5_000, "height": 2_600, **spot,
                }
            )  # fmt: skip
    return parts


def _cross(width: int, height: int) -> list[dict[str, object]]:
    x, y = cross_of(width, height)
    arm = min(5_000, width // 4, height // 4)
    return [
        {
            "type": "line", "id": "cross-across", "x": x - arm, "y": y - _THIN // 2,
            "width": 2 * arm, "height": _THIN, "thickness": _THIN,
        },
        {
            "type": "line", "id": "cross-down", "x": x - _THIN // 2, "y": y - arm,
            "width": _THIN, "height": 2 * arm, "thickness": _THIN, "direction": "|",
        },
    ]  # fmt: skip
