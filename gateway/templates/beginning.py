"""The label a person begins with: laid out for the stock that is there, ready to print.

    purpose, stock, head ──begin──► a template document

The layout follows from the room. A bar code stands below the text where its bars come out wide
enough to scan at arm's length; on smaller stock it is a square code, beside the text or above it.
What is long and narrow is laid out along its length.

>>> document = begin("serial", 100_000, 50_000, parse_density(8))
>>> [element["id"] for element in document["elements"]]
['name', 'item', 'serial']
>>> document["elements"][2]["symbology"]
'code128'
>>> tag = begin("serial", 25_000, 15_000, parse_density(8))
>>> [(element["id"], element.get("symbology")) for element in tag["elements"]]
[('serial', 'datamatrix'), ('text', None), ('item', None)]
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.templates.builtin import builtin_templates
from gateway.units import Density, parse_density, to_um

Purpose = Literal["serial", "item", "location", "lot", "shipping", "blank"]

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

TITLES: Final[Mapping[Purpose, str]] = {
    "serial": "Serial number",
    "item": "Item",
    "location": "Location",
    "lot": "Lot",
    "shipping": "Shipping",
    "blank": "Label",
}
"""What a label of each purpose is called at first."""

ABOUT: Final[Mapping[Purpose, str]] = {
    "serial": "serial", "item": "item", "location": "location", "lot": "lot",
}  # fmt: skip
"""What in the registry fills its fields."""

_NARROWEST: Final = 250
"""µm of a bar: what hand scanners read at arm's length (GS1 General Specifications, 5.12.3.1)."""

_SPARE: Final = 1.3
"""Room for values that are longer than the example."""

_LOWEST_ROW: Final = 2_200
"""µm of a line of text: letters of 1.6 mm are still read by eye."""

_SMALLEST_LETTERS: Final = 1_200
"""µm that letters may shrink to before a value is refused."""

_LEAST_CODE: Final = 9_000
"""µm that bars are high on a label with text above them."""

_SHIPPING: Final = (70_000, 100_000)
"""µm across and along, above which a shipping label has all its parts."""

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text: what it says, and how much of the room it gets."""

    id: str
    content: str
    weight: int
    bold: bool = False
    wrap: bool = False
    example: str = ""

    def fits(self, width: int, height: int) -> bool:
        """Return whether the example can stand there in the smallest letters."""
        across = _SMALLEST_LETTERS * (72 if self.bold else 64) // 100
        told = self.example.count("\n") + 1
        if told == 1 and len(self.example) * across <= width:
            return True
        words = self.example.split()
        rows = height // (_SMALLEST_LETTERS * 3 // 2)
        # Words do not fill their lines: a third is left over.
        return (
            self.wrap
            and rows >= told
            and max(map(len, words)) * across <= width
            and len(self.example) * across * 3 <= rows * width * 2
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What stands on a label, the most important line first."""

    fields: Sequence[Element]
    lines: Sequence[_Line]
    code: str
    """The field in the code; its value stands beside it in letters, too."""
    says: str
    """The content of the code: ``{serial}``, or an element string."""
    linear: str
    square: str
    large: str
    """The square code where there is room for one that telephones read, too."""
    example: str
    large_text: bool = False
    """What is in the code is what people look for: it stands above all else, not below the bars."""


def _field(name: str, title: str, example: str, most: int, **more: object) -> Element:
    return {"name": name, "title": title, "max_length": most, "example": example, **more}


_NAME: Final = "Hand torque wrench 9 Nm"
_TO: Final = "Acme Assembly Ltd\n12 Dock Road\nLiverpool L3 4AA"

_PLANS: Final[Mapping[Purpose, _Plan]] = {
    "serial": _Plan(
        (
            _field("serial", "Serial number", "SN-000123", 64, required=True),
            _field("item", "Item number", "HT-9000", 64),
            _field("name", "Item name", _NAME, 120),
        ),
        (
            _Line("name", "{name}", 4, bold=True, wrap=True, example=_NAME),
            _Line("item", "{item}", 3, example="HT-9000"),
        ),
        "serial", "{serial}", "code128", "datamatrix", "qr", "SN-000123",
    ),
    "item": _Plan(
        (
            _field("item", "Item number", "HT-9000", 64, required=True),
            _field("name", "Item name", _NAME, 120),
        ),
        (_Line("name", "{name}", 5, wrap=True, example=_NAME),),
        "item", "{item}", "code128", "datamatrix", "qr", "HT-9000", large_text=True,
    ),
    "location": _Plan(
        (
            _field("location", "Location", "A-04-12-3", 40, required=True),
            _field("name", "Name", "Small parts", 80),
        ),
        (_Line("name", "{name}", 3, wrap=True, example="Small parts"),),
        "location", "{location}", "code128", "datamatrix", "qr", "A-04-12-3", large_text=True,
    ),
    "lot": _Plan(
        (
            _field("lot", "Lot", "L2611", 64, required=True),
            _field("item", "Item number", "HT-9000", 64),
            _field("name", "Item name", _NAME, 120),
        ),
        (
            _Line("item", "{item}", 4, bold=True, example="HT-9000"),
            _Line("name", "{name}", 3, wrap=True, example=_NAME),
        ),
        "lot", "{lot}", "code128", "datamatrix", "qr", "L2611",
    ),
    "shipping": _Plan(
        (
            _field("recipient", "Ship to", _TO, 300, required=True),
            _field("sscc", "SSCC", "376104250021234569", 18, required=True, pattern="[0-9]{18}"),
        ),
        (_Line("recipient", "{recipient}", 7, bold=True, wrap=True, example=_TO),),
        "sscc", "(00){sscc}", "gs1-128", "gs1-datamatrix", "gs1-datamatrix",
        "(00)376104250021234569",
    ),
}  # fmt: skip


def begin(
    purpose: Purpose, width: int, height: int, density: Density, name: str = "", title: str = ""
) -> dict[str, Any]:
    """Return a template document for a purpose and stock of width × height µm.

    ``density`` is that of the head it is laid out for: it decides how wide bars come out. Stock
    is 25 × 15 mm or larger, either way round; on smaller ones the text is left out first.
    """
    document: dict[str, Any] = {
        "name": name or f"{purpose}-{_said(width)}x{_said(height)}",
        "title": title or TITLES[purpose],
        "size": {"width": width, "height": height},
        "fields": [],
        "elements": [],
    }
    if purpose in ABOUT:
        document["about"] = ABOUT[purpose]
    if purpose == "blank":
        return document
    across, along = sorted((width, height))
    if purpose == "shipping" and across >= _SHIPPING[0] and along >= _SHIPPING[1]:
        whole: dict[str, Any] = json.loads(builtin_templates()["shipping-label"].document)
        elements = [_scaled(one, across, along, whole["size"]) for one in whole["elements"]]
        fields, turned = whole["fields"], width > height
    else:
        plan = _PLANS[purpose]
        # What is narrow across the head is read along its length.
        turned = width < 50_000 and 4 * height > 5 * width
        frame = (height, width) if turned else (width, height)
        elements, fields = _arranged(plan, *frame, density), list(plan.fields)
    document["fields"] = fields
    document["elements"] = [_turned(one, width) for one in elements] if turned else elements
    return document


def _said(length: int) -> str:
    """Return a length in mm as a name can hold it.

    >>> _said(100_000), _said(101_600)
    ('100', '101.6')
    """
    return f"{length / 1000:g}"


# ---------------------------------------------------------------- arrangements


def _arranged(plan: _Plan, width: int, height: int, density: Density) -> list[Element]:
    """Return the elements of a plan on a frame, in its own directions."""
    margin = max(1_000, min(4_000, min(width, height) * 6 // 100))
    if _bars_fit(plan, width, density) and height >= 15_000:
        return _below(plan, width, height, margin)
    if 10 * width >= 14 * height:
        return _beside(plan, width, height, margin)
    return _above(plan, width, height, margin)


def _bars_fit(plan: _Plan, width: int, density: Density) -> bool:
    """Return whether bars of the example come out wide enough to scan, with room to spare."""
    modules, _ = SYMBOLOGIES[plan.linear].size(
        SYMBOLOGIES[plan.linear].accept(plan.example), Options()
    )
    dots = max(2, math.ceil(_NARROWEST * density / 1000))
    left, right, _, _ = SYMBOLOGIES[plan.linear].quiet
    spare = 1.0 if SYMBOLOGIES[plan.linear].gs1 else _SPARE  # an SSCC is never longer
    return (modules * spare + left + right) * to_um(dots, density) <= width


def _below(plan: _Plan, width: int, height: int, margin: int) -> list[Element]:
    """Lines of text, and bars below them with what they say."""
    room, inner = height - 2 * margin, width - 2 * margin
    gap = max(800, margin // 2)
    # Bars, with the line under them, get what is left; text at most a seventh of the width a line.
    most = width // 7
    wanted = _told(plan) if plan.large_text else plan.lines
    text = min(room * 55 // 100, sum(_share(line, most) for line in wanted))
    text = max(0, min(text, room - _LEAST_CODE - gap))
    lines, used = _rows(wanted, margin, margin, inner, text)
    top = margin + used + (gap if used else 0)
    code = min(height - margin - top, max(_LEAST_CODE, width * 45 // 100))
    bars: Element = {
        "type": "barcode", "id": plan.code, "symbology": plan.linear, "content": plan.says,
        "x": margin // 2, "y": top, "width": width - margin // 2 * 2, "height": code,
        "align": "center",
    }  # fmt: skip
    if all(line["id"] != "text" for line in lines):
        letters = max(2_000, min(code // 4, width // 12))
        bars |= {"text": "below", "text_size": letters, "text_font": "sans-bold"}
    return [*lines, bars]


def _share(line: _Line, most: int) -> int:
    """Return the height a line may have at most: two lines where it wraps."""
    return most * line.weight // 4 * (2 if line.wrap else 1)


def _beside(plan: _Plan, width: int, height: int, margin: int) -> list[Element]:
    """A square code, and the text to the right of it."""
    side = min(height - 2 * margin, width * 45 // 100 - margin)
    left = margin + side + max(1_000, side // 8)
    code = _square(plan, margin, (height - side) // 2, side)
    lines, _ = _rows(_told(plan), left, margin, width - margin - left, height - 2 * margin)
    return [code, *lines]


def _above(plan: _Plan, width: int, height: int, margin: int) -> list[Element]:
    """A square code, and the text below it."""
    side = min(width - 2 * margin, height * 55 // 100)
    top = margin + side + max(800, side // 8)
    code = _square(plan, (width - side) // 2, margin, side)
    room = min(height - margin - top, width * 2 // 3)
    lines, _ = _rows(_told(plan), margin, top, width - 2 * margin, room, align="center")
    return [code, *lines]


def _told(plan: _Plan) -> list[_Line]:
    """Return the lines with what is in the code before them: a square code says nothing."""
    example = next(field["example"] for field in plan.fields if field["name"] == plan.code)
    return [_Line("text", f"{{{plan.code}}}", 5, bold=True, example=example), *plan.lines]


def _square(plan: _Plan, x: int, y: int, side: int) -> Element:
    symbology = plan.large if side >= 14_000 else plan.square
    return {
        "type": "barcode", "id": plan.code, "symbology": symbology, "content": plan.says,
        "x": x, "y": y, "width": side, "height": side, "align": "center", "valign": "middle",
    }  # fmt: skip


def _rows(
    lines: Sequence[_Line], x: int, y: int, width: int, room: int, align: str = "auto"
) -> tuple[list[Element], int]:
    """Return as many lines as the room has, one below the other, and the height they take."""
    kept = list(lines)
    while kept:
        rows = [room * one.weight // _weight(kept) for one in kept]
        wrong = [
            one for one, row in zip(kept, rows, strict=True)
            if row < _LOWEST_ROW or not one.fits(width, row)
        ]  # fmt: skip
        if not wrong:
            break
        kept.remove(wrong[-1])
    placed: list[Element] = []
    top = y
    for line in kept:
        row = room * line.weight // _weight(kept)
        fits = row * 4 // 5
        element: Element = {
            "type": "text", "id": line.id, "content": line.content,
            "x": x, "y": top, "width": width, "height": row, "size": fits,
            "min_size": min(fits, _SMALLEST_LETTERS), "valign": "middle",
        }  # fmt: skip
        if align != "auto":
            element["align"] = align
        if line.bold:
            element["font"] = "sans-bold"
        if line.wrap:
            element["wrap"] = True
        placed.append(element)
        top += row
    return placed, top - y


def _weight(lines: Sequence[_Line]) -> int:
    return sum(line.weight for line in lines)


# ---------------------------------------------------------------- moved as a whole


_LENGTHS_DOWN: Final = ("y", "height")
_LETTERS: Final = ("size", "min_size", "text_size", "thickness")


def _scaled(one: Element, across: int, along: int, size: Mapping[str, int]) -> Element:
    """Return an element of a label of another size where it stands on this one."""
    letters = min(across * 1000 // size["width"], along * 1000 // size["height"])
    scaled = dict(one)
    for key in ("x", "width"):
        scaled[key] = one[key] * across // size["width"]
    for key in _LENGTHS_DOWN:
        scaled[key] = one[key] * along // size["height"]
    for key in _LETTERS:
        if key in one:
            scaled[key] = one[key] * letters // 1000
    return scaled


def _turned(one: Element, width: int) -> Element:
    """Return an element of a frame as it stands on the label, a quarter turn clockwise."""
    return one | {
        "x": width - one["y"] - one["height"],
        "y": one["x"],
        "width": one["height"],
        "height": one["width"],
        "rotation": 90,
    }


__all__ = ["ABOUT", "PURPOSES", "TITLES", "Purpose", "begin", "parse_density"]
