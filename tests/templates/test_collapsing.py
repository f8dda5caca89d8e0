from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.languages.zpl import encode
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.errors import GatewayError, NotScannable, OffTheLabel
from gateway.label import Barcode, Label, Text, draw
from gateway.templates.collapsing import Area, Column
from gateway.templates.document import parse_template
from gateway.templates.layout import Design, Head, Moment, compile_template
from gateway.units import parse_density, to_dots
from tests.drivers.languages.judging import Judge, model

NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)
NAMES = ("a", "b", "c", "d")


def design(*elements: dict[str, Any], density: int | str = 8, **size: int) -> Design:
    document = {
        "name": "t",
        "size": {"width": 60000, "height": 40000} | size,
        "fields": [{"name": name} for name in NAMES],
        "elements": list(elements),
    }
    return compile_template(parse_template(document), Head(parse_density(density)))


def line(name: str, y: int, **more: Any) -> dict[str, Any]:
    """A line of 3 mm that says the field of its own name and collapses."""
    return {"type": "text", "id": name, "content": f"{{{name}}}", "x": 2000, "y": y,
            "width": 30000, "height": 3000, "size": 2000, "collapse": True} | more  # fmt: skip


def box(name: str, y: int, **more: Any) -> dict[str, Any]:
    return {"type": "box", "id": name, "x": 2000, "y": y, "width": 30000, "height": 2000,
            "filled": True} | more  # fmt: skip


def code(y: int, **more: Any) -> dict[str, Any]:
    return {"type": "barcode", "id": "code", "symbology": "code128", "content": "SN-1", "x": 5000,
            "y": y, "width": 40000, "height": 8000} | more  # fmt: skip


def noise(name: str, y: int, **more: Any) -> dict[str, Any]:
    """Ink that is worth keeping in a printer."""
    file = io.BytesIO()
    Image.effect_noise((120, 120), 90).save(file, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image", "id": name, "picture": picture, "x": 2000, "y": y,
            "width": 15_000, "height": 15_000} | more  # fmt: skip


def laid(made: Design, **row: str) -> Label:
    return made.lay_out(made.bind(row, NOON, {}))


def refusal(made: Design, **row: str) -> GatewayError | None:
    """Return what ``check`` refuses a row with, None if it does not, and ask ``lay_out`` too."""
    bound = made.bind(row, NOON, {})
    answers: list[GatewayError | None] = []
    for ask in (made.check, made.lay_out):
        try:
            ask(bound)
        except GatewayError as refused:
            answers.append(refused)
        else:
            answers.append(None)
    checked, drawn = answers
    assert (type(checked), str(checked)) == (type(drawn), str(drawn))
    return checked


def tops(label: Label) -> dict[str, int]:
    """Return the top of each element's place, as far as its ink says: text by its baseline."""
    return {e.id: e.origin[1] if isinstance(e, Text) and e.origin else e.y for e in label.elements}


def test_what_is_below_an_empty_text_stands_where_the_text_would_have_stood() -> None:
    lines = [line("a", 2000), line("b", 6000), line("c", 10_500), box("rule", 15_000)]
    made = design(*lines)
    whole = tops(laid(made, a="A", b="B", c="C"))
    without = tops(laid(made, a="A", c="C"))
    assert without == {"a": whole["a"], "c": whole["b"], "rule": whole["rule"] - 36}
    assert tops(laid(made, c="C")) == {"c": whole["a"], "rule": whole["rule"] - 68}
    assert tops(laid(made)) == {"rule": to_dots(2000, parse_density(8))}
    # The picture is that of a template which has the lines there.
    moved = design(lines[0], {**lines[2], "y": 6000}, {**lines[3], "y": 10_500})
    assert draw(laid(made, a="A", c="C")) == draw(laid(moved, a="A", c="C"))


def test_a_text_that_print_when_leaves_out_collapses_too_and_spaces_are_empty() -> None:
    made = design(line("a", 2000, content="Lot", print_when="a not empty"), box("rule", 6000))
    assert tops(laid(made, a="x"))["rule"] == 48
    assert tops(laid(made))["rule"] == 16
    assert tops(laid(design(line("a", 2000), box("rule", 6000)), a="  "))["rule"] == 16


def test_an_empty_text_that_does_not_collapse_leaves_its_hole() -> None:
    made = design(line("a", 2000, collapse=False), box("rule", 6000))
    assert tops(laid(made))["rule"] == 48


def test_what_stands_beside_or_around_stays() -> None:
    made = design(
        line("a", 4000), box("below", 8000),
        box("beside", 8000, x=33_000, width=10_000),
        box("frame", 0, x=0, width=60_000, height=40_000, filled=False, thickness=250),
    )  # fmt: skip
    assert tops(laid(made)) == {"below": 32, "beside": 64, "frame": 0}


def test_a_line_moves_on_only_when_all_that_is_directly_above_it_made_room() -> None:
    made = design(
        line("a", 2000, width=10_000), line("b", 2000, x=14_000, width=10_000),
        box("rule", 6000),
    )  # fmt: skip
    full = {"rule": 48}
    assert tops(laid(made, a="A"))["rule"] == tops(laid(made, b="B"))["rule"] == full["rule"]
    # Two beside each other are one line, and not two lines' worth of room.
    assert tops(laid(made))["rule"] == 16


def test_a_whole_column_moves_whatever_the_width_of_what_carries_it() -> None:
    made = design(
        line("a", 2000, width=10_000), box("wide", 6000, width=50_000),
        box("right", 9000, x=40_000, width=12_000), box("far", 9000, x=53_000, width=5000),
    )  # fmt: skip
    assert tops(laid(made)) == {"wide": 16, "right": 40, "far": 72}


@pytest.mark.parametrize("density", [6, 8, 12, 24, "180dpi", "300dpi"])
def test_moving_ends_on_the_dot_of_the_text_that_is_gone(density: int | str) -> None:
    made = design(line("a", 2333), box("rule", 5777), box("last", 9111), density=density)
    whole, less = tops(laid(made, a="A")), tops(laid(made))
    assert less["rule"] == to_dots(2333, parse_density(density))
    assert whole["last"] - less["last"] == whole["rule"] - less["rule"]


def test_fixed_ink_that_moved_is_not_fixed_on_that_label() -> None:
    above = box("above", 0, height=1000)
    made = design(above, line("a", 2000), box("rule", 6000))
    whole, less = laid(made, a="A"), laid(made)
    assert {e.id: e.fixed for e in whole.elements} == {"above": True, "a": False, "rule": True}
    assert {e.id: e.fixed for e in less.elements} == {"above": True, "rule": False}
    assert whole.fixed_key == made.fixed_key != less.fixed_key
    # The key names the fixed ink itself: it is that of a label with nothing else fixed.
    assert less.fixed_key == design(above, line("a", 2000)).fixed_key == laid(made).fixed_key


@pytest.fixture
def judge() -> Iterator[Judge]:
    machine = Machine(
        Paper(), Make(density=8, head_width=4000, stock_width=4000), pace=Pace(speed_mm_s=0)
    )
    machine.start()
    yield Judge(machine)
    machine.stop()


def test_a_printer_that_keeps_fixed_ink_prints_moved_ink_where_it_moved(judge: Judge) -> None:
    made = design(
        line("a", 2000), line("b", 6000), noise("kept", 10_000), noise("too", 2000, x=40_000)
    )
    rows = [{"a": "A", "b": "B"}, {"a": "A"}, {"b": "B"}, {}, {"a": "Z", "b": "Z"}]
    labels = [laid(made, **row) for row in rows]
    pages = [encode(label, "exact", model()) for label in labels]
    assert len({stored.name for page in pages for stored in page.needs}) == 2
    assert [piece.tile for piece in judge.print_pages(pages)] == [draw(one) for one in labels]


def test_quiet_zones_are_checked_where_things_stand_after_moving() -> None:
    # The bars move up beside a heading that was clear of them.
    beside = box("beside", 2000, x=3500, width=1000, height=2000)
    made = design(beside, line("a", 2000, x=6000), code(6000, x=6000, module=250))
    assert refusal(made, a="A") is None
    refused = refusal(made)
    assert isinstance(refused, NotScannable)
    assert refused.detail == (
        "The Code 128 'code' needs 2.5 mm free left of it, and 'beside' stands there; move one of "
        "them."
    )


def test_a_conflict_that_moving_resolves_is_none() -> None:
    near = code(6000, x=6000, module=250, print_when="b not empty")
    other = box("beside", 10_000, x=3500, width=1000, print_when="b not empty")
    made = design(line("a", 2000, x=6000, height=4000), near, other)
    assert isinstance(refusal(made, a="A", b="B"), NotScannable)
    taller = design(line("a", 2000, x=6000, height=4000), {**near, "height": 4000}, other)
    assert refusal(taller, b="B") is None


def test_a_text_whose_letters_reach_over_its_place_does_not_leave_the_label_unseen() -> None:
    # The accents reach above the place: 6 mm down they have room, at the top of the label not.
    stacked = line("b", 6000, content="A\u0302\u0301", height=2600, size=2000)
    made = design(line("a", 0), stacked)
    assert refusal(made, a="A") is None
    refused = refusal(made)
    assert isinstance(refused, OffTheLabel)
    assert refused.facts["edge"] == "top"


def test_a_label_without_collapse_asks_nothing_about_it() -> None:
    made = design(line("a", 2000, collapse=False), box("rule", 6000))
    assert made._column is None
    laid(made)
    assert made._move.cache_info().misses == 0


def test_two_columns_that_shrink_unequally_do_not_run_into_each_other() -> None:
    left = [Area(0, 0, 10, 10), Area(0, 12, 10, 22)]
    right, below = Area(12, 0, 20, 10), Area(0, 24, 20, 34)
    # The left column would let it go to the top; the right one stands, a gap of 2 behind it.
    assert Column([*left, right, below], [*left, right, below]).moves({0, 1}) == (0, 12, 0, 12)
    assert Column([*left, right, below], [*left, right, below]).moves({0, 1, 2}) == (0, 12, 0, 24)


def test_commands_of_a_printer_stay_and_hold_up_what_is_below_them() -> None:
    lines = [Area(0, 10 * i, 10, 10 * i + 8) for i in range(3)]
    assert Column(lines, lines).moves({0}) == (0, 10, 10)
    assert Column(lines, lines, {1}).moves({0}) == (0, 0, 0)


def test_fixed_ink_is_looked_for_where_it_moved() -> None:
    aside = {"x": 2000, "width": 9000}
    made = design(
        line("a", 6000, **aside), box("rule", 20_000, **aside), code(5000, x=12_000, module=250)
    )
    assert refusal(made, a="A") is None
    refused = refusal(made)
    assert refused is not None
    assert refused.facts["other"] == "rule"


def test_how_near_moved_fixed_ink_is_is_told_from_where_it_moved() -> None:
    # A square code of 21 modules of 4 dots: 2 mm must be free below it, and a low line of
    # text leaves that, the rule in its place only 1 mm.
    qr = code(2000, symbology="qr", x=20_000, module=500, width=10_500, height=10_500)
    under = {"x": 20_000, "width": 10_500}
    made = design(
        {**qr, "content": "{b}"},
        line("a", 13_500, size=1000, valign="bottom", **under),
        box("rule", 20_000, **under),
    )
    assert refusal(made, a="A", b="SN-1") is None
    refused = refusal(made, b="SN-1")
    assert refused is not None
    facts = {key: refused.facts[key] for key in ("other", "side", "needed", "missing")}
    assert facts == {"other": "rule", "side": "bottom", "needed": 2000, "missing": 1000}


places = st.builds(
    lambda x, y, w, h: Area(x, y, x + w, y + h),
    st.integers(0, 50), st.integers(0, 90), st.integers(1, 30), st.integers(1, 20),
)  # fmt: skip


def meet(one: Area, other: Area) -> bool:
    return (
        one.left < other.right and other.left < one.right
        and one.top < other.bottom and other.top < one.bottom
    )  # fmt: skip


def raised(area: Area, up: int) -> Area:
    return area._replace(top=area.top - up, bottom=area.bottom - up)


@settings(max_examples=300)
@given(st.lists(places, min_size=1, max_size=9), st.data())
def test_nothing_that_moves_leaves_the_top_or_comes_to_stand_on_what_it_was_clear_of(
    areas: list[Area], data: st.DataObject
) -> None:
    collapsed = data.draw(st.sets(st.integers(0, len(areas) - 1)))
    up = Column(areas, areas).moves(collapsed)
    assert all(0 <= dots <= area.top for dots, area in zip(up, areas, strict=True))
    after = [raised(area, dots) for area, dots in zip(areas, up, strict=True)]
    shown = [i for i in range(len(areas)) if i not in collapsed]
    for i in shown:
        for j in shown:
            if i < j and not meet(areas[i], areas[j]):
                assert not meet(after[i], after[j])


@given(st.lists(places, max_size=9), st.data())
def test_what_has_no_collapsed_text_above_it_stays(areas: list[Area], data: st.DataObject) -> None:
    collapsed = data.draw(st.sets(st.integers(0, max(0, len(areas) - 1))))
    up = Column(areas, areas).moves(collapsed)
    lowest = min((areas[i].bottom for i in collapsed if i < len(areas)), default=1000)
    assert all(not dots for dots, area in zip(up, areas, strict=True) if area.top < lowest)
    assert Column(areas, areas).moves(()) == (0,) * len(areas)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=9), st.data())
def test_lines_of_a_column_close_up_as_if_the_empty_ones_were_not_there(
    lines: list[tuple[int, int]], data: st.DataObject
) -> None:
    areas = []
    top = 3
    for height, gap in lines:
        areas.append(Area(5, top, 20, top + height))
        top += height + gap
    collapsed = data.draw(st.sets(st.integers(0, len(lines) - 1)))
    up = Column(areas, areas).moves(collapsed)
    # Each line takes its height and the gap below it along, or away.
    due = 3
    for i, (height, gap) in enumerate(lines):
        assert areas[i].top - up[i] == due
        if i not in collapsed:
            due += height + gap


sides = st.integers(1000, 20_000)
texts = st.builds(
    lambda n, x, y, w, h, collapse, reverse, when, rotation: {
        "type": "text", "content": n, "x": x, "y": y, "width": w, "height": h, "size": 1500,
        "collapse": collapse, "reverse": reverse, "print_when": when, "rotation": rotation,
    },
    st.sampled_from(["{a}", "{b}", "{c}", "fixed", ""]), sides, sides, sides, sides,
    st.booleans(), st.booleans(), st.sampled_from(["", "d not empty"]),
    st.sampled_from([0, 90, 180, 270]),
)  # fmt: skip
shapes = st.builds(
    lambda kind, x, y, w, h: {"type": kind, "x": x, "y": y, "width": w, "height": h},
    st.sampled_from(["box", "ellipse", "line"]), sides, sides, sides, sides,
)  # fmt: skip
codes = st.builds(
    lambda x, y, content, text: {
        "type": "barcode", "symbology": "code128", "content": content, "x": x, "y": y,
        "width": 20_000, "height": 9000, "text": text,
    },
    sides, sides, st.sampled_from(["{d}", "SN-1"]), st.sampled_from(["none", "below"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(texts, shapes, codes), max_size=7),
    st.lists(
        st.fixed_dictionaries({name: st.sampled_from(["", " ", "A", "B1"]) for name in NAMES}),
        min_size=1, max_size=4,
    ),
    st.sampled_from([6, 8, "180dpi"]),
)  # fmt: skip
def test_whatever_collapses_check_and_lay_out_agree_and_the_dots_are_those_of_the_tiles(
    elements: list[dict[str, Any]], rows: list[dict[str, str]], density: int | str
) -> None:
    numbered = [{"id": f"e{i}", **element} for i, element in enumerate(elements)]
    try:
        made = design(*numbered, density=density)
    except GatewayError:
        return  # what is on every label does not fit
    ink: dict[str, object] = {}
    for row in rows:
        if refusal(made, **row) is not None:
            continue
        label = laid(made, **row)
        union = {
            (e.x + x, e.y + y)
            for e in label.elements
            for y, drawn in enumerate(e.tile.art().split("\n"))
            for x, dot in enumerate(drawn)
            if dot == "#"
        }
        art = draw(label).art().split("\n")
        assert union == {(x, y) for y, r in enumerate(art) for x, dot in enumerate(r) if dot == "#"}
        # Equal keys mean equal fixed ink.
        fixed = tuple((e.id, e.x, e.y, e.tile) for e in label.elements if e.fixed)
        assert ink.setdefault(label.fixed_key, fixed) == fixed
        # Moving changes no dot of a tile; only a code may get narrower bars to keep its distance.
        still = [{**e, "collapse": False} if e["type"] == "text" else e for e in numbered]
        try:
            unmoved = {e.id: e for e in laid(design(*still, density=density), **row).elements}
        except GatewayError:
            continue
        assert list(unmoved) == [e.id for e in label.elements]
        for element in label.elements:
            assert element.y <= unmoved[element.id].y or ":" in element.id
            if not isinstance(element, Barcode) and ":" not in element.id:
                assert (element.x, element.tile) == (
                    unmoved[element.id].x, unmoved[element.id].tile
                )  # fmt: skip
