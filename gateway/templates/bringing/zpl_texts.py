"""Text of a ZPL printer set in our faces: as high as it was, and no wider.

A printer's fonts are its own; ours only resemble them. So a text gets the room that it had: the
size at which its capitals are as high, and leave to shrink where our letters run wider.

>>> setting = Setting(Typeface("0", 40, 40), parse_density(8))
>>> setting.face, setting.size, setting.baseline, setting.advance("AAA")
('sans-bold', 41, 30, 68)
>>> read_time("Made %d.%m.%Y at %H:%M", "%")
'Made {now|date:DD.MM.YYYY} at {now|date:HH:mm}'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gateway.templates.bringing.placing import Box
from gateway.templates.bringing.zpl_codes import NotOurs
from gateway.templates.bringing.zpl_state import Draft, Typeface, letter, number
from gateway.templates.typefaces import Metrics, fonts_of
from gateway.units import Density, parse_density, to_um
from gateway.zpl.font0 import reach

__all__ = ["Setting", "Typeface", "literally", "parse_density", "read_time", "set_text"]


class _Cell(NamedTuple):
    """A bitmap font's cell in dots, unmagnified."""

    height: int
    width: int
    gap: int
    baseline: int
    """Dots from the cell's top."""


# ZPL II guide, "Font Matrices": height × width, gap between characters and baseline of fonts A to
# H at 8 dots/mm.
_CELLS: Final = {
    "A": _Cell(9, 5, 1, 7), "B": _Cell(11, 7, 2, 11), "C": _Cell(18, 10, 2, 14),
    "D": _Cell(18, 10, 2, 14), "E": _Cell(28, 15, 5, 23), "F": _Cell(26, 13, 3, 21),
    "G": _Cell(60, 40, 8, 48), "H": _Cell(21, 13, 6, 21),
}  # fmt: skip
_CAPITAL: Final = 73
"""Hundredths of the em that a capital is high in the bundled faces."""


def _times(wanted: int, cell: int) -> int:
    """Return how often a bitmap font is magnified for a size: 1 to 10 (ZPL II guide, ^A)."""
    return max(1, min(10, (2 * wanted + cell) // (2 * cell))) if wanted > 0 else 0


@dataclass(frozen=True, slots=True)
class Setting:
    """A printer's font at a size, on paper: lengths in dots."""

    font: Typeface
    density: Density

    @property
    def face(self) -> str:
        """The bundled face that comes nearest."""
        return "mono" if self.font.name in _CELLS else "sans-bold"

    @property
    def _magnified(self) -> tuple[int, int]:
        cell = _CELLS[self.font.name]
        down, across = _times(self.font.height, cell.height), _times(self.font.width, cell.width)
        return down or across or 1, across or down or 1

    @property
    def height(self) -> int:
        """Of the cell: from one line to the next."""
        if self.font.name in _CELLS:
            return _CELLS[self.font.name].height * self._magnified[0]
        return self.font.height or self.font.width or 15

    @property
    def baseline(self) -> int:
        """From the cell's top; capitals of font 0 are three quarters of it high."""
        if self.font.name in _CELLS:
            return _CELLS[self.font.name].baseline * self._magnified[0]
        return round(0.74 * self.height)

    @property
    def size(self) -> int:
        """The em of our face at which capitals are as high."""
        if self.font.name in _CELLS:
            return max(4, round(100 * self.baseline / _CAPITAL))
        # The inverse of what native printing does, so that a text comes back as large as it was.
        return max(4, round(self.height / 0.97))

    @property
    def metrics(self) -> Metrics:
        """Of our face at that size."""
        return self.metrics_at(self.size)

    def metrics_at(self, size: int) -> Metrics:
        """Return our face's metrics at another size."""
        return fonts_of(self.face)[0].metrics(size)

    def advance(self, text: str) -> int:
        """Return how wide the printer sets a line."""
        if self.font.name in _CELLS:
            cell = _CELLS[self.font.name]
            return max(1, len(text) * (cell.width + cell.gap) * self._magnified[1])
        return max(1, -(-reach(text) * (self.font.width or self.height) // 50))


def set_text(
    text: str, written: str, setting: Setting, draft: Draft
) -> tuple[dict[str, Any], tuple[int, int], tuple[int, int], Box]:
    """Return a text element without a place, and the printer's box for it.

    The box: its width and height, the point in it that ^FT places, and the rectangle that our
    element takes in it.

    Args:
        text: What it says, or the example of it.
        written: The same as a template writes it.
        setting: Its font.
        draft: The field, for its block or area.
    """
    metrics = setting.metrics
    element: dict[str, Any] = {
        "type": "text", "content": written, "font": setting.face,
        "size": to_um(setting.size, setting.density),
        "min_size": to_um(max(1, setting.size // 3), setting.density),
    }  # fmt: skip
    if draft.area is not None:
        wide = max(1, number(draft.area, 1) or 1)
        high = max(setting.height, number(draft.area, 2) or 1)
        element |= {"wrap": True}
        local = Box(0, setting.baseline - metrics.ascent, wide, high + metrics.ascent)
        return element, (wide, high), (0, setting.baseline), local
    if draft.block is not None and (wide := number(draft.block, 0) or 0) > 0:
        return _block(element, text, setting, draft.block, wide)
    wide = setting.advance(text)
    element |= {"max_lines": 1, "valign": "bottom"}
    if draft.align == 1:
        element["align"] = "right"
    top = setting.baseline - metrics.ascent
    local = Box(0, top, wide, metrics.ascent + metrics.descent)
    return element, (wide, setting.height), (0, setting.baseline), local


_ALIGN: Final = {"C": "center", "R": "right", "L": "left", "J": "left"}


def _block(
    element: dict[str, Any], text: str, setting: Setting, block: list[str], wide: int
) -> tuple[dict[str, Any], tuple[int, int], tuple[int, int], Box]:
    lines = max(1, min(200, number(block, 1) or 1))
    pitch = max(1, setting.height + (number(block, 2) or 0))
    metrics = setting.metrics
    justified = letter(block, 3)
    element |= {
        "content": _unescaped(element["content"]), "wrap": True, "max_lines": lines,
        "align": _ALIGN.get(justified, "left"),
        "line_spacing": max(50, min(300, round(100 * pitch / metrics.height))),
    }  # fmt: skip
    # ^FB: ^FT names the baseline of the last line.
    used = min(lines, _lines(_unescaped(text), setting, wide))
    top = setting.baseline - metrics.ascent
    high = metrics.ascent + (lines - 1) * pitch + metrics.descent
    return (
        element,
        (wide, setting.height + (lines - 1) * pitch),
        (0, setting.baseline + (used - 1) * pitch),
        # One dot more than the pitches, which are whole percents of our line.
        Box(0, top, wide, high + lines),
    )


def _unescaped(text: str) -> str:
    r"""Return a block's text: \& breaks a line, \- may, \\ is a backslash (ZPL II guide, ^FB)."""
    signs = {"&": "\n", "-": "", "\\": "\\"}
    return re.sub(r"\\([&\\-])", lambda found: signs[found[1]], text)


def _lines(text: str, setting: Setting, wide: int) -> int:
    """Return how many lines the printer needs."""
    count = 0
    for paragraph in text.split("\n"):
        line = ""
        count += 1
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and setting.advance(longer) > wide:
                count += 1
                longer = word
            line = longer
    return count


_PARTS: Final = {
    "d": "DD", "m": "MM", "y": "YY", "Y": "YYYY", "H": "HH", "M": "mm", "S": "ss", "j": "DDD",
}  # fmt: skip
"""Parts of the time (ZPL II guide, ^FC): day, month, year, hour, minute, second, day of year."""


def read_time(text: str, sign: str) -> str:
    """Return text with a printer's clock in it as a template writes it.

    Raises:
        NotOurs: it asks for the name of a day or month, or another clock.
    """
    one = re.escape(sign) + "(.)"
    dates = re.compile(f"{re.escape(sign)}.(?:[-./:]{{0,2}}{re.escape(sign)}.)*")
    out, at = "", 0

    def part(found: re.Match[str]) -> str:
        if found[1] not in _PARTS:
            raise NotOurs(f"{found[0]} is no part of a date that a template writes")
        return _PARTS[found[1]]

    for date in dates.finditer(text):
        out += literally(text[at : date.start()]) + f"{{now|date:{re.sub(one, part, date[0])}}}"
        at = date.end()
    return out + literally(text[at:])


def literally(text: str) -> str:
    """Return text as a template writes it."""
    return text.replace("{", "{{").replace("}", "}}")
