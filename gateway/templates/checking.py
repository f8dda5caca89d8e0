"""A label looked at with every record that will fill it, not only the one on the screen.

    record, record, … ──Checker.look──► what is refused, by element and cause, counted
                                            └──► the first offenders, the longest value, its fixes

A record that is refused for one element is looked at without it, so that each element is told with
all its records. Of what ``Design.check`` lets pass the codes are drawn as they will stand on the
label, each shape and some more, and read by a reader that did not draw them.

>>> from gateway.templates.document import parse_template
>>> template = parse_template({"name": "bin", "size": {"width": 30000, "height": 15000},
...     "fields": [{"name": "bin"}],
...     "elements": [{"type": "text", "id": "name", "content": "{bin}", "size": 4000,
...                   "x": 1000, "y": 1000, "width": 20000, "height": 5000}]})
>>> at = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), UTC)
>>> checker = Checker(template, Head(parse_density(8)), at)
>>> for number, text in enumerate(("A-01", "A-02", "THE WHOLE OF THE HALL"), 1):
...     _ = checker.look(number, text, {"bin": text})
>>> [(one.element, one.count, one.of, one.longest.value) for one in checker.findings()]
[('name', 1, 3, 'THE WHOLE OF THE HALL')]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from gateway.codes.symbology import SYMBOLOGIES, read_ink
from gateway.errors import CodeRefused, GatewayError, NotScannable, OffTheLabel
from gateway.label import Barcode, Element, Label, Rotation, Tile, overlay
from gateway.templates import model
from gateway.templates.binding import Moment, Row
from gateway.templates.layout import Design, Head, compile_template, parse_density
from gateway.templates.typefaces import Resources

__all__ = [
    "UTC", "Checker", "Finding", "Head", "Moment", "Offender", "datetime", "parse_density",
]  # fmt: skip

MOST_OFFENDERS: Final = 20
"""Records that a finding names; all are counted."""

MOST_READ: Final = 50
"""Codes that are drawn on the label and read back: some 10 ms each."""

FIRST_READ: Final = 10
"""Records whose codes are read whatever their shape,"""
EVERY_READ: Final = 250
"""and one in so many behind them."""

LITTLE: Final = "\u00b7"
"""What a text that is refused says instead, where nothing would let move up what is below it: a
middle dot, which fits wherever anything does."""

_SHAPE: Final = str.maketrans(
    "0123456789abcdefghijklmnopqrstuvwxyz", "0" * 10 + "A" * 26
) | str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A" * 26)


@dataclass(frozen=True, slots=True)
class Offender:
    """A record that a label refuses."""

    number: int
    """As its source counts."""
    title: str
    value: str
    """What the element would have said."""
    refusal: GatewayError


@dataclass(slots=True)
class Finding:
    """What is the matter with an element, for all records that have it."""

    element: str
    """Its id; empty when it is a field's, or the whole label's."""
    cause: type[GatewayError]
    check_digit: bool
    """Whether a wrong check digit is meant, and a mistyped number is the likeliest cause."""
    longest: Offender
    count: int = 0
    of: int = 0
    offenders: list[Offender] = field(default_factory=list)
    always: bool = False
    """Whether it is the same whatever fills the label."""

    def add(self, offender: Offender) -> None:
        """Count one more."""
        self.count += 1
        if len(self.offenders) < MOST_OFFENDERS:
            self.offenders.append(offender)
        if len(offender.value) > len(self.longest.value):
            self.longest = offender


class Checker:
    """Looks at a template with one record after the other."""

    def __init__(
        self,
        template: model.Template,
        head: Head,
        moment: Moment,
        resources: Resources | None = None,
        counters: Mapping[str, int] | None = None,
    ) -> None:
        """Make it ready; what is refused whatever fills the label is a finding already.

        Args:
            template: The whole label.
            head: The print head it is checked for.
            moment: What dates show.
            resources: Fonts and pictures that are assets.
            counters: The next value of each counter; its start where it is not named.

        Raises:
            GatewayError: the label cannot be printed at all, whichever elements are left out.
        """
        self._findings: dict[tuple[str, type[GatewayError], bool], Finding] = {}
        self._moment = moment
        given = counters or {}
        self._counters = {c.name: given.get(c.name, c.start) for c in template.counters}
        self.looked_at = 0
        self._read = 0
        self._shapes: set[tuple[str, str]] = set()
        self._design = self._compile(template, head, resources)
        elements = self._design.template.elements
        self._index = {element.id: index for index, element in enumerate(elements)}
        self._collapsing = {
            e.id for e in elements if isinstance(e, model.TextElement) and e.collapse
        }
        self._codes = [e.id for e in elements if isinstance(e, model.BarcodeElement)]

    def _compile(self, template: model.Template, head: Head, resources: Resources | None) -> Design:
        """Return the template made ready, without the elements that are refused as they are."""
        while True:
            try:
                return compile_template(template, head, resources)
            except GatewayError as refusal:
                name = refusal.facts.get("element")
                kept = tuple(one for one in template.elements if one.id != name)
                if len(kept) < len(template.elements):
                    template = replace(template, elements=kept)
                elif isinstance(refusal, OffTheLabel) and head.width is not None:
                    head = Head(head.density)
                else:
                    raise
                self.refuse_always(refusal)

    def look(self, number: int, title: str, fields: Mapping[str, object]) -> bool:
        """Look at the label of one record; return whether it would be printed.

        Args:
            number: As its source counts: what a person finds it by.
            title: What people call it.
            fields: What it fills the template's fields with.
        """
        self.looked_at += 1
        design = self._design
        try:
            row = design.bind(fields, self._moment, self._counters)
        except GatewayError as refusal:
            name = str(refusal.facts.get("field", ""))
            value = str(fields.get(name) or "")
            self._note("", Offender(number, title, value, refusal))
            return False
        good = True
        while True:
            try:
                design.check(row)
            except GatewayError as refusal:
                good = False
                element = str(refusal.facts.get("element", ""))
                index = self._index.get(element)
                says = None if index is None else row.contents[index]
                if says != LITTLE:
                    self._note(element, Offender(number, title, says or "", refusal))
                if index is None or says is None:
                    return good
                # What stands below must stay where it is: of a text that collapses, a little stays.
                little = LITTLE if element in self._collapsing and says != LITTLE else None
                row = _instead(row, index, little)
            else:
                break
        if self._read < MOST_READ:
            self._read_codes(row, number, title)
        return good

    def refuse_always(self, refusal: GatewayError) -> None:
        """Keep what is the matter with the label whatever fills it, and was found elsewhere."""
        name = str(refusal.facts.get("element", ""))
        found = self._note(name, Offender(0, "", "", refusal))
        found.always, found.count, found.offenders = True, 0, []

    def findings(self) -> list[Finding]:
        """Return what was found, what concerns most records first."""
        for one in self._findings.values():
            one.of = self.looked_at
            if one.always:
                one.count = self.looked_at
        return sorted(self._findings.values(), key=lambda one: (-one.count, one.element))

    # ------------------------------------------------------------ codes, read as they stand

    def _read_codes(self, row: Row, number: int, title: str) -> None:
        """Read the codes of a label that are of a shape not seen yet, and some of the others."""
        also = self.looked_at <= FIRST_READ or self.looked_at % EVERY_READ == 0
        fresh = set()
        for name in self._codes:
            content = row.contents[self._index[name]]
            if content and (also or (name, content.translate(_SHAPE)) not in self._shapes):
                fresh.add(name)
                self._shapes.add((name, content.translate(_SHAPE)))
        if not fresh:
            return
        label = self._design.lay_out(row)
        for element in label.elements:
            if not isinstance(element, Barcode) or element.id not in fresh:
                continue
            self._read += 1
            said = read_code(label, element)
            if said != element.content:
                shown = "nothing" if said is None else repr(said[:60])
                title_of = SYMBOLOGIES[element.symbology].title
                refusal = NotScannable(
                    f"The {title_of} {element.id!r} of {element.content[:60]!r} reads as {shown} "
                    "as it stands on the label; give it more room, or larger modules.",
                    element=element.id,
                    content=element.content[:200],
                    read=said,
                )
                self._note(element.id, Offender(number, title, element.content, refusal))

    def _note(self, element: str, offender: Offender) -> Finding:
        refusal = offender.refusal
        wrong_digit = (
            isinstance(refusal, CodeRefused)
            and {"expected", "got", "value"} <= set(refusal.facts)
            and isinstance(refusal.facts["got"], str)
        )
        key = (element, type(refusal), wrong_digit)
        finding = self._findings.get(key)
        if finding is None:
            finding = Finding(element, type(refusal), wrong_digit, offender)
            self._findings[key] = finding
        finding.add(offender)
        return finding


def read_code(label: Label, code: Barcode) -> str | None:
    """Return what a reader makes of a code as it stands on the label, with the ink around it.

    The picture is that of the dots, each three wide, cut at the code's quiet zone.
    """
    zone = SYMBOLOGIES[code.symbology].quiet
    around = max(*zone, 4) * code.module
    left, top = code.x - around, code.y - around
    width, height = code.tile.width + 2 * around, code.tile.height + 2 * around
    moved = [replace(one, x=one.x - left, y=one.y - top) for one in label.elements]
    tile = overlay(width, height, [one for one in moved if _meets(one, width, height)])
    upright = _turned(tile, code.rotation)
    return read_ink(_grey(upright, 3), upright.width * 3, code.symbology, code.content)


def _meets(element: Element, width: int, height: int) -> bool:
    tile = element.tile
    return (
        element.x < width and element.y < height
        and element.x + tile.width > 0 and element.y + tile.height > 0
    )  # fmt: skip


def _turned(tile: Tile, rotation: int) -> Tile:
    """Return the tile turned back by its rotation: readers here read upright."""
    from gateway.templates.shapes import turned

    back: dict[int, Rotation] = {0: 0, 90: 270, 180: 180, 270: 90}
    return turned(tile, back[rotation])


def _grey(tile: Tile, scale: int) -> bytes:
    """Return a byte a dot, 0 for ink, each dot ``scale`` wide and high."""
    rows = []
    for y in range(tile.height):
        line = tile.ink[y * tile.stride : (y + 1) * tile.stride]
        bits = format(int.from_bytes(line), f"0{8 * tile.stride}b")[: tile.width].encode()
        wide = bits.replace(b"1", b"\x00" * scale).replace(b"0", b"\xff" * scale)
        rows.append(wide * scale)
    return b"".join(rows)


def _instead(row: Row, index: int, content: str | None) -> Row:
    contents = list(row.contents)
    contents[index] = content
    return replace(row, contents=tuple(contents))
