from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.errors import OffTheLabel
from gateway.label import Barcode, Label, draw
from gateway.scanners.calibration import CODES
from gateway.templates.builtin import builtin_templates
from gateway.templates.layout import Design, Head, Moment, compile_template
from gateway.units import parse_density

TEMPLATES = builtin_templates()
NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)


def rows(name: str) -> list[dict[str, str]]:
    """Return the fullest and the barest row of a template."""
    example = TEMPLATES[name].example()
    required = {f.name for f in TEMPLATES[name].fields if f.required}
    return [example, {key: value for key, value in example.items() if key in required}]


def decoded(label: Label) -> list[str]:
    tile = draw(label)
    ink = Image.frombytes("1", (tile.width, tile.height), tile.ink).convert("L")
    found = zxingcpp.read_barcodes(ImageChops.invert(ink), text_mode=zxingcpp.TextMode.Plain)
    return sorted(str(code.text) for code in found)


@pytest.mark.parametrize("density", [8, 12, 24, "180dpi"])
@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_code_of_every_template_decodes_full_and_bare(name: str, density: int | str) -> None:
    if (name, density) == ("shipping-label", 24):
        # 4 × 6 inches are more dots there than a label may have.
        with pytest.raises(OffTheLabel, match="2438 × 3658 dots"):
            compile_template(TEMPLATES[name], Head(parse_density(density)))
        return
    made = compile_template(TEMPLATES[name], Head(parse_density(density)))
    for data in rows(name):
        label = made.lay_out(made.bind(data, NOON, {}))
        codes = [e.content for e in label.elements if isinstance(e, Barcode)]
        assert len(codes) == 1
        assert decoded(label) == codes


def test_the_serial_label_prints_the_serial_and_only_what_is_given() -> None:
    made = compile_template(TEMPLATES["serial-label"], Head(parse_density(8)))
    texts = {}
    for given in ({}, {"item": "HT-9000"}, {"name": "Wrench"}, {"item": "HT-9000", "name": "W"}):
        label = made.lay_out(made.bind({"serial": "SN-7", **given}, NOON, {}))
        assert (label.width, label.height) == (800, 400)
        assert decoded(label) == ["SN-7"]
        texts[tuple(given)] = [line for e in label.elements for line in getattr(e, "lines", ())]
    assert texts == {
        (): ["SN-7"],
        ("item",): ["HT-9000", "SN-7"],
        ("name",): ["Wrench", "SN-7"],
        ("item", "name"): ["W", "HT-9000", "SN-7"],
    }


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_long_values_shrink_before_they_are_refused(name: str) -> None:
    made = compile_template(TEMPLATES[name], Head(parse_density(8)))
    data = rows(name)[0]
    for field in TEMPLATES[name].fields:
        if field.type == "text" and field.pattern is None and not field.required:
            data[field.name] = "Wide words twice"[: field.max_length]
    made.check(made.bind(data, NOON, {}))


def test_the_dots_are_the_same_on_every_machine() -> None:
    # Hash of the drawn labels: FreeType, HarfBuzz and the fonts come with the packages, so another
    # machine, or another version of them, must not move a dot unnoticed.
    digests = {}
    for name in sorted(TEMPLATES):
        made = compile_template(TEMPLATES[name], Head(parse_density(8)))
        tile = draw(made.lay_out(made.bind(rows(name)[0], NOON, {})))
        digests[name] = (tile.count(), hashlib.sha256(tile.ink).hexdigest()[:16])
    assert digests == GOLDEN


GOLDEN = {
    "asset-tag": (13777, "2ddcbf651844d1b8"),
    "badge": (70694, "1efbff4def4e15d8"),
    "command": (52059, "162c5cf6f10ef248"),
    "item-label": (31835, "46b9a7932fe0ae0f"),
    "location-label": (77276, "8769a0aca841f565"),
    "scanner-calibration": (40363, "d8c1856319ba2add"),
    "serial": (83410, "84a256ea83d83ca6"),
    "serial-label": (75498, "30bf2cdad161fff5"),
    "shipping-label": (166559, "4ee814e6815e18b5"),
}


@pytest.mark.goal("R1")
def test_a_serial_is_one_question_for_ten_thousand() -> None:
    made: Design = compile_template(TEMPLATES["serial-label"], Head(parse_density(8)))
    made.check(made.bind({"serial": "SN-000000"}, NOON, {}))
    before = len(made._good)
    for number in range(1000):
        made.check(made.bind({"serial": f"SN-{number:06}"}, NOON, {}))
    assert len(made._good) == before == 1


def test_the_calibration_label_holds_what_scans_of_it_are_compared_with() -> None:
    made = compile_template(TEMPLATES["scanner-calibration"], Head(parse_density(8)))
    assert decoded(made.lay_out(made.bind({}, NOON, {}))) == [CODES[0].sent]
