"""What cannot be printed as it is, and the one touch that mends it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from gateway.templates.drafting import UTC, Head, Moment, Sketch, datetime, sketch
from gateway.units import parse_density

AT = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), UTC)


def drawn(*elements: dict[str, Any], density: int = 8) -> tuple[dict[str, Any], Sketch]:
    """Return a label of 60 × 40 mm with these elements, and its sketch."""
    document = {
        "name": "t", "size": {"width": 60000, "height": 40000},
        "fields": [{"name": "serial", "example": "SN-000123"}],
        "elements": [{"x": 10000, "y": 10000, "width": 40000, "height": 15000, "id": f"e{n}", **one}
                     for n, one in enumerate(elements)],
    }  # fmt: skip
    return document, again(document, density)


def again(document: dict[str, Any], density: int = 8) -> Sketch:
    """Return the sketch of a document."""
    return sketch(document, Head(parse_density(density)), {}, AT)


def mended(document: dict[str, Any], made: Sketch, problem: int, fix: int) -> Sketch:
    """Return the sketch after a fix was applied."""
    after = deepcopy(document)
    for name, keys in made.problems[problem].fixes[fix].set.items():
        next(one for one in after["elements"] if one["id"] == name).update(keys)
    return again(after)


CODE = {"type": "barcode", "symbology": "code128", "content": "{serial}"}
TEXT = {"type": "text", "content": "A torque wrench for both hands", "size": 5000}
LINE = {"type": "line", "width": 20000, "height": 500}

CASES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "too narrow": ([CODE | {"width": 20000}], ["width"]),
    "too low": ([CODE | {"height": 1000}], ["height"]),
    "a matrix that needs both": ([CODE | {"symbology": "qr", "width": 4000, "height": 3000}],
                                 ["size"]),
    "its bars are set too thin": ([CODE | {"module": 125}], ["module"]),
    "its bars are set too wide": ([CODE | {"module": 1000}], ["width", "module"]),
    "too near the left edge": ([CODE | {"x": 0}], ["move"]),
    "too near the right edge": ([CODE | {"x": 26000, "width": 34000, "align": "right"}], ["move"]),
    "a line beside it": ([CODE, LINE | {"x": 8000, "y": 12000, "width": 1000, "height": 9000,
                                        "direction": "|"}], ["move"]),
    "text for one line": ([TEXT], ["width", "height", "shrink"]),
    "turned": ([CODE | {"rotation": 90, "y": 4000, "width": 15000, "height": 20000}], ["height"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_fix_that_is_offered_mends_its_problem(name: str) -> None:
    elements, kinds = CASES[name]
    document, made = drawn(*elements)
    problem = made.problems[0]
    assert problem.element == "e0"
    assert {fix.kind for fix in problem.fixes} <= {*kinds, "move"}
    assert problem.fixes, problem.refusal.detail
    assert made.label is None
    for n in range(len(problem.fixes)):
        after = mended(document, made, 0, n)
        assert after.problems == (), problem.fixes[n]
        assert after.label is not None


def test_there_is_no_fix_where_a_person_must_think() -> None:
    _, made = drawn(CODE | {"content": "{serial}" * 30})
    assert made.problems[0].element == "e0"
    assert made.problems[0].fixes == ()


def test_what_is_refused_is_drawn_by_itself_as_far_as_that_goes() -> None:
    _, alone = drawn(CODE)
    _, made = drawn(CODE, TEXT | {"x": 15000, "y": 12000, "width": 9000, "height": 7000,
                                  "content": "x"})  # fmt: skip
    assert made.label is None
    assert made.problems[0].element == "e0"
    first, second = made.elements
    assert [(p.dx, p.dy, p.element.tile) for p in first.parts] == [
        (p.dx, p.dy, p.element.tile) for p in alone.elements[0].parts
    ]
    assert len(second.parts) == 1


def test_a_label_wider_than_the_head_is_shown_and_said() -> None:
    document, _ = drawn(CODE)
    made = sketch(document, Head(parse_density(8), 400), {}, AT)
    assert [problem.element for problem in made.problems] == [None]
    assert "wider than the print head" in made.problems[0].refusal.detail
    assert made.elements[0].parts
    assert made.label is None


def test_an_element_of_no_kind_and_a_name_that_comes_twice_blank_nothing() -> None:
    _, made = drawn(CODE, {"type": "circle"}, CODE | {"id": "e0", "y": 26000, "height": 9000})
    assert [problem.element for problem in made.problems] == ["e1", "e0"]
    assert "did you mean" in made.problems[0].refusal.detail or "expected one of" in (
        made.problems[0].refusal.detail
    )
    assert [one.id for one in made.elements] == ["e0"]
    assert made.elements[0].module == 2


def test_what_is_refused_is_drawn_by_itself_also_for_a_head_as_wide_as_the_label() -> None:
    document, _ = drawn(CODE | {"x": 0})
    made = sketch(document, Head(parse_density(8), 480), {}, AT)
    (code,) = made.elements
    assert [problem.element for problem in made.problems] == ["e0"]
    assert sum(byte.bit_count() for part in code.parts for byte in part.element.tile.ink) > 1000
