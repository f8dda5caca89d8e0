"""Data Matrix in every size, read back by a reader that did not draw it."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.virtual.canvas import Canvas, from_modules
from gateway.drivers.virtual.symbols.datamatrix import FNC1_MARK, draw, encode
from gateway.errors import CodeRefused


def read(modules: list[list[int]]) -> list[tuple[str, bytes]]:
    symbol = from_modules(modules).enlarged(3, 3)
    canvas = Canvas(symbol.width + 40, symbol.height + 40)
    canvas.burn(symbol, 20, 20)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    return [(c.symbology_identifier, bytes(c.bytes)) for c in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(
    ("codewords", "size"),
    [
        (3, 10),
        (5, 12),
        (8, 14),
        (12, 16),
        (18, 18),
        (22, 20),
        (30, 22),
        (36, 24),
        (44, 26),
        (62, 32),
        (86, 36),
        (114, 40),
        (144, 44),
        (174, 48),
        (204, 52),
        (280, 64),
        (368, 72),
        (456, 80),
        (576, 88),
        (696, 96),
        (816, 104),
        (1050, 120),
        (1304, 132),
        (1558, 144),
    ],
)
def test_every_square_size_is_read_back(codewords: int, size: int) -> None:
    text = "".join(chr(65 + i % 26) for i in range(codewords))
    modules = draw(encode(text))
    assert (len(modules), len(modules[0])) == (size, size)
    assert read(modules) == [("]d1", text.encode())]


@pytest.mark.parametrize(
    ("codewords", "rows", "columns"),
    [(5, 8, 18), (10, 8, 32), (16, 12, 26), (22, 12, 36), (32, 16, 36), (49, 16, 48)],
)
def test_every_rectangular_size_is_read_back(codewords: int, rows: int, columns: int) -> None:
    text = "Q" * codewords
    modules = draw(encode(text), rectangular=True)
    assert (len(modules), len(modules[0])) == (rows, columns)
    assert read(modules) == [("]d1", text.encode())]


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_any_bytes_are_read_back(content: bytes) -> None:
    assert [octets for _, octets in read(draw(encode(content.decode("latin-1"))))] == [content]


def test_fnc1_in_front_makes_a_gs1_symbol() -> None:
    words = encode(FNC1_MARK + "010400638133393121A1" + FNC1_MARK + "17251231")
    assert read(draw(words)) == [("]d2", b"010400638133393121A1\x1d17251231")]


def test_a_size_that_is_asked_for_is_drawn() -> None:
    modules = draw(encode("AB"), columns=32, rows=32)
    assert len(modules) == 32
    assert read(modules) == [("]d1", b"AB")]


def test_too_much_data_is_refused_with_the_size_that_was_asked_for() -> None:
    with pytest.raises(CodeRefused) as refused:
        draw(encode("A" * 50), columns=16, rows=16)
    assert str(refused.value) == "No Data Matrix of 16 × 16 holds 50 codewords."
