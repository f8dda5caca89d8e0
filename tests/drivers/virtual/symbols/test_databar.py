"""GS1 DataBar, read back by a reader, and drawn once more by a library that did not draw it."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.codes.checkdigits import check_digit
from gateway.codes.symbology import SYMBOLOGIES
from gateway.drivers.virtual.canvas import Canvas, from_modules
from gateway.drivers.virtual.symbols import databar
from gateway.errors import CodeRefused

DRAW = {
    "databar-omni": lambda digits: [(databar.omnidirectional(digits), 1)],
    "databar-stacked": databar.stacked,
    "databar-stacked-omni": databar.stacked_omnidirectional,
}


def rows(name: str, digits: str) -> list[str]:
    return [row for row, high in DRAW[name](digits) for _ in range(high)]


def read(modules: list[str], high: int) -> list[str]:
    symbol = from_modules([[int(m) for m in row] for row in modules]).enlarged(3, high)
    canvas = Canvas(symbol.width + 40, symbol.height + 40)
    canvas.burn(symbol, 20, 20)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    plain = zxingcpp.TextMode.Plain
    return [code.text for code in zxingcpp.read_barcodes(picture, text_mode=plain)]


@pytest.mark.parametrize("digits", ["0000000000000", "9999999999999", "0950110153000"])
@pytest.mark.parametrize("name", DRAW)
def test_a_number_is_read_back_with_its_check_digit(name: str, digits: str) -> None:
    found = read(rows(name, digits), 60 if name == "databar-omni" else 3)
    assert found == [f"01{digits}{check_digit(digits)}"]


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789", min_size=13, max_size=13))
def test_another_library_draws_the_same_modules(digits: str) -> None:
    gtin = f"(01){digits}{check_digit(digits)}"
    for name in DRAW:
        drawn = SYMBOLOGIES[name].encode(gtin).art().replace("#", "1").replace(".", "0")
        assert rows(name, digits) == drawn.split("\n"), name


@pytest.mark.parametrize("digits", ["", "123", "09501101530003", "095011015300x"])
def test_anything_but_thirteen_digits_is_refused(digits: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        databar.omnidirectional(digits)
    assert refused.value.detail == f"GS1 DataBar carries 13 digits, got {digits!r}."
