"""A template as values: stock, fields, counters and elements, all lengths in micrometres.

A ``Template`` is built by ``gateway.templates.document.parse_template`` and nothing else, so one
that exists is valid: names are unique, every expression has been read, every value it mentions
exists. A new kind of element is one more class in ``Element``; the type checker then lists every
``match`` that must learn it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, assert_never

from gateway.codes.symbology import Options
from gateway.label import Rotation
from gateway.templates.expressions import Condition, Content
from gateway.templates.shapes import Dither
from gateway.units import Density, Um

Mode = Literal["exact", "native"]
"""``exact``: the printer gets our dots. ``native``: its own commands for codes, boxes and text."""

FieldType = Literal["text", "integer", "decimal", "date", "choice"]
Align = Literal["auto", "left", "center", "right"]
"""``auto`` is left, and right in a paragraph that begins in a right-to-left script."""
VerticalAlign = Literal["top", "middle", "bottom"]
About = Literal["", "serial", "item", "lot", "location", "party"]
"""What in the registry fills a template's fields; empty when nothing there does."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value each label brings."""

    name: str
    title: str
    type: FieldType
    required: bool
    default: str
    pattern: re.Pattern[str] | None
    max_length: int
    """Characters."""
    choices: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that goes on from label to label; whoever accepts the job holds the count."""

    name: str
    title: str
    start: int
    step: int
    width: int
    """Digits, filled with zeros on the left."""


@dataclass(frozen=True, slots=True)
class _Element:
    id: str
    x: Um
    """From the stock's left edge to the place's left edge."""
    y: Um
    """From the stock's top edge to the place's top edge."""
    width: Um
    """Of the place as it lies on the label; rotation turns what is in it."""
    height: Um
    rotation: Rotation
    """Degrees clockwise."""
    print_when: Condition | None
    title: str
    """What a person calls it; the id when nobody has named it."""
    group: str
    """Elements of one group are moved and chosen together in the editor; empty for none."""
    locked: bool
    """Whether the editor leaves it where it is."""


@dataclass(frozen=True, slots=True)
class TextElement(_Element):
    content: Content
    font: str
    """``sans``, ``sans-bold``, ``mono`` or ``asset:<hash>``."""
    size: Um
    """Em height."""
    min_size: Um
    """Em height down to which the text shrinks before it is refused; ``size`` when it may not."""
    wrap: bool
    max_lines: int
    line_spacing: int
    """Percent of the font's own line height."""
    align: Align
    valign: VerticalAlign
    reverse: bool
    """White on black: ink fills the place but for the letters."""
    collapse: bool
    """Whether what stands below moves up when this prints nothing."""


@dataclass(frozen=True, slots=True)
class BarcodeElement(_Element):
    symbology: str
    content: Content
    options: Options
    module: Um | None
    """Width of the narrowest bar; None for the widest that fits."""
    align: Literal["left", "center", "right"]
    valign: VerticalAlign
    text: Literal["none", "below", "above"]
    """Where the human-readable line stands."""
    text_size: Um
    text_font: str


@dataclass(frozen=True, slots=True)
class ImageElement(_Element):
    picture: str
    """``asset:<hash>`` or ``data:image/…;base64,…``."""
    dither: Dither
    threshold: int
    """Grey below which a dot is ink, 1 to 255."""
    align: Literal["left", "center", "right"]
    valign: VerticalAlign


@dataclass(frozen=True, slots=True)
class BoxElement(_Element):
    thickness: Um
    filled: bool
    radius: Um


@dataclass(frozen=True, slots=True)
class LineElement(_Element):
    thickness: Um
    direction: Literal["-", "|", "/", "\\"]


@dataclass(frozen=True, slots=True)
class EllipseElement(_Element):
    thickness: Um
    filled: bool


@dataclass(frozen=True, slots=True)
class RawElement(_Element):
    """Commands of one language, printed as they are where a printer speaks it; no preview shows
    them, and where they print is written in them, not in the place."""

    language: Literal["zpl"]
    commands: str
    density: Density | None
    """Of the head whose dots the commands count; None when they are good for any."""


Element = (
    TextElement
    | BarcodeElement
    | ImageElement
    | BoxElement
    | LineElement
    | EllipseElement
    | RawElement
)


@dataclass(frozen=True, slots=True)
class Template:
    """What a label looks like, before the row and the print head are known."""

    name: str
    title: str
    width: Um
    """Stock across the print head."""
    height: Um
    """Stock along the feed."""
    mode: Mode
    about: About
    fields: tuple[Field, ...]
    counters: tuple[Counter, ...]
    elements: tuple[Element, ...]
    document: str
    """The canonical JSON this template was read from."""
    version: str
    """SHA-256 of ``document``, hexadecimal: equal versions print equal labels."""

    def field(self, name: str) -> Field | None:
        """Return the field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def example(self) -> dict[str, str]:
        """Return a row of example values: the field's example, else its default."""
        row = {f.name: f.example or f.default for f in self.fields}
        return {name: value for name, value in row.items() if value}

    def assets(self) -> tuple[str, ...]:
        """Return the hashes of the fonts and pictures the template needs, each once."""
        wanted: dict[str, None] = {}
        for element in self.elements:
            match element:
                case TextElement():
                    reference = element.font
                case BarcodeElement():
                    reference = element.text_font
                case ImageElement():
                    reference = element.picture
                case BoxElement() | LineElement() | EllipseElement() | RawElement():
                    continue
                case _:
                    assert_never(element)
            if reference.startswith("asset:"):
                wanted[reference.removeprefix("asset:")] = None
        return tuple(wanted)

    def commands(self) -> tuple[RawElement, ...]:
        """Return the elements that only a printer of their language can print."""
        return tuple(element for element in self.elements if isinstance(element, RawElement))
