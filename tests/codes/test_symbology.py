from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from barcode.charsets import ean
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.codes.symbology import SYMBOLOGIES, Options, Symbol, read_back
from gateway.errors import CodeRefused
from tests.readers import read_datamatrix, read_others

GS1 = r"(01)09501101530003(17)261130(10)AB\(1\)(21)SN-7"
SCANNED = "01095011015300031726113010AB(1)\x1d21SN-7"

CONTENTS = [
    ("code128", "SN-000123", "SN-000123"),
    ("code128", "12345678901", "12345678901"),
    ("code128", "lower UPPER 0042 {x}~", "lower UPPER 0042 {x}~"),
    ("gs1-128", GS1, SCANNED),
    ("gs1-128", "(00)376104250021234569", "00376104250021234569"),
    ("code39", "AB-12 $/+%.", "AB-12 $/+%."),
    ("itf14", "0950110153000", "09501101530003"),
    ("ean13", "6291041500213", "6291041500213"),
    ("ean8", "9638507", "96385074"),
    ("upca", "03600029145", "036000291452"),
    ("upce", "0123456", "01234565"),
    ("qr", "SN-000123", "SN-000123"),
    ("qr", "https://example.com/s/SN-000123", "https://example.com/s/SN-000123"),
    ("qr", "Größe 漢字 سلام", "Größe 漢字 سلام"),
    ("gs1-qr", GS1, SCANNED),
    ("datamatrix", "SN-000123", "SN-000123"),
    ("datamatrix", "lower UPPER 0042 {x}~", "lower UPPER 0042 {x}~"),
    ("gs1-datamatrix", GS1, SCANNED),
]


def picture(symbol: Symbol) -> Image.Image:
    """Return the symbol at four dots a module with a wide quiet zone."""
    high = 40 if symbol.kind == "linear" else 4
    image = Image.new("L", (4 * symbol.columns + 96, high * symbol.rows + 96), 255)
    for y, row in enumerate(symbol.art().split("\n")):
        for x, module in enumerate(row):
            if module == "#":
                left, top = 48 + 4 * x, 48 + high * y
                image.paste(0, (left, top, left + 4, top + high))
    return image


def by_zxing(symbol: Symbol) -> str:
    (found,) = zxingcpp.read_barcodes(picture(symbol), text_mode=zxingcpp.TextMode.Plain)
    return str(found.text)


def by_others(symbol: Symbol, name: str) -> str:
    if "datamatrix" in name:
        (found,) = read_datamatrix(picture(symbol))
        return str(found.data.decode())
    (read,) = read_others(picture(symbol))
    return str(read.data.decode())


@pytest.mark.parametrize(("name", "content", "scanned"), CONTENTS)
def test_two_independent_readers_agree_on_every_symbol(
    name: str, content: str, scanned: str
) -> None:
    symbol = SYMBOLOGIES[name].encode(content)
    assert symbol.content == scanned
    wide = {"036000291452": "0036000291452", "01234565": "0012345000065"}.get(scanned, scanned)
    assert by_zxing(symbol) in (scanned, wide)
    # Readers may widen UPC to the thirteen digits it stands for; libdmtx drops FNC1.
    bare = scanned.replace("\x1d", "") if name == "gs1-datamatrix" else scanned
    assert by_others(symbol, name) in (bare, wide)
    assert read_back(symbol, name) == scanned


@pytest.mark.parametrize(("name", "content", "scanned"), CONTENTS)
def test_the_size_is_known_without_drawing(name: str, content: str, scanned: str) -> None:
    symbology = SYMBOLOGIES[name]
    symbol = symbology.encode(content)
    assert symbology.accept(content) == scanned
    assert symbology.size(scanned, Options()) == (symbol.columns, symbol.rows)
    assert len(symbol.bits) == symbol.rows * ((symbol.columns + 7) // 8)


def test_upc_e_of_number_system_1_has_the_parity_the_standard_gives_it() -> None:
    # zbar does not read number system 1, so the bars are put together here: digits 1 to 6 with
    # check digit 2 take the sets A A B B A B (GS1 General Specifications, figure 5.2.2.4.2-2).
    bars = "".join(ean.CODES[s][int(d)] for s, d in zip("AABBAB", "123456", strict=True))
    symbol = SYMBOLOGIES["upce"].encode("11234562")
    assert symbol.art().replace("#", "1").replace(".", "0") == f"101{bars}010101"
    assert by_zxing(symbol) in ("11234562", "0112345000062")
    assert read_back(symbol, "upce") == "11234562"


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["code128", "qr", "datamatrix"]), printable)
def test_any_printable_ascii_is_read_back_and_sized_right(name: str, content: str) -> None:
    symbology = SYMBOLOGIES[name]
    symbol = symbology.encode(content)
    assert symbology.size(content, Options()) == (symbol.columns, symbol.rows)
    assert read_back(symbol, name) == content


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([s.name for s in SYMBOLOGIES.values() if s.digit_blind]),
    st.text("0123456789ABC-", min_size=1, max_size=24),
    st.integers(0, 9),
)
def test_in_symbologies_marked_so_any_digit_takes_the_room_of_another(
    name: str, content: str, other: int
) -> None:
    symbology = SYMBOLOGIES[name]
    blotted = content.translate(str.maketrans("0123456789", str(other) * 10))
    one, two = symbology.encode(content), symbology.encode(blotted)
    assert (one.columns, one.rows) == (two.columns, two.rows)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["gs1-qr", "gs1-datamatrix"]),
    st.text("0123456789ABC-/", min_size=1, max_size=20),
    st.text("0123456789abc", min_size=1, max_size=20),
)
def test_gs1_matrix_codes_are_sized_without_drawing_that_very_content(
    name: str, lot: str, serial: str
) -> None:
    symbology = SYMBOLOGIES[name]
    content = f"(01)09501101530003(17)261130(10){lot}(21){serial}"
    symbol = symbology.encode(content)
    assert symbology.size(symbol.content, Options()) == (symbol.columns, symbol.rows)
    assert read_back(symbol, name) == symbol.content


@pytest.mark.parametrize("name", ["code128", "qr", "datamatrix"])
def test_every_serial_of_a_batch_is_read_back(name: str) -> None:
    for number in range(0, 20_000, 67):
        serial = f"SN-{number:06}"
        assert read_back(SYMBOLOGIES[name].encode(serial), name) == serial


def test_control_characters_survive_code_128_and_are_named_for_people() -> None:
    symbol = SYMBOLOGIES["code128"].encode("A\x1dB\r\x7f")
    assert read_back(symbol, "code128") == "A\x1dB\r\x7f"
    assert symbol.hri == "A<GS>B<CR><DEL>"


@pytest.mark.parametrize(
    ("name", "content", "hri"),
    [
        ("ean13", "6291041500213", "6 291041 500213"),
        ("upca", "036000291452", "0 36000 29145 2"),
        ("itf14", "09501101530003", "0 95 01101 53000 3"),
        ("gs1-128", GS1, "(01)09501101530003(17)261130(10)AB(1)(21)SN-7"),
    ],
)
def test_the_line_for_people_is_grouped_as_the_standard_shows_it(
    name: str, content: str, hri: str
) -> None:
    assert SYMBOLOGIES[name].encode(content).hri == hri


def test_options_change_the_symbol_as_they_say() -> None:
    sizes = [
        SYMBOLOGIES["qr"].encode("A" * 30, Options(error_correction=level)).columns
        for level in ("L", "M", "Q", "H")
    ]
    assert sizes == [25, 25, 29, 29]
    for name, content in (("qr", "ü" * 40), ("gs1-qr", GS1)):
        low, high = (
            SYMBOLOGIES[name].encode(content, Options(error_correction=level)).columns
            for level in ("L", "H")
        )
        assert low < high, name
    slim = SYMBOLOGIES["datamatrix"].encode("ABCDEFGHIJKL", Options(square=False))
    assert slim.columns > slim.rows
    assert read_back(slim, "datamatrix") == "ABCDEFGHIJKL"
    square = SYMBOLOGIES["datamatrix"].encode("ABCDEFGHIJKL")
    assert square.columns == square.rows


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "code128",
            "Größe",
            "Code 128 cannot carry 'ö' (U+00F6) in 'Größe': it has the 128 ASCII characters; "
            "use a QR code or Data Matrix.",
        ),
        (
            "code39",
            "sn-1",
            "Code 39 cannot carry 's' (U+0073) in 'sn-1': it has 0-9, A-Z, space and -.$/+%; write "
            "capitals ({field|upper}) instead.",
        ),
        (
            "code39",
            "SN_1",
            "Code 39 cannot carry '_' (U+005F) in 'SN_1': it has 0-9, A-Z, space and -.$/+%; use "
            "Code 128 instead.",
        ),
        ("ean8", "123", "'123' is no EAN-8: expected 8 digits, or 7 without the check digit, got "
         "3 digits."),
        ("upce", "21234567", "UPC-E '21234567' has number system 2: expected 0 or 1; use UPC-A."),
        ("upce", "01234560", "UPC-E '01234560' has a wrong check digit: expected 5, got 0; check "
         "the number for a typing error, or give '01234565' if only the last digit is wrong."),
        ("code128", "", "There is nothing to put into the Code 128: give the field a value, or let "
         'the element print only when it has one ("print_when").'),
        ("gs1-128", "(21)" + "A" * 20 + "(10)" + "B" * 20 + "(240)CDE", "GS1-128 carries at most "
         "48 characters, got 52 in '(21)AAAAAAAAAAAAAAAAAAAA(10)BBBBBBBBBBBBBBBBBBBB(240)CDE'; "
         "split it into two bar codes or use GS1 DataMatrix."),
    ],
)  # fmt: skip
def test_what_a_symbology_cannot_carry_is_refused_in_a_sentence(
    name: str, content: str, sentence: str
) -> None:
    with pytest.raises(CodeRefused) as refused:
        SYMBOLOGIES[name].encode(content)
    assert refused.value.detail == sentence


@pytest.mark.parametrize("name", ["qr", "datamatrix"])
def test_more_than_the_largest_symbol_holds_is_refused(name: str) -> None:
    symbology = SYMBOLOGIES[name]
    with pytest.raises(CodeRefused, match="largest"):
        symbology.size("a" * 4000, Options())
    with pytest.raises(CodeRefused, match="largest"):
        symbology.encode("a" * 4000)


def test_a_symbol_with_a_flipped_bar_is_not_read_back() -> None:
    symbol = SYMBOLOGIES["ean13"].encode("6291041500213")
    changed: Any = bytes([*symbol.bits[:5], symbol.bits[5] ^ 0x18, *symbol.bits[6:]])
    broken = Symbol("linear", symbol.columns, 1, changed, symbol.content, symbol.hri)
    assert read_back(symbol, "ean13") == "6291041500213"
    assert read_back(broken, "ean13") != "6291041500213"
