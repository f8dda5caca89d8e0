from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.errors import ExpressionRefused, Refused, TemplateRefused
from gateway.templates.document import parse_template, template_schema
from gateway.templates.model import BarcodeElement, ImageElement, TextElement

GOOD: dict[str, Any] = {
    "name": "bin",
    "size": {"width": 50000, "height": 25000},
    "fields": [{"name": "serial", "required": True}, {"name": "made", "type": "date"}],
    "counters": [{"name": "number"}],
    "elements": [
        {"type": "text", "id": "t", "content": "{serial} {number}", "x": 0, "y": 0,
         "width": 30000, "height": 6000, "size": 4000},
        {"type": "barcode", "id": "b", "symbology": "code128", "content": "{serial}", "x": 5000,
         "y": 8000, "width": 40000, "height": 10000},
        {"type": "box", "id": "x", "x": 0, "y": 0, "width": 50000, "height": 25000},
    ],
}  # fmt: skip


def changed(path: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    here: Any = document
    *way, last = path.split(".")
    for step in way:
        here = here[int(step)] if step.isdigit() else here[step]
    if value is ...:
        del here[last]
    else:
        here[int(last) if last.isdigit() else last] = value
    return document


def test_bytes_text_and_objects_are_one_template() -> None:
    text = json.dumps(GOOD)
    one, two, three = parse_template(GOOD), parse_template(text), parse_template(text.encode())
    assert one.version == two.version == three.version
    assert (one.name, one.title, one.width, one.mode) == ("bin", "bin", 50000, "exact")
    assert parse_template(one.document).version == one.version


def test_the_version_names_what_prints_and_not_how_the_json_was_written() -> None:
    version = parse_template(GOOD).version
    turned = json.dumps(dict(reversed(GOOD.items())), indent=3)
    assert parse_template(turned).version == version
    assert parse_template(changed("elements.0.rotation", 0)).version == version
    # What is left out stays out, so that a default of tomorrow does not rename today's template.
    assert "rotation" not in parse_template(changed("elements.0.rotation", 0)).document
    assert parse_template(changed("elements.0.rotation", 90)).version != version
    assert parse_template(changed("elements.0.x", 1)).version != version


def test_a_template_stored_before_a_key_was_known_keeps_its_version() -> None:
    template = parse_template(GOOD)
    assert template.document == json.dumps(GOOD, sort_keys=True, separators=(",", ":"))
    # Printed labels name their template by this.
    assert template.version == "8718e102f0366846b3e743955e67944058b1e67c459b7427249e7308eb6e26ee"
    plain = {"title": "", "group": "", "locked": False}
    spelt = copy.deepcopy(GOOD) | {"about": ""}
    for element in spelt["elements"]:
        element.update(plain)
    spelt["elements"][0] |= {"reverse": False, "collapse": False}
    assert parse_template(spelt).version == template.version


def test_an_element_outside_the_stock_says_how_far_to_move_it() -> None:
    for path, value, edge, over in (
        ("elements.0.x", 20_500, "right", 500), ("elements.1.height", 18_000, "bottom", 1000)
    ):  # fmt: skip
        with pytest.raises(TemplateRefused) as refused:
            parse_template(changed(path, value))
        facts = refused.value.facts
        assert (facts["element"], facts["edge"], facts["over"]) == (
            GOOD["elements"][int(path.split(".")[1])]["id"], edge, over
        )  # fmt: skip


def test_what_an_editor_keeps_of_an_element_is_read() -> None:
    document = changed("about", "serial")
    document["elements"][0] |= {"reverse": True, "collapse": True}
    document["elements"][2] |= {"title": "Frame", "group": "head", "locked": True}
    template = parse_template(document)
    heading, code, frame = template.elements
    assert template.about == "serial"
    assert isinstance(heading, TextElement)
    assert (heading.reverse, heading.collapse, heading.title) == (True, True, "t")
    assert (code.title, code.group, code.locked) == ("b", "", False)
    assert (frame.title, frame.group, frame.locked) == ("Frame", "head", True)


@pytest.mark.parametrize("dither", ["threshold", "floyd-steinberg", "ordered", "atkinson"])
def test_a_picture_says_how_its_greys_become_dots(dither: str) -> None:
    picture = {"type": "image", "id": "logo", "x": 0, "y": 0, "width": 9000, "height": 9000,
               "picture": "asset:" + "0" * 64, "dither": dither}  # fmt: skip
    element = parse_template(changed("elements", [picture])).elements[0]
    assert isinstance(element, ImageElement)
    assert element.dither == dither


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("about", "shelf", "about is \"shelf\"; expected '', 'serial', 'item', 'lot', 'location' "
         "or 'party'."),
        ("elements.1.collapse", True, "elements[1].collapse is not known there; remove it."),
        ("elements.0.group", 7, "elements[0].group is 7; expected a valid string."),
        ("elements.2.width", "wide", 'elements[2].width is "wide"; expected a valid integer '
         "(lengths are whole micrometres)."),
        ("elements.2.width", 10.5, "elements[2].width is 10.5; expected a valid integer (lengths "
         "are whole micrometres)."),
        ("elements.2.width", ..., "elements[2].width is missing; the template cannot do without "
         "it."),
        ("elements.2.thicknes", 5, "elements[2].thicknes is not known there; did you mean "
         "'thickness'?"),
        ("elements.0.type", "txt", "elements[0].type is 'txt'; expected one of text, barcode, "
         "image, box, line, ellipse, raw; did you mean 'text'?"),
        ("elements.0.type", ..., "elements[0].type is missing; expected one of text, barcode, "
         "image, box, line, ellipse, raw."),
        ("elements.0.rotation", 45, "elements[0].rotation is 45; expected 0, 90, 180 or 270."),
        ("sise", 1, "sise is not known there; did you mean 'size'?"),
        ("size", 7, "size is 7; expected an object."),
        ("elements.1.symbology", "code-128", "elements[1].symbology is 'code-128'; expected one of "
         f"{', '.join(SYMBOLOGIES)}; did you mean 'code128'?"),
        ("elements.1.id", "t", "elements[1].id is 't', which elements[0] has already; every "
         "element needs an id of its own."),
        ("elements.2.x", 1000, "elements[2] ('x') ends 51000 µm from the left and 25000 µm from "
         "the top, outside the stock of 50000 × 25000 µm; move it or make it smaller."),
        ("elements.0.min_size", 5000, "elements[0].min_size is 5000; expected at most size, 4000."),
        ("counters.0.name", "serial", "counters has 'serial', which another field or counter has "
         "already; choose another name."),
        ("fields.0.name", "today", "fields has 'today', which always means the time of acceptance; "
         "choose another name."),
        ("fields.0.pattern", "(a+)+", "fields[0].pattern '(a+)+' repeats a group that itself "
         "repeats or branches, which can take for ever on some values; write it without repeating "
         "the group."),
        ("fields.0.pattern", "[", "fields[0].pattern '[' is no regular expression: unterminated "
         "character set at position 0."),
        ("fields.1.example", "soon", "fields[1].example is no value of its own field: Field 'made' "
         "is 'soon'; expected a date as YYYY-MM-DD, such as 2026-01-31."),
        ("fields.0.default", "x", "fields[0] is required and has the default 'x'; drop one of the "
         "two."),
    ],
)  # fmt: skip
def test_a_wrong_document_is_refused_with_its_path(path: str, value: object, sentence: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        parse_template(changed(path, value))
    assert refused.value.detail == sentence


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"symbology": "code128", "columns": 3}, "elements[1].columns is 3, and Code 128 has no "
         "such option; its own: none."),
        ({"symbology": "aztec", "error_correction": "H"}, 'elements[1].error_correction is "H", '
         "and Aztec code has no such option; its own: error_percent."),
        ({"symbology": "aztec", "error_percent": 25}, "elements[1].error_percent is 25; expected "
         "10, 23, 36 or 50."),
        ({"symbology": "micropdf417", "columns": 5}, "elements[1].columns is 5; expected 1 to 4 "
         "for MicroPDF417."),
        ({"symbology": "pdf417", "row_height": 2}, "elements[1].row_height is 2; expected 3 to 10 "
         "for PDF417."),
        ({"symbology": "pdf417", "rows": 91}, "elements[1].rows is 91; expected less than or equal "
         "to 90."),
        ({"symbology": "databar-expanded-stacked", "segments": 5}, "elements[1].segments is 5; "
         "expected a multiple of 2."),
        ({"symbology": "micro-qr", "error_correction": "H"}, 'elements[1].error_correction is "H";'
         " expected L, M or Q for Micro QR code."),
    ],
)  # fmt: skip
def test_an_option_the_symbology_does_not_have_is_refused(
    options: dict[str, object], sentence: str
) -> None:
    document = copy.deepcopy(GOOD)
    document["elements"][1] |= options
    with pytest.raises(TemplateRefused) as refused:
        parse_template(document)
    assert refused.value.detail == sentence


def test_the_options_of_a_symbology_are_kept() -> None:
    document = copy.deepcopy(GOOD)
    chosen = {"symbology": "pdf417", "columns": 4, "rows": 9, "row_height": 4, "security_level": 3}
    document["elements"][1] |= chosen
    element = parse_template(document).elements[1]
    assert isinstance(element, BarcodeElement)
    assert element.options == Options(columns=4, rows=9, row_height=4, security_level=3)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("elements.0.content", "{seriel}", "elements[0].content: 'seriel' is no field or counter "
         "of this template; did you mean 'serial'?"),
        ("elements.0.content", "{serial|date:YY}", "elements[0].content: 'serial' is used as a "
         "date, but its type is 'text'; make it a field of type 'date'."),
        ("elements.0.print_when", "sirial empty", "elements[0].print_when: 'sirial' is no field or "
         "counter of this template; did you mean 'serial'?"),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_refused_with_its_path(
    path: str, value: object, sentence: str
) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_template(changed(path, value))
    assert refused.value.detail == sentence


@pytest.mark.parametrize("path", ["name", "elements.0.content", "fields.0.example", "\ud800"])
def test_what_is_said_of_lone_surrogates_can_be_sent(path: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_template(changed(path, "a\ud800"))
    said = json.dumps([refused.value.detail, refused.value.facts], ensure_ascii=False)
    assert said.encode().decode() == said


@pytest.mark.threat("T13")
def test_limits_hold() -> None:
    box = GOOD["elements"][2]
    many = [{**box, "id": f"e{i}"} for i in range(501)]
    assert len(parse_template({**GOOD, "elements": many[:500]}).elements) == 500
    with pytest.raises(TemplateRefused, match="elements is too long: expected at most 500, got 50"):
        parse_template({**GOOD, "elements": many})
    with pytest.raises(TemplateRefused, match="expected at most 4096, got 4097"):
        parse_template(changed("elements.0.content", "a" * 4097))
    with pytest.raises(TemplateRefused, match="nested too deeply"):
        parse_template("[" * 100_000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The template is no JSON at line 1, column 2: Expecting property name enclosed in "
         "double quotes."),
        (b"\xff\xfe", "The template is not UTF-8 text; save it as UTF-8."),
        ('{"name": "a", "name": "b"}', "The key 'name' stands twice in one object of the template; "
         "remove one of them."),
        ("7", "The template is 7; expected an object."),
    ],
)  # fmt: skip
def test_what_is_no_template_at_all_is_refused(text: str | bytes, sentence: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        parse_template(text)
    assert refused.value.detail == sentence


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(
    st.sampled_from(["name", "size", "fields", "elements", "elements.0", "elements.0.content",
                     "elements.1.width", "fields.0", "counters", "mode", "elements.0.font"]),
    json_values,
)  # fmt: skip
def test_nothing_that_is_json_is_more_than_refused(path: str, value: object) -> None:
    try:
        template = parse_template(changed(path, value))
    except Refused as refusal:
        again, version = refusal.detail[-1], refusal.detail[-1]
        assert again in ".?)"
    else:
        again, version = parse_template(template.document).version, template.version
    assert again == version


def test_the_schema_names_every_element_and_symbology() -> None:
    schema = template_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    kinds = schema["properties"]["elements"]["items"]["discriminator"]["mapping"]
    assert sorted(kinds) == ["barcode", "box", "ellipse", "image", "line", "raw", "text"]
    barcode = schema["$defs"]["BarcodeDocument"]["properties"]
    assert barcode["symbology"]["enum"] == sorted(SYMBOLOGIES)
    schema.clear()
    assert template_schema() != {}
