"""Linear symbols, read back by a reader that did not draw them."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from gateway.drivers.virtual.canvas import Canvas
from gateway.drivers.virtual.symbols import linear
from gateway.errors import CodeRefused


def read(widths: list[int]) -> list[tuple[str, str]]:
    symbol = linear.bars(widths, 60)
    canvas = Canvas(symbol.width + 80, symbol.height + 40)
    canvas.burn(symbol, 40, 20)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    return [(str(code.format), code.text) for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("text", ["0123456789", "ABCDEFGHIJKLM", "NOPQRSTUVWXYZ", "-. $/+%0-"])
@pytest.mark.parametrize(("module", "wide"), [(2, 4), (2, 6), (3, 8)])
def test_code_39_carries_its_43_characters(text: str, module: int, wide: int) -> None:
    assert read(linear.code39(text, module=module, wide=wide)) == [("Code 39", text)]


def test_code_39_with_a_check_character_shows_it_to_a_plain_reader() -> None:
    # 18 + 23 = 41 and 41 mod 43 is "+" (ISO/IEC 16388 annex A).
    assert read(linear.code39("IN", module=2, wide=6, check=True)) == [("Code 39", "IN+")]


@pytest.mark.parametrize("text", ["CODE93", "Mixed Case 0-9", "\x00\x1f!:;@[`{~\x7f"])
def test_code_93_carries_all_of_ascii(text: str) -> None:
    assert len(text) > 0
    [(kind, shown)] = read(linear.code93(text, module=2))
    assert kind == "Code 93"
    if text.isprintable():
        assert shown == text
    else:
        assert shown == "<NUL><US>!:;@[`{~<DEL>"


@pytest.mark.parametrize(("start", "stop"), [("A", "B"), ("C", "D"), ("B", "A")])
def test_codabar_carries_its_characters_between_any_letters(start: str, stop: str) -> None:
    widths = linear.codabar("0123456789-$:/.+", module=2, wide=6, start=start, stop=stop)
    assert read(widths) == [("Codabar", f"{start}0123456789-$:/.+{stop}")]


@pytest.mark.parametrize("digits", ["00123456789012", "12345678"])
def test_interleaved_2_of_5_carries_pairs_of_digits(digits: str) -> None:
    [(kind, shown)] = read(linear.interleaved(digits, module=2, wide=5))
    assert (kind, shown) == ("ITF" if len(digits) != 14 else kind, digits)


@pytest.mark.parametrize("digits", ["400638133393", "978020137962", "012345678901", "590123412345"])
def test_ean_13_adds_the_check_digit_that_the_reader_checks(digits: str) -> None:
    whole = digits + str(linear.check_digit(digits))
    assert [text for _, text in read(linear.ean13(digits, module=2))] == [whole]


@pytest.mark.parametrize("first", "0123456789")
def test_ean_13_codes_its_first_digit_in_the_parity(first: str) -> None:
    digits = first + "12345678901"
    [(_, text)] = read(linear.ean13(digits, module=2))
    assert text[:12] == digits


def test_ean_8_is_read_back() -> None:
    assert read(linear.ean8("9638507", module=2)) == [("EAN-8", "96385074")]


@pytest.mark.parametrize("digits", [f"012345{last}" for last in range(10)] + ["1234567"])
def test_upc_e_expands_to_the_number_it_stands_for(digits: str) -> None:
    expanded = linear.expand_upce(digits)
    [(kind, text)] = read(linear.upce(digits, module=3))
    assert kind == "UPC-E"
    assert text == "0" + expanded + str(linear.check_digit(expanded))


@pytest.mark.parametrize("digits", [f"012345{last}" for last in range(5, 10)] + ["0123400"])
def test_shrinking_undoes_expanding(digits: str) -> None:
    expanded = linear.expand_upce(digits)
    shrunk = linear.shrink_upce(expanded)
    assert shrunk is not None
    assert linear.expand_upce(shrunk) == expanded


def test_a_number_without_zeros_cannot_be_shrunk() -> None:
    assert linear.shrink_upce("01234567891") is None


@pytest.mark.parametrize("digits", ["51999", "00000", "12", "99"])
def test_an_addon_is_read_beside_an_ean_13(digits: str) -> None:
    main = linear.bars(linear.ean13("978020137962", module=2), 60)
    addon = linear.bars(linear.addon(digits, module=2), 60)
    canvas = Canvas(main.width + addon.width + 120, 100)
    canvas.burn(main, 40, 20)
    canvas.burn(addon, 40 + main.width + 20, 20)
    with Image.open(BytesIO(canvas.tile().to_png())) as opened:
        picture = opened.convert("L")
    codes = zxingcpp.read_barcodes(picture, ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Require)
    assert [code.text.replace(" ", "") for code in codes] == ["9780201379624" + digits]


# No reader at hand decodes MSI or the bars-only 2 of 5 family: their element patterns are spelled
# out from the published tables instead.
def test_msi_has_the_published_elements() -> None:
    # start 110, then 1 = 100 100 100 110 and stop 1001, each module one dot (wide = 2).
    widths = linear.msi("1", module=1, wide=2)
    modules = "".join(str((i + 1) % 2) * w for i, w in enumerate(widths))
    assert modules == "110" + "100100100110" + "1001"


def test_msi_check_digits_are_those_of_worked_examples() -> None:
    assert linear.msi_check_10("1234567") == "4"
    assert linear.msi_check_11("943457842") == "3"


@pytest.mark.parametrize(
    ("industrial", "start", "stop"), [(False, "1010", "11101"), (True, "1110111010", "111010111")]
)
def test_2_of_5_frames_its_digits_as_published(industrial: bool, start: str, stop: str) -> None:
    widths = linear.two_of_five("0", module=1, wide=3, industrial=industrial)
    modules = "".join(str((i + 1) % 2) * w for i, w in enumerate(widths))
    assert modules == start + "10101110111010" + stop


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: linear.code39("a", module=2, wide=6), "Code 39 cannot carry 'a'."),
        (lambda: linear.code93("é", module=2), "Code 93 cannot carry 'é'."),
        (lambda: linear.codabar("1A2", module=2, wide=6), "Codabar cannot carry 'A'."),
        (
            lambda: linear.interleaved("123", module=2, wide=6),
            "Interleaved 2 of 5 needs an even number of digits.",
        ),
        (lambda: linear.ean13("123", module=2), "EAN-13 carries 12 digits, got '123'."),
        (lambda: linear.upce("2123456", module=2), "UPC-E has number system 0 or 1, got 2."),
        (lambda: linear.addon("123", module=2), "A UPC/EAN add-on has two or five digits."),
        (lambda: linear.msi("1x", module=2, wide=4), "MSI carries digits, got '1x'."),
    ],
)
def test_what_a_symbology_cannot_carry_is_refused_in_a_sentence(
    draw: object, sentence: str
) -> None:
    assert callable(draw)
    with pytest.raises(CodeRefused) as refused:
        draw()
    assert str(refused.value) == sentence
