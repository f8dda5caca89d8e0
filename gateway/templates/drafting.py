"""A label while somebody works on it: what can be drawn is drawn, and what cannot is said.

    document, head, values ──sketch──► Sketch: each element's place and tiles in dots; problems

A sketch without problems that stop a print is the label itself: its tiles are those of
``Design.lay_out``, at the same dots. Where an element is refused, it is drawn by itself as far as
that goes and the others as if it were not there, so that one mistake does not blank the screen.

>>> from gateway.units import parse_density
>>> at = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), UTC)
>>> made = sketch({"name": "bin", "size": {"width": 50000, "height": 25000},
...     "fields": [{"name": "bin", "example": "A-01"}],
...     "elements": [{"type": "text", "id": "name", "content": "{bin}", "size": 4000,
...                   "x": 2000, "y": 1000, "width": 40000, "height": 5000},
...                  {"type": "barcode", "id": "code", "symbology": "code128",
...                   "content": "{bin}", "x": 0, "y": 8000, "width": 40000, "height": 9000}]},
...     Head(parse_density(8)), {}, at)
>>> [(one.id, one.x, one.y, len(one.parts)) for one in made.elements]
[('name', 16, 8, 1), ('code', 0, 64, 1)]
>>> made.problems[0].element, made.problems[0].fixes
('code', (Fix(kind='move', value=2500, set={'code': {'x': 2500}}),))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from gateway.errors import FieldRefused, GatewayError, OffTheLabel, TemplateRefused
from gateway.label import Barcode, Element, Label, Text
from gateway.templates import model
from gateway.templates.binding import Moment, Row
from gateway.templates.document import parse_template
from gateway.templates.layout import Design, Head, compile_template
from gateway.templates.typefaces import Resources
from gateway.units import Density, Um, to_dots

__all__ = [
    "UTC", "Fix", "Head", "Moment", "Part", "Problem", "Sketch", "Sketched", "datetime",
    "fixes_for", "sketch",
]  # fmt: skip

MOST_TRIES: Final = 12
"""Refused elements that are looked for one by one; a label with more is beyond a quick look."""

_AROUND: Final = 50_000
"""µm of free paper round an element that is drawn by itself: more than any quiet zone."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a problem with one touch."""

    kind: str
    """What is changed, for the words on it: ``width``, ``height``, ``size`` (both), ``shrink``
    (smaller letters), ``module`` (width of a bar), ``move``."""
    value: int
    """µm: the new width, height, letters or bar; how far it moves."""
    set: Mapping[str, Mapping[str, object]]
    """Element id -> the keys of it that change, with their new values."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the label, as it is, would not be printed."""

    refusal: GatewayError
    element: str | None = None
    """The id of the element; None when it is the label's."""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A tile of an element: its ink, or that of its human-readable line."""

    dx: int
    """Dots from the place's left edge to the tile's."""
    dy: int
    """Dots from the place's top edge to the tile's."""
    element: Element


@dataclass(frozen=True, slots=True)
class Sketched:
    """An element as it is drawn now."""

    id: str
    x: int
    """Dots from the label's left edge to the place's."""
    y: int
    width: int
    """Dots of the place as it lies on the label."""
    height: int
    parts: tuple[Part, ...]
    """Empty when it prints nothing, or cannot be drawn."""
    says: str | None = None
    """What it says with these values; None when ``print_when`` leaves it out."""

    @property
    def module(self) -> int:
        """Dots of the narrowest bar; 0 when it is no code."""
        return next((p.element.module for p in self.parts if isinstance(p.element, Barcode)), 0)

    @property
    def size(self) -> int:
        """Dots of the em its text is drawn with, which may have shrunk; 0 when it is no text."""
        return next((p.element.size for p in self.parts if isinstance(p.element, Text)), 0)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A label as far as it can be drawn."""

    width: int
    """Dots."""
    height: int
    density: Density
    elements: tuple[Sketched, ...]
    """In the order of the document; those that are no elements at all are left out."""
    problems: tuple[Problem, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    """Of every field and counter, as printed."""
    label: Label | None = None
    """What would be printed; None when a problem stops it."""


def sketch(
    document: object,
    head: Head,
    values: Mapping[str, object],
    moment: Moment,
    resources: Resources | None = None,
    counters: Mapping[str, int] | None = None,
) -> Sketch:
    """Return how a label looks now. One that is not finished is drawn as far as it can be.

    Args:
        document: A template's document; its elements may be wrong, one by one.
        head: The print head it is drawn for.
        values: Of its fields. What is no field of it is left aside; one that is not there has its
            example, and so has a required one that is empty.
        moment: What dates show.
        resources: Fonts and pictures that are assets.
        counters: The next value of each counter; its start where it is not named.

    Raises:
        TemplateRefused, ExpressionRefused: it is wrong outside of its elements.
        FieldRefused: a required field takes no value that is known here.
        OffTheLabel: the stock has too many dots for a label.
    """
    template, wrong = _readable(document)
    problems = list(wrong)
    try:
        design = compile_template(replace(template, elements=()), head, resources)
    except OffTheLabel as refusal:
        if head.width is None:
            raise
        problems.append(Problem(refusal))
        head = Head(head.density)
        design = compile_template(replace(template, elements=()), head, resources)
    counts = {c.name: (counters or {}).get(c.name, c.start) for c in template.counters}
    row_values, mistaken = _bindable(design, template, values, moment, counts)
    problems += mistaken

    def lay_out(whole: model.Template, at: Head = head) -> tuple[Label, Row]:
        made = compile_template(whole, at, resources)
        row = made.bind(row_values, moment, counts)
        return made.lay_out(row), row

    together, alone = list(template.elements), list[model.Element]()
    label: Label | None = None
    says: dict[str, str | None] = {}
    while label is None:
        try:
            label, row = lay_out(replace(template, elements=tuple(together)))
            says |= {e.id: c for e, c in zip(together, row.contents, strict=True)}
        except GatewayError as refusal:
            name = refusal.facts.get("element")
            found = next((e for e in together if e.id == name), None)
            if found is None or len(alone) >= MOST_TRIES:
                problems.append(Problem(refusal))
                alone += together
                together.clear()
                continue
            together.remove(found)
            alone.append(found)
            problems.append(Problem(refusal, found.id, fixes_for(refusal, template)))
    places = {e.id: _place(e, head.density, label.width, label.height) for e in template.elements}
    tiles: dict[str, list[Part]] = {}
    for ink in label.elements:
        name = ink.id.partition(":")[0]
        x, y, _, _ = places[name]
        tiles.setdefault(name, []).append(Part(ink.x - x, ink.y - y, ink))
    for element in alone:
        # The paper round it may be wider than the head.
        tiles[element.id], says[element.id] = _by_itself(
            template, element, lambda paper: lay_out(paper, Head(head.density))
        )
    drawn = tuple(
        Sketched(e.id, *places[e.id], tuple(tiles.get(e.id, ())), says.get(e.id))
        for e in template.elements
    )
    whole = label if not problems else None
    return Sketch(
        label.width, label.height, head.density, drawn, tuple(problems),
        design.bind(row_values, moment, counts).values, whole,
    )  # fmt: skip


def _readable(document: object) -> tuple[model.Template, list[Problem]]:
    """Return the template with those of its elements that can be read, and what is wrong."""
    try:
        return parse_template(document), []
    except GatewayError:
        if not isinstance(document, dict) or not isinstance(document.get("elements"), list):
            raise
    bare: dict[str, Any] = {**document, "elements": []}
    parse_template(bare)
    kept: list[object] = []
    ids: set[object] = set()
    problems: list[Problem] = []
    for element in document["elements"]:
        name = element.get("id") if isinstance(element, dict) else None
        try:
            parse_template({**bare, "elements": [element]})
            if name in ids:
                raise TemplateRefused(f"Two elements are called {name!r}; delete one.", id=name)
        except GatewayError as refusal:
            problems.append(Problem(refusal, name if isinstance(name, str) else None))
        else:
            ids.add(name)
            kept.append(element)
    return parse_template({**bare, "elements": kept}), problems


def _bindable(
    design: Design,
    template: model.Template,
    values: Mapping[str, object],
    moment: Moment,
    counts: Mapping[str, int],
) -> tuple[dict[str, object], list[Problem]]:
    """Return values that the fields take: the given ones, else examples; and what was refused."""
    stand_ins = {one.name: _stand_in(one) for one in template.fields}
    shown = {**template.example(), **values}
    row = {
        one.name: value if (value := shown.get(one.name, "")) or not one.required
        else stand_ins[one.name]
        for one in template.fields
    }  # fmt: skip
    problems: list[Problem] = []
    while True:
        try:
            design.bind(row, moment, counts)
        except FieldRefused as refusal:
            name = refusal.facts.get("field")
            if not isinstance(name, str) or row.get(name) == stand_ins.get(name):
                raise
            problems.append(Problem(refusal))
            row[name] = stand_ins[name]
        else:
            return row, problems


_OF_TYPE: Final = {"integer": "0", "decimal": "0", "date": "2000-01-01"}


def _stand_in(one: model.Field) -> str:
    """Return a value that a field takes, so far as one is known without a person."""
    if value := one.example or one.default:
        return value
    if one.choices:
        return one.choices[0]
    return _OF_TYPE.get(one.type, one.name) if one.required else ""


def _place(
    element: model.Element, density: Density, across: int, down: int
) -> tuple[int, int, int, int]:
    """Return an element's place in dots, as ``Design`` rounds it."""
    width, height = to_dots(element.width, density), to_dots(element.height, density)
    x = min(to_dots(element.x, density), max(0, across - width))
    y = min(to_dots(element.y, density), max(0, down - height))
    return x, y, width, height


def _by_itself(
    template: model.Template,
    element: model.Element,
    lay_out: Callable[[model.Template], tuple[Label, Row]],
) -> tuple[list[Part], str | None]:
    """Return an element's tiles with nothing near it; none when it cannot even stand alone."""
    free = replace(element, x=Um(_AROUND), y=Um(_AROUND))
    paper = replace(
        template,
        width=Um(element.width + 2 * _AROUND),
        height=Um(element.height + 2 * _AROUND),
        elements=(free,),
    )
    try:
        label, row = lay_out(paper)
    except GatewayError:
        return [], None
    x, y, _, _ = _place(free, label.density, label.width, label.height)
    return [Part(one.x - x, one.y - y, one) for one in label.elements], row.contents[0]


def fixes_for(refusal: GatewayError, template: model.Template) -> tuple[Fix, ...]:
    """Return what would mend a refusal with one touch; nothing when a person must think.

    The facts of a refusal are in the template's own keys and micrometres (``Design``).
    """
    facts = refusal.facts
    elements = {one.id: one for one in template.elements}
    element = elements.get(str(facts.get("element")))
    if element is None:
        return ()
    return tuple(
        one for one in (
            *_grown(element, facts, template),
            _printed_smaller(element, facts),
            _shown_finer(element, facts),
            _moved(element, facts.get("edge"), facts.get("over"), template),
            # Two that are too near: the other goes away, or this one does.
            _moved(elements.get(str(facts.get("other"))), _ACROSS.get(str(facts.get("side"))),
                   facts.get("missing"), template),
            _moved(element, facts.get("side"), facts.get("missing"), template)
            if "other" in facts else None,
        ) if one is not None
    )  # fmt: skip


def _grown(
    element: model.Element, facts: Mapping[str, object], template: model.Template
) -> Iterator[Fix | None]:
    """Yield the larger places that would do: a code needs both sides, a text one of them."""
    changes: dict[str, dict[str, object]] = {}
    for side, start, at, most in (
        ("width", "x", element.x, template.width), ("height", "y", element.y, template.height),
    ):  # fmt: skip
        wanted = facts.get(f"needs_{side}")
        if not isinstance(wanted, int):
            continue
        if wanted > most:
            if not isinstance(element, model.TextElement):
                return
            continue
        changes[side] = {side: wanted}
        if at + wanted > most:
            changes[side][start] = most - wanted
    if isinstance(element, model.TextElement):
        for side, change in changes.items():
            yield Fix(side, _whole(change[side]), {element.id: change})
    elif changes:
        side = next(iter(changes))
        both = {key: value for change in changes.values() for key, value in change.items()}
        yield Fix(side if len(changes) == 1 else "size", _whole(both[side]), {element.id: both})


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _printed_smaller(element: model.Element, facts: Mapping[str, object]) -> Fix | None:
    size = facts.get("fits_size")
    if not isinstance(size, int):
        return None
    match element:
        case model.TextElement():
            return Fix("shrink", size, {element.id: {"min_size": size}})
        case model.BarcodeElement():
            return Fix("shrink", size, {element.id: {"text_size": size}})
        case _:
            return None


def _shown_finer(element: model.Element, facts: Mapping[str, object]) -> Fix | None:
    for key in ("fits_module", "needs_module"):
        if isinstance(module := facts.get(key), int):
            return Fix("module", module, {element.id: {"module": module}})
    return None


def _moved(
    element: model.Element | None, edge: object, over: object, template: model.Template
) -> Fix | None:
    """Return the way away from an edge or a neighbour, when there is room on the stock."""
    if element is None or not isinstance(over, int) or edge not in _INWARDS:
        return None
    key, sign = _INWARDS[str(edge)]
    start, length, most = (
        (element.x, element.width, template.width) if key == "x"
        else (element.y, element.height, template.height)
    )  # fmt: skip
    at = start + sign * over
    return Fix("move", over, {element.id: {key: at}}) if 0 <= at <= most - length else None


_INWARDS: Final[Mapping[str, tuple[Literal["x", "y"], int]]] = {
    "left": ("x", 1), "right": ("x", -1), "top": ("y", 1), "bottom": ("y", -1),
}  # fmt: skip
"""Edge -> the coordinate that moves an element away from it, and the way."""

_ACROSS: Final = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
"""Side of a code at which another stands -> the side of the other that looks to the code."""
