"""Code 128 from symbol values, read back by a reader that did not draw it."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.virtual.canvas import Canvas
from gateway.drivers.virtual.symbols import code128
from gateway.drivers.virtual.symbols.linear import bars
from gateway.errors import CodeRefused


def read(values: list[int]) -> list[tuple[str, bytes]]:
    symbol = bars(code128.widths(values, module=2), 50)
    canvas = Canvas(symbol.width + 80, 90)
    canvas.burn(symbol, 40, 20)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    return [(c.symbology_identifier, bytes(c.bytes)) for c in zxingcpp.read_barcodes(picture)]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=0, max_codepoint=127), min_size=1, max_size=24))
def test_any_ascii_text_is_read_back_byte_for_byte(text: str) -> None:
    assert read(code128.choose_values(text)) == [("]C0", text.encode())]


def test_fnc1_in_front_makes_a_gs1_symbol() -> None:
    text = code128.FNC1_MARK + "0104006381333931" + "10AB" + code128.FNC1_MARK + "2112"
    assert read(code128.choose_values(text)) == [("]C1", b"010400638133393110AB\x1d2112")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12", [105, 12]),
        ("1234", [105, 12, 34]),
        ("AB1234", [104, 33, 34, 99, 12, 34]),
        ("AB123", [104, 33, 34, 17, 18, 19]),
        ("a\x01", [104, 65, 101, 65]),
    ],
)
def test_code_sets_are_chosen_as_the_standard_advises(text: str, values: list[int]) -> None:
    assert code128.choose_values(text) == values


def test_every_symbol_value_has_eleven_modules() -> None:
    for value in range(103):
        assert sum(code128.widths([104, value], module=1)) == 11 * 3 + 13


def test_a_symbol_without_start_or_data_is_refused() -> None:
    with pytest.raises(CodeRefused, match="needs a start character and data"):
        code128.widths([33, 34], module=2)
    with pytest.raises(CodeRefused, match="needs a start character and data"):
        code128.widths([104], module=2)
