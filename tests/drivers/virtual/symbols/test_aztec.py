"""Aztec code in every size, read back by a reader and drawn once more by another library."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.virtual.canvas import Canvas, from_modules
from gateway.drivers.virtual.symbols.aztec import SIZES, Size, encode
from gateway.errors import CodeRefused

WITNESS = Path(__file__).parents[3] / "codes" / "witness" / "symbols.json"


def read(modules: list[list[int]]) -> list[bytes]:
    symbol = from_modules(modules).enlarged(3, 3)
    canvas = Canvas(symbol.width + 24, symbol.height + 24)
    canvas.burn(symbol, 12, 12)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    return [bytes(code.bytes) for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(
    "size", SIZES, ids=lambda s: f"{s.layers} {'compact' if s.compact else ''}"
)
def test_every_size_is_read_back(size: Size) -> None:
    # A quarter full, so that check words are most of it.
    content = b"Aztec 42! " * max(1, size.bits // 320)
    content = content[: size.bits // 32]
    modules = encode(content, size=size)
    assert read(modules) == [content]
    assert all(len(row) == len(modules) for row in modules)


@settings(max_examples=80, deadline=None)
@given(st.one_of(
    st.binary(min_size=1, max_size=60),
    st.text(st.characters(max_codepoint=127), min_size=1, max_size=60).map(str.encode),
    st.text("AZ az09 .,:!\r\n@", min_size=1, max_size=60).map(str.encode),
))  # fmt: skip
def test_any_bytes_are_read_back(content: bytes) -> None:
    assert read(encode(content)) == [content]


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 31, b"\xff" * 32, b"\x80\xff" * 40, b"\xffA\xff" * 9, b"A" * 900, b"\x00\xff" * 900],
)
def test_runs_of_plain_bytes_are_read_back_whatever_their_length(content: bytes) -> None:
    assert read(encode(content)) == [content]


@pytest.mark.parametrize(
    "drawn",
    [drawn for drawn in json.loads(WITNESS.read_text()) if drawn["symbology"] == "aztec"],
    ids=lambda drawn: drawn["content"],
)
def test_another_library_draws_the_same_modules(drawn: dict[str, Any]) -> None:
    percent = drawn["options"].get("error_percent", 23)
    modules = encode(drawn["content"].encode(), percent=percent)
    assert ["".join(".#"[m] for m in row) for row in modules] == drawn["rows"]


def test_more_check_words_make_a_larger_symbol() -> None:
    sides = [len(encode(b"A" * 40, percent=percent)) for percent in (5, 23, 50, 90)]
    assert sides == [19, 23, 27, 53]


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(CodeRefused, match=r"^Aztec data is empty.$"):
        encode(b"")
    with pytest.raises(CodeRefused, match=r"^Aztec cannot carry so much data.$"):
        encode(b"\xff" * 2000)
    with pytest.raises(CodeRefused, match=r"^Aztec cannot carry so much data.$"):
        encode(b"A" * 40, size=Size(1, compact=True))
