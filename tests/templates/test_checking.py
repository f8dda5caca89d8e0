"""A label checked with every record: each element with all it refuses, the codes read as drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.codes.symbology import SYMBOLOGIES
from gateway.errors import CodeRefused, FieldRefused, GlyphMissing, NotScannable, TextDoesNotFit
from gateway.label import Barcode, Box, Label, Tile
from gateway.templates.binding import Moment
from gateway.templates.checking import MOST_OFFENDERS, Checker, read_code
from gateway.templates.document import parse_template
from gateway.templates.layout import Head, compile_template
from gateway.units import parse_density

AT = Moment(datetime(2026, 11, 22, 9, tzinfo=UTC), UTC)


def template(*elements: dict[str, Any], **more: Any) -> Any:
    fields = [
        {"name": "serial", "required": True, "max_length": 60},
        {"name": "name"},
        {"name": "ean"},
    ]
    return parse_template(
        {"name": "t", "size": {"width": 60_000, "height": 40_000}, "fields": fields,
         "elements": list(elements)} | more
    )  # fmt: skip


def text(**more: Any) -> dict[str, Any]:
    return {"type": "text", "id": "name", "content": "{name}", "size": 4000, "x": 1000, "y": 1000,
            "width": 30_000, "height": 5000} | more  # fmt: skip


def code(**more: Any) -> dict[str, Any]:
    return {"type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
            "x": 5000, "y": 10_000, "width": 50_000, "height": 10_000} | more  # fmt: skip


EAN = {"type": "barcode", "id": "ean", "symbology": "ean13", "content": "{ean}",
       "print_when": "ean not empty", "x": 5000, "y": 24_000, "width": 50_000,
       "height": 12_000}  # fmt: skip


def checked(label: Any, rows: list[dict[str, str]], density: int = 8, **head: Any) -> Checker:
    checker = Checker(label, Head(parse_density(density), **head), AT)
    for number, row in enumerate(rows, 1):
        checker.look(number, row.get("serial", ""), row)
    return checker


def told(checker: Checker) -> list[tuple[str, type[Exception], int, int]]:
    return [(one.element, one.cause, one.count, one.of) for one in checker.findings()]


def test_each_element_is_told_with_all_its_records_and_the_longest() -> None:
    rows = [{"serial": f"SN-{n}", "name": "Wrench"} for n in range(300)]
    long = [f"A name that is too long, by {'x' * n}" for n in range(1, 31)]
    rows += [{"serial": f"SN-{300 + n}", "name": name} for n, name in enumerate(long)]
    rows += [{"serial": "S" * 45, "name": long[3]} for _ in range(10)]
    rows += [{"name": "no serial"}]
    checker = checked(template(text(), code()), rows)
    assert told(checker) == [
        ("name", TextDoesNotFit, 40, 341),
        ("code", NotScannable, 10, 341),
        ("", FieldRefused, 1, 341),
    ]
    name, bars, field = checker.findings()
    assert (name.longest.value, name.longest.number) == (long[-1], 330)
    assert len(name.offenders) == MOST_OFFENDERS
    assert [(one.number, one.title) for one in name.offenders[:2]] == [
        (301, "SN-300"), (302, "SN-301"),
    ]  # fmt: skip
    assert [one.number for one in bars.offenders] == list(range(331, 341))
    assert field.offenders[0].refusal.facts["field"] == "serial"


def test_a_missing_glyph_and_a_wrong_check_digit_are_told_apart() -> None:
    rows = [
        {"serial": "1", "ean": "6291041500213"},
        {"serial": "2", "ean": "6291041500218"},
        {"serial": "3", "ean": "62910"},
        {"serial": "4", "name": "⭐" * 3 + "\U0001f9ff"},
    ]
    checker = checked(template(text(), code(), EAN), rows)
    assert {(e, cause) for e, cause, _, _ in told(checker)} == {
        ("ean", CodeRefused), ("name", GlyphMissing),
    }  # fmt: skip
    digits = {one.check_digit: one for one in checker.findings() if one.element == "ean"}
    assert [one.title for one in digits[True].offenders] == ["2"]
    assert "give '6291041500213' if only the last digit is wrong" in (
        digits[True].longest.refusal.detail
    )
    assert [one.title for one in digits[False].offenders] == ["3"]


def test_what_no_record_changes_is_told_once_and_the_rest_is_looked_at() -> None:
    wide = text(id="fixed", content="Always too long for so narrow a place", width=9000)
    checker = checked(template(wide, code()), [{"serial": "S" * n} for n in (5, 6, 50)], width=8)
    assert told(checker)[0][:2] == ("", checker.findings()[0].cause)
    found = {(one.element, one.always): one.count for one in checker.findings()}
    assert found == {("", True): 3, ("fixed", True): 3, ("code", False): 1}


def inked(label: Label, x: int, y: int, width: int, height: int) -> Label:
    """Return the label with a black rectangle on it."""
    stride = (width + 7) // 8
    line = ((1 << width) - 1 << 8 * stride - width).to_bytes(stride, "big")
    box = Box("box", x, y, 0, Tile(width, height, line * height), fixed=True)
    return replace(label, elements=(*label.elements, box))


def test_a_refused_text_that_collapses_lets_nothing_else_move_up() -> None:
    # Moved up by 6 mm, the code would stand at the label's edge, without its quiet zone.
    first = text(collapse=True, y=0, height=6000)
    square = code(symbology="qr", x=5000, y=6000, width=25_000, height=25_000, align="left",
                  valign="top")  # fmt: skip
    rows = [{"serial": "SN-1", "name": "A name that is much too long for it"}]
    assert told(checked(template(first, square), rows)) == [("name", TextDoesNotFit, 1, 1)]
    assert told(checked(template(first, square), [{"serial": "SN-1"}])) == [
        ("code", NotScannable, 1, 1)
    ]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("symbology", "content"),
    [("code128", "SN-000123"), ("ean13", "629104150021"), ("upca", "03600029145"),
     ("upce", "0425261"), ("qr", "Größe 5"), ("datamatrix", "A-01"), ("pdf417", "PDF417 here"),
     ("gs1-128", "(01)04012345678901(21)7"), ("itf14", "1540014128876")],
)  # fmt: skip
def test_a_code_is_read_as_it_stands_on_the_label(
    symbology: str, content: str, rotation: int
) -> None:
    sizes: dict[str, Any] = {"width": 45_000, "height": 45_000, "x": 8000, "y": 8000}
    element = code(symbology=symbology, content=content, rotation=rotation, **sizes)
    label_of = template(element, size={"width": 61_000, "height": 61_000})
    design = compile_template(label_of, Head(parse_density(8)))
    label = design.lay_out(design.bind({"serial": "1"}, AT, {}))
    drawn = next(one for one in label.elements if isinstance(one, Barcode))
    assert (
        read_code(label, drawn)
        == SYMBOLOGIES[symbology].encode(content, label_of.elements[0].options).content
    )
    width, height = drawn.tile.width, drawn.tile.height
    # Ink over the middle of the bars, all their length: no reader sees through it.
    if rotation in (0, 180):
        struck = inked(label, drawn.x + width // 5, drawn.y, width * 6 // 10, height)
    else:
        struck = inked(label, drawn.x, drawn.y + height // 5, width, height * 6 // 10)
    assert read_code(struck, drawn) != drawn.content


def test_a_code_that_reads_as_something_else_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.templates.checking.read_ink", lambda *_: "OTHER")
    rows = [{"serial": f"SN-{n:03}"} for n in range(40)] + [{"serial": "LONGER-ONE"}]
    checker = checked(template(code()), rows)
    # The first ten are drawn, and one of each shape behind them.
    assert told(checker) == [("code", NotScannable, 11, 41)]
    values = [one.value for one in checker.findings()[0].offenders]
    assert values == [*(f"SN-{n:03}" for n in range(10)), "LONGER-ONE"]
    assert checker.findings()[0].longest.refusal.facts["read"] == "OTHER"
