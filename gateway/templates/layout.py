"""The one step that knows both the template and the print head: rows of data become labels in dots.

    Template + Head ──compile_template──► Design
    data, moment, counters ──Design.bind──► Row ──Design.check──► nothing, or a refusal (not drawn)
                                             Row ──Design.lay_out──► Label

A ``Design`` draws what no row changes once, keeps it, and keeps the tiles of values it meets
again. ``check`` refuses what ``lay_out`` would refuse. It remembers the rows it has passed with
their digits blotted out: in the bundled fonts and in the symbologies marked so, one digit takes
exactly the room of another, so ten thousand serials are one question.

A text with ``collapse`` that prints nothing in a row gives its place to what stands below it
(``gateway.templates.collapsing`` has the rule). Edges and quiet zones are checked where things
stand then, and fixed ink that moved is not fixed on that label.

>>> from gateway.templates.document import parse_template
>>> template = parse_template({"name": "t", "size": {"width": 40000, "height": 15000},
...     "fields": [{"name": "serial", "required": True}],
...     "elements": [{"type": "barcode", "id": "code", "symbology": "code128",
...         "content": "{serial}", "x": 4000, "y": 2000, "width": 32000, "height": 8000}]})
>>> design = compile_template(template, Head(parse_density(8)))
>>> at = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), UTC)
>>> label = design.lay_out(design.bind({"serial": "SN-7"}, at, {}))
>>> code = label.elements[0]
>>> label.width, label.height, code.content, code.module, code.tile.width
(320, 120, 'SN-7', 3, 237)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple, assert_never

from gateway.codes import gs1
from gateway.codes.symbology import SYMBOLOGIES, Symbol, Symbology, read_back
from gateway.errors import (
    DocumentRefused,
    GatewayError,
    NotScannable,
    OffTheLabel,
    TemplateRefused,
    TextDoesNotFit,
)
from gateway.label import (
    Barcode,
    Box,
    Commands,
    Element,
    Ellipse,
    Label,
    Line,
    Picture,
    Rotation,
    Text,
    Tile,
    overlay,
    shift,
)
from gateway.templates import model, shapes
from gateway.templates.binding import Binder, Moment, Row
from gateway.templates.collapsing import Area, Column
from gateway.templates.expressions import Writer, compile_condition, compile_content
from gateway.templates.text import Fit, Fonts, TextBlock, find_cures, fit_text
from gateway.templates.typefaces import Resources, fonts_of
from gateway.units import Density, Dots, parse_density, say_length, to_dots, to_um

__all__ = [
    "UTC", "Design", "Head", "Moment", "Row", "compile_template", "datetime", "parse_density",
]  # fmt: skip

LARGEST_LABEL: Final = 8_000_000
"""Dots of a label: 4 × 6 inches are 2.2 million at 12 dots/mm and 8.9 million at 24."""
_LEAST_BARS: Final = 2000
"""µm. Lower bars are missed by any hand scanner; a house rule."""
_LEAST_TEXT: Final = 1500
"""µm of em height that people still read; a house rule."""
_REMEMBERED: Final = 4096
"""Rows, blotted, that ``check`` remembers as good."""
_KEPT_TILES: Final = 1024
"""Elements of passing values a design keeps drawn: names and items repeat, serials do not."""

_BLOTTED: Final = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, slots=True)
class Head:
    """What layout must know of a print head."""

    density: Density
    width: int | None = None
    """Dots; None when unknown."""


class _Rect(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: _Rect) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def raised(self, dots: int) -> _Rect:
        return _Rect(self.left, self.top - dots, self.right, self.bottom - dots)


@dataclass(frozen=True, slots=True)
class _Place:
    """An element's place in dots: x and y on the label, width and height before turning."""

    id: str
    x: int
    y: int
    width: int
    height: int
    rotation: Rotation

    def turn(self, x: int, y: int, width: int, height: int) -> tuple[int, int]:
        """Return where a rectangle of the unturned place lies on the label."""
        left, top = shapes.place_turned(
            x, y, width, height, (self.width, self.height), self.rotation
        )
        return self.x + left, self.y + top

    def rect(self, x: int, y: int, width: int, height: int) -> _Rect:
        """Return the label's rectangle for one of the unturned place."""
        left, top = self.turn(x, y, width, height)
        if self.rotation in (90, 270):
            width, height = height, width
        return _Rect(left, top, left + width, top + height)


@dataclass(frozen=True, slots=True)
class _CodePlan:
    """A barcode that fits: where its modules stand in its unturned place."""

    columns: int
    rows: int
    module: int
    x: int
    y: int
    bar_height: int
    """Dots of a linear code's bars; of the whole symbol when it is a matrix."""
    hri: TextBlock | None
    hri_at: tuple[int, int]
    """Where the human-readable line's block begins in the place."""

    @property
    def width(self) -> int:
        return self.columns * self.module


@dataclass(frozen=True, slots=True)
class _Varying:
    """An element with something a row decides."""

    index: int
    place: _Place
    element: model.Element
    says: str | None
    """The content when no row changes it (only ``print_when`` does), else None."""
    fonts: Fonts
    fit: Fit | None
    symbology: Symbology | None
    blind: bool
    """Whether its fonts give every digit the same room."""


Plan = TextBlock | _CodePlan | None


@dataclass(frozen=True, slots=True)
class _Moved:
    """A template's elements where they stand when some have collapsed."""

    up: tuple[int, ...]
    """Dots each moves up."""
    entries: tuple[_Varying, ...]
    fixed_key: str


def compile_template(
    template: model.Template, head: Head, resources: Resources | None = None
) -> Design:
    """Return the template made ready for a print head; what never changes is drawn here.

    Raises:
        OffTheLabel: the stock is wider than the head or has too many dots for a label.
        GatewayError: whatever a fixed element is refused for, with its id in front.
    """
    return Design(template, head, resources)


class Design:
    """A template on a print head."""

    def __init__(self, template: model.Template, head: Head, resources: Resources | None) -> None:
        self.template = template
        self.head = head
        self.width = to_dots(template.width, head.density)
        self.height = to_dots(template.height, head.density)
        if self.width * self.height > LARGEST_LABEL or not self.width or not self.height:
            raise OffTheLabel(
                f"The label of {self.width} × {self.height} dots is outside what can be drawn: "
                f"expected 1 to {LARGEST_LABEL // 1_000_000} million dots in all.",
                width=self.width,
                height=self.height,
            )
        if head.width is not None and self.width > head.width:
            raise OffTheLabel(
                f"The template {template.name!r} is {say_length(template.width)} wide "
                f"({self.width} dots), wider than the print head, "
                f"{say_length(to_um(head.width, head.density))} ({head.width} dots); use a "
                "template for narrower stock, turn it by 90 degrees, or name the printer's model "
                "if its head is wider.",
                width=self.width,
                head=head.width,
            )
        self._binder = Binder(template)
        self._writers: tuple[Writer, ...] = tuple(map(_writer, template.elements))
        self._conditions = tuple(
            (i, compile_condition(element.print_when))
            for i, element in enumerate(template.elements)
            if element.print_when is not None
        )
        self._resources = resources
        self._varying: tuple[_Varying, ...] = tuple(
            self._prepare(i, element) for i, element in enumerate(template.elements)
        )
        # Rows found good, digits blotted, with the module each code gets.
        self._good: dict[tuple[str | None, ...], tuple[int, ...]] = {}
        self._decoded: dict[tuple[int, int, int, int], None] = {}
        self._blots = tuple(map(_blot, self._varying))
        self._draw = lru_cache(maxsize=_KEPT_TILES)(self._draw_element)
        self._collapsing = tuple(
            i for i, element in enumerate(template.elements)
            if isinstance(element, model.TextElement) and element.collapse
        )  # fmt: skip
        self._column = _column(template, self._varying) if self._collapsing else None
        self._move = lru_cache(maxsize=_KEPT_TILES)(self._move_up)
        self._cure = lru_cache(maxsize=_KEPT_TILES)(self._cures)
        self._fixed: dict[int, tuple[Element, ...]] = {}
        self._fixed_plans: dict[int, Plan] = {}
        self._lay_out_fixed()
        self.fixed_key = self._key()
        """Names the fixed ink on this head: equal keys mean equal dots."""

    # Preparing

    def _prepare(self, index: int, element: model.Element) -> _Varying:
        density = self.head.density
        width = int(to_dots(element.width, density))
        height = int(to_dots(element.height, density))
        # Position and size are rounded apart, so that moving changes no dot of the tile; together
        # they can then be one dot past an edge that the template keeps.
        x = min(int(to_dots(element.x, density)), max(0, self.width - width))
        y = min(int(to_dots(element.y, density)), max(0, self.height - height))
        if width < 1 or height < 1:
            raise OffTheLabel(
                f"{element.id!r} is {say_length(element.width)} × {say_length(element.height)}, "
                f"less than one dot of {say_length(to_um(1, density))}; make it larger.",
                element=element.id,
                **{f"needs_{key}": to_um(1, density)
                   for key, dots in (("width", width), ("height", height)) if dots < 1},
            )  # fmt: skip
        if element.rotation in (90, 270):
            width, height = height, width
        place = _Place(element.id, x, y, width, height, element.rotation)
        fonts: Fonts = ()
        fit = None
        symbology = None
        says: str | None = ""
        blind = True
        match element:
            case model.TextElement():
                fonts = fonts_of(element.font, self._resources)
                fit = Fit(
                    size=max(1, to_dots(element.size, density)),
                    min_size=max(1, to_dots(element.min_size, density)),
                    wrap=element.wrap,
                    max_lines=element.max_lines,
                    line_spacing=element.line_spacing,
                    align=element.align,
                    valign=element.valign,
                    # A white letter cannot reach out of its black ground.
                    inside=element.reverse,
                )
                says = element.content.constant
                blind = all(font.bundled for font in fonts)
            case model.BarcodeElement():
                symbology = SYMBOLOGIES[element.symbology]
                says = element.content.constant
                if element.text != "none":
                    fonts = fonts_of(element.text_font, self._resources)
                    size = max(1, to_dots(element.text_size, density))
                    fit = Fit(
                        size=size,
                        # The line may shrink when the code is long.
                        min_size=min(size, max(1, to_dots(_LEAST_TEXT, density))),
                        wrap=False,
                        max_lines=1,
                        line_spacing=100,
                        align="center",
                        valign="top",
                    )
                blind = all(font.bundled for font in fonts)
            case (
                model.ImageElement()
                | model.BoxElement()
                | model.LineElement()
                | model.EllipseElement()
                | model.RawElement()
            ):
                pass
            case _:
                assert_never(element)
        return _Varying(index, place, element, says, fonts, fit, symbology, blind)

    def _lay_out_fixed(self) -> None:
        """Draw what no row changes."""
        codes: list[tuple[_Varying, str, _CodePlan]] = []
        for entry in self._varying:
            if entry.says is None:
                continue
            try:
                plan = self._plan(entry, entry.says)
                self._on_label(entry, plan)
                self._fixed_plans[entry.index] = plan
                if isinstance(plan, _CodePlan):
                    codes.append((entry, entry.says, plan))
                else:
                    self._fixed[entry.index] = self._draw(entry.index, entry.says, 0)
            except GatewayError as refusal:
                raise _named(refusal, entry.place.id) from refusal
        # A fixed code gets one module for all labels: the widest whose quiet zone is free of what
        # is on every label.
        always = {
            entry.index: self._fixed_plans[entry.index]
            for entry in self._varying
            if entry.says is not None and entry.element.print_when is None
        }
        for entry, says, plan in codes:
            try:
                plans = {**always, entry.index: plan}
                quiet = self._quieted(entry, says, plan, plans, self._varying)
            except NotScannable:
                if entry.element.print_when is None:
                    raise
                quiet = plan  # refused when a row prints it
            self._fixed_plans[entry.index] = quiet
            if entry.index in always:
                always[entry.index] = quiet
            self._fixed[entry.index] = self._draw(entry.index, says, quiet.module)

    def _key(self, up: tuple[int, ...] | None = None) -> str:
        """Return the key of what is on every label, of that what has not moved up."""
        digest = hashlib.sha256(f"{self.head.density} {self.width} {self.height}\n".encode())
        for index, drawn in sorted(self._fixed.items()):
            if up is not None and up[index]:
                continue
            for element in drawn:
                # One with ``print_when`` is not on every label.
                if not element.fixed:
                    continue
                tile = element.tile
                digest.update(f"{element.x} {element.y} {tile.width} {tile.height}\n".encode())
                digest.update(tile.ink)
                if isinstance(element, Commands):
                    digest.update(element.commands.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    # Rows

    def bind(self, data: Mapping[str, object], moment: Moment, counters: Mapping[str, int]) -> Row:
        """Return the row a label prints: every value checked, dates and counters written out.

        Raises:
            FieldRefused: a value is missing, unknown or not of its field.
            ExpressionRefused: a date moved out of the calendar.
        """
        values = self._binder(data, counters)
        local = moment.local
        contents: list[str | None] = [write(values, local) for write in self._writers]
        for i, holds in self._conditions:
            if not holds(values, local):
                contents[i] = None
        return Row(values, tuple(contents))

    def check(self, row: Row) -> None:
        """Refuse a row that ``lay_out`` would refuse, without drawing it.

        Raises:
            GlyphMissing, TextDoesNotFit, CodeRefused, NotScannable, OffTheLabel: with the element
                named; the message is the same ``lay_out`` would give.
        """
        self._modules(row)

    def _modules(self, row: Row) -> tuple[int, ...]:
        """Return the dots of a module for each element, 0 where it is no code; check the row."""
        contents = row.contents
        try:
            key = tuple(
                [
                    blot(content) if content else content
                    for blot, content in zip(self._blots, contents, strict=True)
                ]
            )
        except GatewayError as refusal:
            raise self._first_refusal(contents, refusal) from refusal
        modules = self._good.get(key)
        if modules is None:
            modules = self._fitted(contents)
            if len(self._good) >= _REMEMBERED:
                self._good.clear()
            self._good[key] = modules
        return modules

    def _first_refusal(
        self, contents: tuple[str | None, ...], refusal: GatewayError
    ) -> GatewayError:
        """Return the refusal met while blotting a row, with the element it belongs to."""
        for entry, blot, content in zip(self._varying, self._blots, contents, strict=True):
            try:
                if content:
                    blot(content)
            except GatewayError:
                return _named(refusal, entry.place.id)
        return refusal

    def lay_out(self, row: Row) -> Label:
        """Return the label of a row.

        Raises:
            GlyphMissing, TextDoesNotFit, CodeRefused, NotScannable, OffTheLabel: as ``check``.
        """
        modules = self._modules(row)
        moved = self._collapsed(row.contents) if self._collapsing else None
        elements: list[Element] = []
        for index, content in enumerate(row.contents):
            if content is None:
                continue
            drawn = self._fixed.get(index)
            if drawn is None:
                try:
                    drawn = self._draw(index, content, modules[index])
                except GatewayError as refusal:
                    raise _named(refusal, self._varying[index].place.id) from refusal
            elements += drawn if moved is None else _raised(drawn, moved.up[index])
        key = self.fixed_key if moved is None else moved.fixed_key
        return Label(self.width, self.height, self.head.density, tuple(elements), key)

    # Collapsing

    def _collapsed(self, contents: tuple[str | None, ...]) -> _Moved | None:
        """Return where a row's elements stand, None where the template puts them."""
        empty = frozenset(i for i in self._collapsing if not (contents[i] or "").strip())
        return self._move(empty) if empty else None

    def _move_up(self, empty: frozenset[int]) -> _Moved | None:
        assert self._column is not None
        up = self._column.moves(empty)
        if not any(up):
            return None
        entries = tuple(
            replace(entry, place=replace(entry.place, y=entry.place.y - dots)) if dots else entry
            for entry, dots in zip(self._varying, up, strict=True)
        )
        return _Moved(up, entries, self._key(up))

    # Planning: everything that can be refused

    def _fitted(self, contents: tuple[str | None, ...]) -> tuple[int, ...]:
        """Fit every element of a row, keep its codes' quiet zones free, and return the modules."""
        plans: dict[int, Plan] = {}
        moved = self._collapsed(contents) if self._collapsing else None
        entries = self._varying if moved is None else moved.entries
        for entry, content in zip(entries, contents, strict=True):
            if content is None:
                continue
            fixed = entry.index in self._fixed_plans
            if fixed:
                plans[entry.index] = self._fixed_plans[entry.index]
                if moved is None:
                    continue
            try:
                if not fixed:
                    plans[entry.index] = self._plan(entry, content)
                self._on_label(entry, plans[entry.index])
            except GatewayError as refusal:
                raise _named(refusal, entry.place.id) from refusal
        for index, plan in list(plans.items()):
            if isinstance(plan, _CodePlan):
                plans[index] = self._quieted(
                    entries[index], contents[index] or "", plan, plans, entries
                )
        modules = (plans.get(i) for i in range(len(contents)))
        return tuple(plan.module if isinstance(plan, _CodePlan) else 0 for plan in modules)

    def _quieted(
        self,
        entry: _Varying,
        content: str,
        plan: _CodePlan,
        plans: dict[int, Plan],
        entries: tuple[_Varying, ...],
    ) -> _CodePlan:
        """Return the plan with the widest module, the given or less, whose quiet zone is free.

        Raises:
            NotScannable: not even the least module leaves it free.
        """
        element = entry.element
        assert isinstance(element, model.BarcodeElement)
        assert entry.symbology is not None
        while True:
            try:
                self._quiet(entry, plan, plans, entries)
            except NotScannable:
                if (
                    element.module is not None
                    or plan.module <= self._least_module(entry.symbology)
                    or entry.index in self._fixed
                ):
                    raise
                plan = self._plan_code(entry, element, content, plan.module - 1)
                plans[entry.index] = plan
            else:
                return plan

    def _plan(self, entry: _Varying, content: str) -> Plan:
        element = entry.element
        match element:
            case model.TextElement():
                return self._plan_text(entry, content)
            case model.BarcodeElement():
                plan = self._plan_code(entry, element, content)
                self._read_once(entry, element, content, plan)
                return plan
            case (
                model.ImageElement()
                | model.BoxElement()
                | model.LineElement()
                | model.EllipseElement()
                | model.RawElement()
            ):
                return None
            case _:
                assert_never(element)

    def _plan_text(self, entry: _Varying, content: str) -> TextBlock | None:
        if not content.strip():
            return None
        assert entry.fit is not None
        return self._fit(entry, content)

    def _fit(self, entry: _Varying, text: str) -> TextBlock:
        """Return a text in an element's place; a refusal says what would cure it, in µm."""
        assert entry.fit is not None
        place, fit = entry.place, entry.fit
        try:
            return fit_text(text, entry.fonts, fit, place.width, place.height)
        except TextDoesNotFit as refusal:
            # Digits have equal room, so ten thousand serials that do not fit are one question.
            asked = text.translate(_BLOTTED) if entry.blind else text
            raise TextDoesNotFit(
                refusal.detail, **refusal.facts | self._cure(entry.index, asked)
            ) from refusal

    def _cures(self, index: int, text: str) -> dict[str, int]:
        entry = self._varying[index]
        assert entry.fit is not None
        place = entry.place
        least = -(-_LEAST_TEXT * self.head.density // 1000)
        cures = find_cures(text, entry.fonts, entry.fit, place.width, place.height, least)
        facts = self._room(place, cures.width or 0, cures.height or 0)
        if cures.size is not None:
            facts["fits_size"] = self._um(cures.size)
        return facts

    def _room(self, place: _Place, width: int, height: int) -> dict[str, int]:
        """Return the keys of an element that must grow, in µm, to have so many dots unturned."""
        keys = ("width", "height") if place.rotation in (0, 180) else ("height", "width")
        needed = ((keys[0], width, place.width), (keys[1], height, place.height))
        return {f"needs_{key}": self._um(dots) for key, dots, has in needed if dots > has}

    def _plan_code(
        self, entry: _Varying, element: model.BarcodeElement, content: str, most: int | None = None
    ) -> _CodePlan:
        """Return where a code stands, its module at most ``most`` dots unless the template says."""
        assert entry.symbology is not None
        symbology, place = entry.symbology, entry.place
        accepted = symbology.accept(content)
        columns, rows = symbology.size(accepted, element.options)
        hri, line, gap = None, 0, 0
        if element.text != "none" and entry.fit is not None:
            shown = symbology.print_text(accepted)
            hri = self._fit(entry, shown)
            line = hri.extent[3]
            # Half a millimetre keeps letters off the bars; a matrix code needs its quiet zone.
            gap = max(1, to_dots(500, self.head.density))
        height = place.height - line - gap
        room = place.width // columns
        quiet = symbology.quiet[3] if hri is not None else 0

        def line_beside(width: int) -> int:
            """Return the dots of the line of text where nothing but the width makes it smaller."""
            if hri is None or entry.fit is None:
                return 0
            across = max(width, place.width)
            return fit_text(shown, entry.fonts, entry.fit, across, LARGEST_LABEL).extent[3]

        def needs(module: int) -> dict[str, int]:
            """Return the room a code of so many dots a module lacks."""
            high = 0
            if rows > 1:
                high = max(gap + rows * module, (rows + quiet) * module)
                high += line_beside(columns * module)
            return self._room(place, columns * module, high)

        if symbology.kind == "linear":
            if symbology.least_height and element.module is None:
                # Narrower modules rather than bars too low for them, down to the least.
                enough = height // symbology.least_height
                room = min(room, max(enough, self._least_module(symbology)))
            module = self._module(
                element, symbology, columns, 1, room, most, place, place.height, needs
            )
            bar_height = height
            least = max(to_dots(_LEAST_BARS, self.head.density), symbology.least_height * module)
            if bar_height < least:
                enough = least + line_beside(0) + gap
                raise NotScannable(
                    f"The bars of the {symbology.title} are {self._mm(max(0, bar_height))} high"
                    f"{' beside their line of text' if hri else ''}, too low to aim a scanner at: "
                    f"expected {self._mm(least)} or more; make it "
                    f"{self._mm(enough)} high.",
                    height=bar_height,
                    **self._room(place, 0, enough),
                )
        else:
            room = max(0, min(room, height // rows, (place.height - line) // (rows + quiet)))
            module = self._module(
                element, symbology, columns, rows, room, most, place, height, needs
            )
            gap = max(gap, quiet * module)
            height = place.height - line - gap if hri is not None else place.height
            bar_height = rows * module
        across, down = place.width - columns * module, height - bar_height
        x = {"left": 0, "center": across // 2, "right": across}[element.align]
        y = {"top": 0, "middle": down // 2, "bottom": down}[element.valign]
        hri_at = (0, 0)
        if hri is not None:
            left, _, right, _ = hri.extent
            middle = x + (columns * module - (right - left)) // 2
            hri_x = min(max(0, middle), place.width - (right - left)) - left
            hri_at = (hri_x, y) if element.text == "above" else (hri_x, y + bar_height + gap)
            y += line + gap if element.text == "above" else 0
        return _CodePlan(columns, rows, module, x, y, bar_height, hri, hri_at)

    def _least_module(self, symbology: Symbology) -> int:
        # µm are rounded down, so that two dots at 12 dots/mm pass their 166 µm.
        return max(2, -(-symbology.least_module * self.head.density // 1000))

    def _module(
        self,
        element: model.BarcodeElement,
        symbology: Symbology,
        columns: int,
        rows: int,
        room: int,
        most: int | None,
        place: _Place,
        height: int,
        needs: Callable[[int], dict[str, int]],
    ) -> int:
        """Return the dots of a module: as the template asks, else the most there is room for."""
        least = self._least_module(symbology)
        module = room if most is None else min(room, most)
        asked = element.module is not None
        if element.module is not None:
            module = max(1, to_dots(element.module, self.head.density))
        if module < least:
            raise NotScannable(
                f"The {symbology.title} has {columns}{f' × {rows}' if rows > 1 else ''} modules "
                f"and {self._area(place.width, height, rows)} of room, which makes a module "
                f"{module} dot{'' if module == 1 else 's'}"
                f"{' as the template asks' if asked else ''}, too narrow to scan: expected "
                f"{least} dots ({self._mm(least)}) or more; make it "
                f"{self._area(columns * least, rows * least, rows)}"
                f"{'' if rows > 1 else ' wide'}, or shorten its content.",
                columns=columns,
                module=module,
                least=least,
                **({"needs_module": self._um(least)} if asked else {}),
                **needs(least),
            )
        if module > room:
            raise NotScannable(
                f"The {symbology.title} at {module} dots a module needs "
                f"{self._area(columns * module, rows * module, rows)} and has "
                f"{self._area(place.width, height, rows)}; make its place larger, its module "
                "smaller, or shorten its content.",
                columns=columns,
                module=module,
                **({"fits_module": self._um(room)} if room >= least else {}),
                **needs(module),
            )
        return module

    def _area(self, width: int, height: int, rows: int) -> str:
        return self._mm(width) + (f" × {self._mm(max(0, height))}" if rows > 1 else "")

    def _um(self, dots: int) -> int:
        return to_um(Dots(dots), self.head.density)

    def _mm(self, dots: int) -> str:
        return say_length(self._um(dots))

    def _read_once(
        self, entry: _Varying, element: model.BarcodeElement, content: str, plan: _CodePlan
    ) -> None:
        """Decode the symbol with an independent reader, once for each size and length."""
        key = (entry.index, plan.columns, plan.rows, len(content))
        if key in self._decoded:
            return
        assert entry.symbology is not None
        symbol = entry.symbology.encode(content, element.options)
        read = read_back(symbol, element.symbology)
        if read != symbol.content:
            raise NotScannable(
                f"The {entry.symbology.title} of {content[:60]!r} reads back as {read!r}; use "
                "another symbology for this content.",
                content=content[:200],
                read=read,
            )
        if len(self._decoded) >= _REMEMBERED:
            self._decoded.clear()
        self._decoded[key] = None

    def _rects(self, entry: _Varying, plan: Plan) -> list[_Rect]:
        """Return what of the label an element's ink may touch."""
        place = entry.place
        match plan:
            case TextBlock():
                if isinstance(entry.element, model.TextElement) and entry.element.reverse:
                    return [place.rect(0, 0, place.width, place.height)]
                left, top, right, bottom = plan.extent
                return [place.rect(left, top, right - left, bottom - top)]
            case _CodePlan():
                found = [place.rect(plan.x, plan.y, plan.width, plan.bar_height)]
                if plan.hri is not None:
                    left, top, right, bottom = plan.hri.extent
                    x, y = plan.hri_at
                    found.append(place.rect(x + left, y + top, right - left, bottom - top))
                return found
            case None:
                return []

    def _on_label(self, entry: _Varying, plan: Plan) -> None:
        for rect in self._rects(entry, plan):
            over = (
                ("left", -rect.left),
                ("top", -rect.top),
                ("right", rect.right - self.width),
                ("bottom", rect.bottom - self.height),
            )
            for edge, dots in over:
                if dots > 0:
                    raise OffTheLabel(
                        f"{entry.place.id!r} runs {dots} dot{'' if dots == 1 else 's'} "
                        f"({self._mm(dots)}) off the {edge} edge of the label; move it inwards or "
                        "make it smaller.",
                        element=entry.place.id,
                        edge=edge,
                        dots=dots,
                        over=self._um(dots),
                    )

    def _quiet(
        self,
        entry: _Varying,
        plan: _CodePlan,
        plans: Mapping[int, Plan],
        entries: tuple[_Varying, ...],
    ) -> None:
        """Refuse ink of others, and the label's edge, in the quiet zone."""
        symbology = entry.symbology
        assert symbology is not None
        left, right, above, below = (n * plan.module for n in symbology.quiet)
        zones = [
            ("left of", left, (plan.x - left, plan.y, left, plan.bar_height)),
            ("right of", right, (plan.x + plan.width, plan.y, right, plan.bar_height)),
            ("above", above, (plan.x - left, plan.y - above, plan.width + left + right, above)),
            (
                "below",
                below,
                (plan.x - left, plan.y + plan.bar_height, plan.width + left + right, below),
            ),
        ]
        bars = (plan.x, plan.y, plan.width, plan.bar_height)
        place = entry.place
        for index, other_plan in plans.items():
            other = entries[index]
            if other is not entry and self._inks(other, other_plan, place.rect(*bars), own=False):
                raise NotScannable(
                    f"{other.place.id!r} stands on the {symbology.title} {place.id!r}; move one of "
                    "them.",
                    element=place.id,
                    other=other.place.id,
                )
        for side, needed, unturned in zones:
            if not needed:
                continue
            zone = place.rect(*unturned)
            outside = max(-zone.left, -zone.top, zone.right - self.width, zone.bottom - self.height)
            if outside > 0:
                raise NotScannable(
                    f"The {symbology.title} {place.id!r} has no room for its quiet zone {side} it: "
                    f"expected {self._mm(needed)} free to the label's edge, got "
                    f"{self._mm(max(0, needed - outside))}; move it {self._mm(outside)} away from "
                    "the edge or make it smaller.",
                    element=place.id,
                    side=_side(side, place),
                    needed=self._um(needed),
                    missing=self._um(outside),
                    edge=_side(side, place),
                    over=self._um(outside),
                )
            for index, other_plan in plans.items():
                other = entries[index]
                if self._inks(other, other_plan, zone, own=other is entry):
                    who = "its own text" if other is entry else repr(other.place.id)
                    at = _side(side, place)
                    ink = self._ink(other, other_plan, zone, own=other is entry)
                    raise NotScannable(
                        f"The {symbology.title} {place.id!r} needs {self._mm(needed)} free "
                        f"{side} it, and {who} stands there; move one of them.",
                        element=place.id,
                        other=other.place.id,
                        side=at,
                        needed=self._um(needed),
                        missing=self._um(_reach(ink, zone, at)),
                    )

    def _inks(self, entry: _Varying, plan: Plan, zone: _Rect, *, own: bool) -> bool:
        """Return whether an element's ink can be in a zone: its dots where they are known, else
        the lines of text and the bars it will have."""
        return bool(self._ink(entry, plan, zone, own=own))

    def _ink(self, entry: _Varying, plan: Plan, zone: _Rect, *, own: bool) -> list[_Rect]:
        """Return where an element's ink is in a zone; nowhere is an empty list."""
        drawn = self._fixed.get(entry.index)
        element = entry.element
        # White letters are no way out of the black around them.
        if drawn is not None and not (isinstance(element, model.TextElement) and element.reverse):
            parts = [e for e in drawn if not (own and isinstance(e, Barcode))]
            # It is drawn where the template puts it.
            up = self._varying[entry.index].place.y - entry.place.y
            home = zone._replace(top=zone.top + up, bottom=zone.bottom + up) if up else zone
            return [rect.raised(up) for e in parts if (rect := _ink_in(e, home)) is not None]
        rects = self._rects(entry, plan)
        return [rect for rect in (rects[1:] if own else rects) if rect.meets(zone)]

    # Drawing

    def _draw_element(self, index: int, content: str, module: int) -> tuple[Element, ...]:
        entry = self._varying[index]
        element, place = entry.element, entry.place
        fixed = entry.says is not None and element.print_when is None
        match element:
            case model.TextElement():
                block = self._plan_text(entry, content)
                if block is None:
                    return ()
                if element.reverse:
                    return (self._reversed(place, block, element.font, fixed=fixed),)
                return (self._text(place, block, (0, 0), element.font, place.id, fixed=fixed),)
            case model.BarcodeElement():
                return self._barcode(entry, element, content, module, fixed=fixed)
            case model.ImageElement():
                tile = shapes.picture(
                    self._picture(element.picture),
                    place.width,
                    place.height,
                    dither=element.dither,
                    threshold=element.threshold,
                )
                across, down = place.width - tile.width, place.height - tile.height
                x = {"left": 0, "center": across // 2, "right": across}[element.align]
                y = {"top": 0, "middle": down // 2, "bottom": down}[element.valign]
                return (
                    Picture(
                        place.id,
                        *place.turn(x, y, tile.width, tile.height),
                        place.rotation,
                        shapes.turned(tile, place.rotation),
                        fixed,
                    ),
                )
            case model.BoxElement():
                thickness = self._thickness(element.thickness, place, filled=element.filled)
                radius = min(
                    to_dots(element.radius, self.head.density), place.width // 2, place.height // 2
                )
                tile = shapes.box(place.width, place.height, thickness=thickness, radius=radius)
                return (
                    Box(
                        place.id, place.x, place.y, place.rotation,
                        shapes.turned(tile, place.rotation), fixed,
                        thickness=thickness, radius=radius,
                    ),
                )  # fmt: skip
            case model.LineElement():
                thickness = max(1, to_dots(element.thickness, self.head.density))
                tile = shapes.line(
                    place.width, place.height, thickness=thickness, direction=element.direction
                )
                return (
                    Line(
                        place.id, place.x, place.y, place.rotation,
                        shapes.turned(tile, place.rotation), fixed,
                        thickness=thickness, direction=element.direction,
                    ),
                )  # fmt: skip
            case model.EllipseElement():
                thickness = self._thickness(element.thickness, place, filled=element.filled)
                tile = shapes.ellipse(place.width, place.height, thickness=thickness)
                return (
                    Ellipse(
                        place.id, place.x, place.y, place.rotation,
                        shapes.turned(tile, place.rotation), fixed, thickness=thickness,
                    ),
                )  # fmt: skip
            case model.RawElement():
                return (
                    Commands(
                        place.id, place.x, place.y, 0, Tile(0, 0, b""), fixed,
                        language=element.language, commands=element.commands,
                    ),
                )  # fmt: skip
            case _:
                assert_never(element)

    def _thickness(self, thickness: int, place: _Place, *, filled: bool) -> int:
        most = (min(place.width, place.height) + 1) // 2
        return most if filled else min(most, max(1, to_dots(thickness, self.head.density)))

    def _picture(self, reference: str) -> bytes:
        if reference.startswith("data:"):
            try:
                return base64.b64decode(reference.partition(",")[2], validate=True)
            except binascii.Error as error:
                raise DocumentRefused(
                    "The picture inside the template is not valid base64; insert it again."
                ) from error
        if self._resources is None:
            raise TemplateRefused(
                f"The picture {reference!r} is an asset, and there are none here; put the picture "
                'into the template as "data:image/png;base64,…".',
                picture=reference,
            )
        return self._resources.picture(reference.removeprefix("asset:"))

    def _text(
        self,
        place: _Place,
        block: TextBlock,
        at: tuple[int, int],
        font: str,
        name: str,
        *,
        fixed: bool,
    ) -> Text:
        x, y, tile = block.ink()
        left, top = place.turn(at[0] + x, at[1] + y, tile.width, tile.height)
        origin = None
        if not block.rtl:
            # A point is a rectangle without extent.
            origin = place.turn(at[0], at[1] + block.baseline, 0, 0)
        return Text(
            name,
            left,
            top,
            place.rotation,
            shapes.turned(tile, place.rotation),
            fixed,
            lines=block.texts,
            size=block.size,
            line_height=block.line_height,
            align=block.align,
            font=font,
            origin=origin,
            measure=place.width,
        )

    def _reversed(self, place: _Place, block: TextBlock, font: str, *, fixed: bool) -> Text:
        """Return a text white on black; no language sets one as we do, so it goes as ink."""
        x, y, letters = block.ink()
        tile = shapes.reversed_out(place.width, place.height, letters, (x, y))
        return Text(
            place.id,
            place.x,
            place.y,
            place.rotation,
            shapes.turned(tile, place.rotation),
            fixed,
            lines=block.texts,
            size=block.size,
            line_height=block.line_height,
            align=block.align,
            font=font,
            measure=place.width,
        )

    def _barcode(
        self,
        entry: _Varying,
        element: model.BarcodeElement,
        content: str,
        module: int,
        *,
        fixed: bool,
    ) -> tuple[Element, ...]:
        assert entry.symbology is not None
        place = entry.place
        plan = self._plan_code(entry, element, content, module or None)
        symbol = entry.symbology.encode(content, element.options)
        if (symbol.columns, symbol.rows) != (plan.columns, plan.rows):
            raise NotScannable(
                f"The {entry.symbology.title} of {content[:60]!r} came out at {symbol.columns} × "
                f"{symbol.rows} modules where {plan.columns} × {plan.rows} were planned.",
                content=content[:200],
            )
        tile = _symbol_tile(symbol, plan.module, plan.bar_height)
        code = Barcode(
            place.id,
            *place.turn(plan.x, plan.y, tile.width, tile.height),
            place.rotation,
            shapes.turned(tile, place.rotation),
            fixed,
            symbology=element.symbology,
            content=symbol.content,
            module=plan.module,
            bar_height=plan.bar_height if symbol.kind == "linear" else 0,
        )
        if plan.hri is None:
            return (code,)
        # Template ids have no colon, so this one is nobody else's.
        name = f"{place.id}:text"
        return code, self._text(place, plan.hri, plan.hri_at, element.text_font, name, fixed=fixed)


def _column(template: model.Template, entries: tuple[_Varying, ...]) -> Column:
    places = [Area(e.x, e.y, e.x + e.width, e.y + e.height) for e in template.elements]
    dots = [Area(*e.place.rect(0, 0, e.place.width, e.place.height)) for e in entries]
    stay = [i for i, e in enumerate(template.elements) if isinstance(e, model.RawElement)]
    return Column(places, dots, stay)


def _raised(drawn: tuple[Element, ...], dots: int) -> tuple[Element, ...]:
    """Return elements so many dots further up; they stand there on this label only."""
    if not dots:
        return drawn
    return tuple(replace(shift(element, 0, -dots), fixed=False) for element in drawn)


def _blot(entry: _Varying) -> Callable[[str], str]:
    """Return what makes a content's key: rows with equal keys fit, or do not, alike.

    What depends on the digits themselves, check digits and dates, is checked on the way.
    """
    symbology = entry.symbology
    if entry.says is not None or not entry.blind or (symbology and symbology.by_value):
        return _as_it_is if symbology is None else _accepted(symbology.accept)
    if symbology is None or symbology.digit_blind:
        return _blotted
    accept = symbology.accept
    if not symbology.gs1:
        return lambda content: accept(content).translate(_BLOTTED)

    def blot_elements(content: str) -> str:
        accept(content)
        # The identifiers decide about separators, so they stay.
        parts = gs1.parse(content).elements
        return "".join([f"({ai}){value.translate(_BLOTTED)}" for ai, value in parts])

    return blot_elements


def _as_it_is(content: str) -> str:
    return content


def _accepted(accept: Callable[[str], str]) -> Callable[[str], str]:
    def keep(content: str) -> str:
        accept(content)
        return content

    return keep


def _blotted(content: str) -> str:
    return content.translate(_BLOTTED)


def _writer(element: model.Element) -> Writer:
    match element:
        case model.TextElement():
            return compile_content(element.content)
        case model.BarcodeElement():
            # A value cannot bring application identifiers of its own into an element string.
            escape = gs1.escape if SYMBOLOGIES[element.symbology].gs1 else None
            return compile_content(element.content, escape)
        case (
            model.ImageElement()
            | model.BoxElement()
            | model.LineElement()
            | model.EllipseElement()
            | model.RawElement()
        ):
            return lambda values, moment: ""
        case _:
            assert_never(element)


def _symbol_tile(symbol: Symbol, module: int, bar_height: int) -> Tile:
    """Return a symbol's modules as dots; a linear one as high as its bars."""
    width = symbol.columns * module
    stride = (width + 7) // 8
    spare = 8 * stride - width
    dark, light = "1" * module, "0" * module
    times = bar_height if symbol.kind == "linear" else module
    rows = []
    for line in symbol.lines():
        text = format(line, f"0{symbol.columns}b")
        # Two steps, as one replaced digit must not be replaced again.
        wide = text.replace("1", "#").replace("0", light).replace("#", dark)
        rows.append((int(wide, 2) << spare).to_bytes(stride, "big") * times)
    return Tile(width, symbol.rows * times, b"".join(rows))


def _side(words: str, place: _Place) -> str:
    """Return the side of the label that a side of an unturned place looks to."""
    clockwise = ("left", "top", "right", "bottom")
    unturned = {"left of": 0, "above": 1, "right of": 2, "below": 3}[words]
    return clockwise[(unturned + place.rotation // 90) % 4]


def _reach(ink: list[_Rect], zone: _Rect, side: str) -> int:
    """Return the dots by which ink must go back to that side to leave a zone free."""
    match side:
        case "left":
            return max(min(rect.right, zone.right) for rect in ink) - zone.left
        case "right":
            return zone.right - min(max(rect.left, zone.left) for rect in ink)
        case "top":
            return max(min(rect.bottom, zone.bottom) for rect in ink) - zone.top
        case _:
            return zone.bottom - min(max(rect.top, zone.top) for rect in ink)


def _ink_in(element: Element, zone: _Rect) -> _Rect | None:
    """Return the smallest rectangle with all the ink of an element in a zone."""
    tile = element.tile
    rect = _Rect(element.x, element.y, element.x + tile.width, element.y + tile.height)
    if not rect.meets(zone):
        return None
    left, top = max(0, zone.left), max(0, zone.top)
    part = overlay(
        max(0, zone.right) - left, max(0, zone.bottom) - top, [shift(element, -left, -top)]
    )
    if not any(part.ink):
        return None
    stride = part.stride
    rows = [int.from_bytes(part.ink[y * stride : (y + 1) * stride], "big")
            for y in range(part.height)]  # fmt: skip
    inked = [y for y, row in enumerate(rows) if row]
    columns = 0
    for row in rows:
        columns |= row
    first = 8 * stride - columns.bit_length()
    last = 8 * stride - (columns & -columns).bit_length()
    return _Rect(left + first, top + inked[0], left + last + 1, top + inked[-1] + 1)


def _named(refusal: GatewayError, element: str) -> GatewayError:
    """Return the same refusal with the element in its facts and, when it is missing, its words."""
    if "element" in refusal.facts:
        return refusal
    named = repr(element) in refusal.detail
    detail = refusal.detail if named else f"In {element!r}: {refusal.detail}"
    return type(refusal)(detail, **(refusal.facts | {"element": element}))
