"""Sheets of labels for office printers: where each label lies on A4 or Letter.

    "avery-l7160" or a description ──parse_sheet──► Sheet ──place(number)──► page, x and y in µm

``SHEETS`` has the well-known ones; any other is described by its paper, its label and how many
there are. Places count from 1 in reading order, so that a sheet used in part can be put in again.

>>> sheet = parse_sheet("avery-l7160")
>>> sheet.title, sheet.count
('Avery L7160: 21 of 63.5 mm × 38.1 mm on A4', 21)
>>> sheet.place(1), sheet.place(5), sheet.place(22)
((0, 7210, 15150), (0, 73250, 53250), (1, 7210, 15150))
>>> parse_sheet({"label": {"width": 100000, "height": 50000}, "columns": 2, "rows": 5}).place(2)
(0, 105000, 23500)
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from gateway.errors import InputRefused
from gateway.units import Um, say_length

A4: Final = (Um(210_000), Um(297_000))
"""ISO 216."""
LETTER: Final = (Um(215_900), Um(279_400))
"""8½ × 11 inches (ANSI Y14.1, size A)."""
PAPERS: Final = {"A4": A4, "Letter": LETTER}
_LARGEST: Final = 2_000_000
"""µm: as for a template's stock."""
_MOST: Final = 100
"""Labels across or down; the densest on the market has 27."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Paper with labels in columns and rows; lengths in µm from its top left corner."""

    name: str
    """Empty for one that was described."""
    title: str
    width: Um
    height: Um
    label_width: Um
    label_height: Um
    columns: int
    rows: int
    left: Um
    """To the first label's left edge."""
    top: Um
    """To the first label's top edge."""
    pitch_x: Um
    """From a label's left edge to its neighbour's."""
    pitch_y: Um

    @property
    def count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[int, Um, Um]:
        """Return the page, from 0, and the left and top edge of the ``number``-th label, from 1."""
        page, on_page = divmod(number - 1, self.count)
        row, column = divmod(on_page, self.columns)
        return page, Um(self.left + column * self.pitch_x), Um(self.top + row * self.pitch_y)


def _known(
    name: str,
    brand: str,
    paper: str,
    label: tuple[int, int],
    grid: tuple[int, int],
    corner: tuple[int, int],
    pitch: tuple[int, int],
) -> Sheet:
    width, height = PAPERS[paper]
    size = f"{say_length(label[0])} × {say_length(label[1])}"
    return Sheet(
        name,
        f"{brand}: {grid[0] * grid[1]} of {size} on {paper}",
        width,
        height,
        Um(label[0]),
        Um(label[1]),
        *grid,
        Um(corner[0]),
        Um(corner[1]),
        Um(pitch[0]),
        Um(pitch[1]),
    )


_KNOWN: Final = (
    # Size and number are what the vendor prints on the pack. It punches its sheets in the middle
    # of the paper, so the margins are half of what the labels and the gaps between them leave.
    _known("avery-l7159", "Avery L7159", "A4", (63_500, 33_900), (3, 8), (7_210, 12_900),
           (66_040, 33_900)),
    _known("avery-l7160", "Avery L7160", "A4", (63_500, 38_100), (3, 7), (7_210, 15_150),
           (66_040, 38_100)),
    _known("avery-l7162", "Avery L7162", "A4", (99_100, 33_900), (2, 8), (4_650, 12_900),
           (101_600, 33_900)),
    _known("avery-l7163", "Avery L7163", "A4", (99_100, 38_100), (2, 7), (4_650, 15_150),
           (101_600, 38_100)),
    _known("avery-l7165", "Avery L7165", "A4", (99_100, 67_700), (2, 4), (4_650, 13_100),
           (101_600, 67_700)),
    _known("avery-l7651", "Avery L7651", "A4", (38_100, 21_200), (5, 13), (4_750, 10_700),
           (40_600, 21_200)),
    # 2⅝ × 1, 4 × 2, 4 × 3⅓ and 1¾ × ½ inches.
    _known("avery-5160", "Avery 5160", "Letter", (66_675, 25_400), (3, 10), (4_763, 12_700),
           (69_850, 25_400)),
    _known("avery-5163", "Avery 5163", "Letter", (101_600, 50_800), (2, 5), (3_969, 12_700),
           (106_363, 50_800)),
    _known("avery-5164", "Avery 5164", "Letter", (101_600, 84_667), (2, 3), (3_969, 12_700),
           (106_363, 84_667)),
    _known("avery-5167", "Avery 5167", "Letter", (44_450, 12_700), (4, 20), (7_144, 12_700),
           (52_388, 12_700)),
)  # fmt: skip

SHEETS: Final[dict[str, Sheet]] = {sheet.name: sheet for sheet in _KNOWN}

KEYS: Final = ("paper", "label", "columns", "rows", "left", "top", "pitch_x", "pitch_y")


def parse_sheet(value: object) -> Sheet:
    """Return a sheet by its name, or the one that an object describes.

    An object has ``label`` (``width`` and ``height`` in µm), ``columns`` and ``rows``. ``paper`` is
    ``A4`` when left out, the pitch leaves no gaps, and the margins put the labels in the middle.

    Raises:
        InputRefused: no such name, a key that is missing, unknown or wrong, or labels that overlap
            or lie outside the paper.
    """
    if isinstance(value, str):
        found = SHEETS.get(value.lower())
        if found is None:
            near = difflib.get_close_matches(value.lower(), SHEETS, 1)
            hint = f"did you mean {near[0]!r}?" if near else "or describe it."
            raise InputRefused(
                f"There is no sheet {value[:60]!r}; there are {', '.join(SHEETS)}; {hint}",
                sheet=value[:60],
            )
        return found
    if not isinstance(value, Mapping):
        raise InputRefused(
            "A sheet is the name of one, such as 'avery-l7160', or an object with label, columns "
            "and rows."
        )
    for key in value:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(KEYS)}."
            raise InputRefused(f"A sheet has no {str(key)[:60]!r}; {hint}", key=str(key)[:60])
    width, height = _paper(value.get("paper", "A4"))
    label_width, label_height = _sides(value.get("label"), "label")
    columns, rows = (_whole(value, key, 1, _MOST) for key in ("columns", "rows"))
    pitch_x = _whole(value, "pitch_x", label_width, _LARGEST, label_width)
    pitch_y = _whole(value, "pitch_y", label_height, _LARGEST, label_height)
    across = (columns - 1) * pitch_x + label_width
    down = (rows - 1) * pitch_y + label_height
    left = _whole(value, "left", 0, _LARGEST, max(0, (width - across) // 2))
    top = _whole(value, "top", 0, _LARGEST, max(0, (height - down) // 2))
    if left + across > width or top + down > height:
        raise InputRefused(
            f"The sheet's labels end {say_length(left + across)} from the left and "
            f"{say_length(top + down)} from the top, outside the paper of {say_length(width)} × "
            f"{say_length(height)}; lessen columns, rows, margins or pitch.",
            width=left + across,
            height=top + down,
        )
    size = f"{say_length(label_width)} × {say_length(label_height)}"
    return Sheet(
        "", f"{columns * rows} of {size}", width, height, Um(label_width), Um(label_height),
        columns, rows, Um(left), Um(top), Um(pitch_x), Um(pitch_y),
    )  # fmt: skip


def _paper(value: object) -> tuple[Um, Um]:
    if isinstance(value, str):
        found = next((size for name, size in PAPERS.items() if name.lower() == value.lower()), None)
        if found is not None:
            return found
        raise InputRefused(
            f"'paper' must be {' or '.join(PAPERS)}, or an object with width and height in "
            f"micrometres, got {value[:60]!r}.",
            key="paper",
        )
    width, height = _sides(value, "paper")
    return Um(width), Um(height)


def _sides(value: object, key: str) -> tuple[int, int]:
    if not isinstance(value, Mapping) or set(value) != {"width", "height"}:
        _refuse(key, "an object with width and height in micrometres", value)
    return (
        _whole(value, "width", 1000, _LARGEST, of=key),
        _whole(value, "height", 1000, _LARGEST, of=key),
    )


def _whole(
    value: Mapping[Any, object],
    key: str,
    least: int,
    most: int,
    default: int | None = None,
    of: str = "",
) -> int:
    number = value.get(key, default)
    if type(number) is not int or not least <= number <= most:
        path = f"{of}.{key}" if of else key
        _refuse(path, f"a whole number from {least} to {most}", number)
    return number


def _refuse(key: str, expected: str, got: object) -> NoReturn:
    shown = "nothing" if got is None else repr(got)[:60]
    raise InputRefused(f"'{key}' of a sheet must be {expected}, got {shown}.", key=key)
