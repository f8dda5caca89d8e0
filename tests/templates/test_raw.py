"""Commands of a printer's language inside a template: sent as they are, or refused with why."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.drivers.languages import LANGUAGES, Mode, Model, load_language
from gateway.drivers.virtual.preview import draw_commands
from gateway.errors import TemplateRefused
from gateway.label import Commands, Label, Tile, draw, move, side_by_side
from gateway.templates.document import parse_template, template_schema
from gateway.templates.layout import UTC, Head, Moment, compile_template, datetime
from gateway.units import parse_density

NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)
EIGHT = parse_density(8)
CODE = "^FO40,80^BY3^BMN,B,60,N^FD12345^FS"


def document(commands: object, **more: object) -> dict[str, Any]:
    raw = {"type": "raw", "id": "code", "x": 5000, "y": 10_000, "width": 20_000, "height": 8000}
    return {
        "name": "msi",
        "size": {"width": 50_000, "height": 25_000},
        "elements": [
            {"type": "box", "id": "frame", "x": 0, "y": 0, "width": 50_000, "height": 25_000},
            raw | {"language": "zpl", "commands": commands} | more,
        ],
    }


def laid_out(commands: str, density: object = 8) -> Label:
    design = compile_template(parse_template(document(commands)), Head(parse_density(density)))
    return design.lay_out(design.bind({}, NOON, {}))


def model(language: str, *, keeps: bool = True) -> Model:
    return Model("any", "Any", language, EIGHT, head_dots=832, keeps=keeps)


def paper(body: bytes) -> tuple[Tile, tuple[str, ...]]:
    """What a virtual ZPL printer prints on 50 × 25 mm, and what it does not understand."""
    [drawn] = draw_commands("zpl", body, width_mm=50, height_mm=25)
    return Tile(drawn.tile.width, drawn.tile.height, drawn.tile.to_bytes()), drawn.unknown


@pytest.mark.parametrize("mode", ["exact", "native"])
@pytest.mark.parametrize("keeps", [True, False])
def test_a_zpl_printer_gets_the_commands_as_they_are(mode: Mode, keeps: bool) -> None:
    page = load_language("zpl").encode(laid_out(CODE), mode, model("zpl", keeps=keeps))
    assert page.body.endswith(CODE.encode() + b"^XZ")
    assert "code" in page.approximate
    stored = b"".join(one.payload for one in page.needs)
    printed, unknown = paper(stored + page.body)
    # The frame comes from the template, the bars from the commands.
    alone, _ = paper(b"^XA^PW400^LL200^FO0,0^GB400,200,2^FS" + CODE.encode() + b"^XZ")
    assert (printed, unknown) == (alone, ())


def test_commands_do_not_go_on_from_what_stood_before_them() -> None:
    twice = document("^LH60,0^BY4^CFB^FO9,9^BMN,B,60,N^FD12345^FS")
    twice["elements"].append(twice["elements"][1] | {"id": "other", "commands": CODE[:-3]})
    design = compile_template(parse_template(twice), Head(EIGHT))
    label = design.lay_out(design.bind({}, NOON, {}))
    body = load_language("zpl").encode(label, "exact", model("zpl", keeps=False)).body
    expected = (
        b"^XA^PW400^LL200^FO0,0^GB400,200,2^FS^LH0,0" + CODE.encode()
        + b"^LH60,0^BY4^FO9,9^BMN,B,60,N^FD12345^FS^XZ"
    )  # fmt: skip
    assert paper(body)[0] == paper(expected)[0]


@pytest.mark.parametrize(
    ("left", "after"),
    [
        ("^LRY", "^FO200,20^GB60,60,60^FS^FO220,30^GB60,20,20^FS"),
        ("^FWR", "^FO200,20^A0,30^FDAb^FS"),
        ("^CI13", "^FO200,20^A0N,30^FD\u00c4^FS"),
        ("^BY5,2,60", "^FO20,100^BC,,N^FD12^FS"),
        ("^CF0,60", "^FO200,20^FDAb^FS"),
    ],
)
def test_what_commands_set_is_set_again_before_the_next(left: str, after: str) -> None:
    first = f"{left}^FO9,9^GB9,9^FS"
    two = document(first)
    two["elements"].append(two["elements"][1] | {"id": "other", "commands": after})
    design = compile_template(parse_template(two), Head(EIGHT))
    label = design.lay_out(design.bind({}, NOON, {}))
    body = load_language("zpl").encode(label, "exact", model("zpl", keeps=False)).body
    wanted = f"^XA^PW400^LL200^CI28^FO0,0^GB400,200,2^FS^FO9,9^GB9,9^FS{after}^XZ".encode()
    spoiled = f"^XA^PW400^LL200^CI28^FO0,0^GB400,200,2^FS{first}{after}^XZ".encode()
    assert paper(body)[0] == paper(wanted)[0]
    assert paper(spoiled)[0] != paper(wanted)[0]


def test_commands_are_printed_only_when_their_condition_holds() -> None:
    more = document(CODE, print_when="kind == 'msi'") | {"fields": [{"name": "kind"}]}
    design = compile_template(parse_template(more), Head(EIGHT))
    for kind, sent in (("msi", True), ("none", False)):
        label = design.lay_out(design.bind({"kind": kind}, NOON, {}))
        body = load_language("zpl").encode(label, "native", model("zpl")).body
        assert (CODE.encode() in body) is sent


def test_what_moves_a_label_moves_its_commands() -> None:
    label = laid_out(CODE)
    moved = move(label, 16, 8)
    assert [one.home for one in moved.elements if isinstance(one, Commands)] == [(16, 8)]
    body = load_language("zpl").encode(moved, "exact", model("zpl", keeps=False)).body
    expected = b"^XA^PW400^LL200^FO16,8^GB400,200,2^FS^LH16,8" + CODE.encode() + b"^XZ"
    assert paper(body)[0] == paper(expected)[0]
    roll = side_by_side((label, label), 60_000)
    homes = [one.home for one in roll.elements if isinstance(one, Commands)]
    assert homes == [(0, 0), (480, 0)]


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "zpl"])
def test_commands_leave_no_ink_where_their_language_is_not_spoken(language: str) -> None:
    label = laid_out(CODE)
    bare = Label(label.width, label.height, label.density, label.elements[:1], label.fixed_key)
    assert draw(label) == draw(bare)
    if language == "brother-ql":
        return  # its printers print on stock of their own sizes only
    mode: Mode
    for mode in ("exact", "native"):
        page = load_language(language).encode(label, mode, model(language))
        assert page == load_language(language).encode(bare, mode, model(language))


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"commands": "^FO9,9^FDx^FS^XZ^XA"},
            "elements[1].commands: Command ^XZ at byte 13 is about the whole label or the printer, "
            "which the template decides; remove it.",
        ),
        (
            {"commands": "^FO9,9^FDx^FS~JR"},
            "elements[1].commands: Command ~JR at byte 13 resets the printer, cancels labels or "
            "moves the paper; remove it from the document.",
        ),
        (
            {"commands": "^FO9,9^FDx^FS\x03"},
            "elements[1].commands: Command ^XZ at byte 13 is about the whole label or the printer, "
            "which the template decides; remove it.",
        ),
        (
            {"commands": "^FO9,9^FDx^FS^PQ5"},
            "elements[1].commands: Command ^PQ at byte 13 is about the whole label or the printer, "
            "which the template decides; remove it.",
        ),
        (
            {"commands": "^FO9,9^FN1^FDx^FS"},
            "elements[1].commands: Command ^FN at byte 6 is about the whole label or the printer, "
            "which the template decides; remove it.",
        ),
        (
            {"commands": "^FO9,9^FDx^FS^JUS"},
            "elements[1].commands: Command ^JU at byte 13 saves or changes the printer's "
            "configuration; remove it from the document.",
        ),
        (
            {"commands": "^FO9,9^FDa~JRb^FS"},
            "elements[1].commands: Command ~JR at byte 10 resets the printer, cancels labels or "
            "moves the paper; remove it from the document.",
        ),
        (
            {"commands": "^FO9,9^GFB,8,8,1,~JR^XZ~~^FS"},
            "elements[1].commands: The picture ^GF at byte 6 is binary; write it in hexadecimal "
            "(^GFA).",
        ),
        (
            {"commands": "^FO9,9^FDx^FS^CC+"},
            "elements[1].commands: Command ^CC at byte 13 changes the sign that begins commands; "
            "write the document with ^, ~ and comma.",
        ),
        (
            {"commands": "^FO9,9^FDx^FS^DFE:A.ZPL"},
            "elements[1].commands: Command ^DF at byte 13 writes E:A.ZPL to the printer's "
            "permanent memory; keep the format in R:.",
        ),
        (
            {"commands": '! U1 setvar "x" "y"\r\n^FO9,9^FDx^FS'},
            "elements[1].commands: The document holds a printer setting command (! U) at byte 0; "
            "remove it from the document.",
        ),
        (
            {"commands": "x^FO9,9^FDx^FS"},
            "elements[1].commands: The commands do not begin with a command of ZPL, such as "
            "^FO10,10.",
        ),
        (
            {"commands": "^FO9,9^BY3"},
            "elements[1].commands: The commands draw nothing: none of them is ^FD, ^GB or another "
            "of those.",
        ),
        (
            {"rotation": 90},
            "elements[1].rotation is 90; expected 0: printer commands turn what they draw "
            "themselves.",
        ),
        (
            {"density": 900},
            "elements[1].density: 900 is not a density; give dots per millimetre as a whole number "
            'such as 8 or 12, or dots per inch as "180dpi".',
        ),
        (
            {"language": "tspl"},
            "elements[1].language is \"tspl\"; expected 'zpl'.",
        ),
    ],
)
def test_commands_that_are_about_more_than_a_field_are_refused(
    more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(TemplateRefused) as refused:
        parse_template(document(**{"commands": CODE} | more))
    assert refused.value.detail == sentence


def test_the_schema_knows_commands() -> None:
    known = template_schema()["$defs"]["RawDocument"]["properties"]
    assert {"type", "language", "commands", "density", "print_when"} <= set(known)
