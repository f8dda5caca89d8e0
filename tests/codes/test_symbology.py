from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from barcode.charsets import ean
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.codes.checkdigits import check_digit
from gateway.codes.symbology import SYMBOLOGIES, Options, Symbol, read_back
from gateway.errors import CodeRefused
from tests.readers import read_datamatrix, read_others

GS1 = r"(01)09501101530003(17)261130(10)AB\(1\)(21)SN-7"
SCANNED = "01095011015300031726113010AB(1)\x1d21SN-7"

GTIN = "(01)09501101530003"
SERIAL = f"{GTIN}(21)SN-712345(10)ABCDEF"
SERIAL_SCANNED = "010950110153000321SN-712345\x1d10ABCDEF"
WEIGHT = "(01)90012345678908(3103)012233(15)991231"

CONTENTS = [
    ("code128", "SN-000123", "SN-000123"),
    ("code128", "12345678901", "12345678901"),
    ("code128", "lower UPPER 0042 {x}~", "lower UPPER 0042 {x}~"),
    ("gs1-128", GS1, SCANNED),
    ("gs1-128", "(00)376104250021234569", "00376104250021234569"),
    ("code39", "AB-12 $/+%.", "AB-12 $/+%."),
    ("code93", "SN-000123", "SN-000123"),
    ("code93", "lower UPPER 0042 {x}~", "lower UPPER 0042 {x}~"),
    ("codabar", "0123456789", "A0123456789A"),
    ("codabar", "B-$:/.+D", "B-$:/.+D"),
    ("itf", "0123456789", "0123456789"),
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
    ("micro-qr", "SN-123", "SN-123"),
    ("aztec", "SN-000123", "SN-000123"),
    ("aztec", "lower UPPER 0042 {x}~", "lower UPPER 0042 {x}~"),
    ("aztec", "Größe 漢字", "Größe 漢字"),
    ("pdf417", "SN-000123", "SN-000123"),
    ("pdf417", "lower UPPER 0042 {x}~\r\n", "lower UPPER 0042 {x}~\r\n"),
    ("pdf417", "Größe 漢字", "Größe 漢字"),
    ("compact-pdf417", "SN-000123", "SN-000123"),
    ("micropdf417", "SN-000123", "SN-000123"),
    ("databar-omni", GTIN, "0109501101530003"),
    ("databar-truncated", GTIN, "0109501101530003"),
    ("databar-stacked", GTIN, "0109501101530003"),
    ("databar-stacked-omni", GTIN, "0109501101530003"),
    ("databar-limited", GTIN, "0109501101530003"),
    ("databar-expanded", SERIAL, SERIAL_SCANNED),
    ("databar-expanded", WEIGHT, "0190012345678908310301223315991231"),
    ("databar-expanded-stacked", SERIAL, SERIAL_SCANNED),
]

ONE_READER = frozenset({
    "micro-qr", "aztec", "pdf417", "compact-pdf417", "micropdf417", "databar-limited",
    "databar-expanded-stacked",
})  # fmt: skip
"""Kinds that ZBar does not read. A second encoder speaks for them below."""


def test_every_symbology_is_in_the_list_of_contents() -> None:
    assert {name for name, _, _ in CONTENTS} == set(SYMBOLOGIES)


def picture(symbol: Symbol, dots: int = 4) -> Image.Image:
    """Return the symbol at four dots a module with a wide quiet zone."""
    high = 10 * dots if symbol.kind == "linear" else dots
    edge = 12 * dots
    image = Image.new("L", (dots * symbol.columns + 2 * edge, high * symbol.rows + 2 * edge), 255)
    for y, row in enumerate(symbol.art().split("\n")):
        for x, module in enumerate(row):
            if module == "#":
                left, top = edge + dots * x, edge + high * y
                image.paste(0, (left, top, left + dots, top + high))
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
    if name not in ONE_READER:
        assert by_others(symbol, name) in (bare, wide)
    assert read_back(symbol, name) == scanned


@pytest.mark.parametrize(("name", "content", "scanned"), CONTENTS)
def test_the_size_is_known_without_drawing(name: str, content: str, scanned: str) -> None:
    symbology = SYMBOLOGIES[name]
    symbol = symbology.encode(content)
    assert symbology.accept(content) == scanned
    assert symbology.size(scanned, Options()) == (symbol.columns, symbol.rows)
    assert len(symbol.bits) == symbol.rows * ((symbol.columns + 7) // 8)


WITNESS = json.loads((Path(__file__).parent / "witness" / "symbols.json").read_text())


@pytest.mark.parametrize("drawn", WITNESS, ids=lambda d: f"{d['symbology']} {d['content']}")
def test_a_second_encoder_draws_the_same_modules(drawn: dict[str, Any]) -> None:
    symbol = SYMBOLOGIES[drawn["symbology"]].encode(drawn["content"], Options(**drawn["options"]))
    rows = [row for row, _ in groupby(symbol.art().split("\n"))]
    assert rows == drawn["rows"]


@pytest.mark.parametrize(
    ("name", "content", "options", "heights"),
    [
        ("databar-stacked", GTIN, {}, [5, 1, 7]),
        ("databar-stacked-omni", GTIN, {}, [33, 1, 1, 1, 33]),
        ("databar-expanded-stacked", GTIN + "(21)A", {}, [34, 1, 1, 1, 34]),
        ("pdf417", "SN-1", {"columns": 4}, [3, 3, 3]),
        ("pdf417", "SN-1", {"columns": 4, "row_height": 5}, [5, 5, 5]),
        ("micropdf417", "SN-1", {"columns": 4}, [2, 2, 2, 2]),
        ("micropdf417", "SN-1", {"columns": 4, "row_height": 3}, [3, 3, 3, 3]),
    ],
)
def test_stacked_rows_have_the_heights_of_the_standard(
    name: str, content: str, options: dict[str, Any], heights: list[int]
) -> None:
    symbol = SYMBOLOGIES[name].encode(content, Options(**options))
    assert [len(list(run)) for _, run in groupby(symbol.lines())] == heights
    assert SYMBOLOGIES[name].size(symbol.content, Options(**options)) == (
        symbol.columns,
        sum(heights),
    )
    assert by_zxing(symbol) == symbol.content


@pytest.mark.parametrize("dots", [2, 3, 6])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize(("name", "content", "scanned"), [
    ("code93", "SN-000123", "SN-000123"),
    ("codabar", "0123456789", "A0123456789A"),
    ("databar-omni", GTIN, "0109501101530003"),
    ("databar-stacked-omni", GTIN, "0109501101530003"),
    ("databar-expanded", SERIAL, SERIAL_SCANNED),
])  # fmt: skip
def test_zbar_reads_what_it_knows_at_every_size_and_turn(
    name: str, content: str, scanned: str, angle: int, dots: int
) -> None:
    drawn = picture(SYMBOLOGIES[name].encode(content), dots).rotate(angle, expand=True)
    assert {str(found.data.decode()) for found in read_others(drawn)} == {scanned}


@pytest.mark.parametrize("dots", [2, 3, 6])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("name", sorted(ONE_READER))
def test_the_others_are_read_at_every_size_and_turn(name: str, angle: int, dots: int) -> None:
    if name == "micropdf417":
        # This reader does not find rows of four pixels; ours are checked at three dots a module.
        dots = max(3, dots)
    content, scanned = next((c, s) for n, c, s in CONTENTS if n == name)
    drawn = picture(SYMBOLOGIES[name].encode(content), dots).rotate(angle, expand=True)
    found = zxingcpp.read_barcodes(drawn, text_mode=zxingcpp.TextMode.Plain)
    assert [code.text for code in found] == [scanned]


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
@given(
    st.sampled_from([
        "code128", "code93", "qr", "datamatrix", "aztec", "pdf417", "compact-pdf417", "micropdf417",
    ]),
    printable,
)  # fmt: skip
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
    try:
        one = symbology.encode(content)
    except CodeRefused:
        with pytest.raises(CodeRefused):
            symbology.encode(blotted)
        return
    two = symbology.encode(blotted)
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


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["databar-expanded", "databar-expanded-stacked"]),
    st.text("0123456789ABC-/", min_size=1, max_size=12),
    st.sampled_from([2, 4, 6, 20]),
)
def test_expanded_databar_is_read_back_at_any_width(name: str, serial: str, segments: int) -> None:
    symbology = SYMBOLOGIES[name]
    options = Options(segments=segments)
    symbol = symbology.encode(f"{GTIN}(21){serial}", options)
    assert symbology.size(symbol.content, options) == (symbol.columns, symbol.rows)
    assert symbol.columns <= (2 + 49 * segments // 2 + 2 if "stacked" in name else 1000)
    assert read_back(symbol, name) == symbol.content


@given(st.text("0123456789", min_size=13, max_size=13))
@settings(max_examples=40, deadline=None)
def test_any_gtin_is_read_back_from_databar(digits: str) -> None:
    gtin = f"(01){digits}{check_digit(digits)}"
    names = ["databar-omni", "databar-stacked", "databar-stacked-omni"]
    for name in names + ["databar-limited"] * (digits[0] in "01"):
        symbol = SYMBOLOGIES[name].encode(gtin)
        assert read_back(symbol, name) == f"01{gtin[4:]}", name


@pytest.mark.parametrize("name", ["code128", "qr", "datamatrix", "aztec", "code93", "pdf417"])
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
    ("name", "content", "options", "size"),
    [
        # 69 modules for start, stop and row indicators, 17 a column (ISO/IEC 15438, 5.2).
        ("pdf417", "SN-000123", {"columns": 5, "row_height": 4}, (69 + 5 * 17, 4 * 3)),
        ("pdf417", "SN-000123", {"columns": 5, "rows": 7}, (69 + 5 * 17, 3 * 7)),
        ("pdf417", "SN-000123", {"columns": 5, "security_level": 5}, (69 + 5 * 17, 3 * 14)),
        ("compact-pdf417", "SN-000123", {"columns": 5}, (35 + 5 * 17, 3 * 3)),
        ("micropdf417", "SN-000123", {"columns": 1}, (38, 2 * 14)),
        ("aztec", "A" * 30, {"error_percent": 10}, (19, 19)),
        ("aztec", "A" * 30, {"error_percent": 50}, (23, 23)),
        ("micro-qr", "12345", {"error_correction": "L"}, (11, 11)),
        ("micro-qr", "12345", {"error_correction": "Q"}, (17, 17)),
        ("databar-expanded-stacked", SERIAL, {"segments": 20}, (347, 34)),
    ],
)
def test_options_set_the_size(
    name: str, content: str, options: dict[str, Any], size: tuple[int, int]
) -> None:
    symbology, chosen = SYMBOLOGIES[name], Options(**options)
    symbol = symbology.encode(content, chosen)
    assert (symbol.columns, symbol.rows) == symbology.size(symbol.content, chosen) == size
    assert read_back(symbol, name) == symbol.content


@pytest.mark.parametrize("name", sorted(SYMBOLOGIES))
def test_a_symbology_names_the_options_that_change_it_and_no_other(name: str) -> None:
    symbology = SYMBOLOGIES[name]
    content = next(content for n, content, _ in CONTENTS if n == name)
    # What no symbol of ours has by itself.
    others: dict[str, Any] = {
        "error_correction": "Q",
        "square": False,
        "columns": 4,
        "rows": 20,
        "row_height": 6,
        "security_level": 5,
        "error_percent": 50,
        "segments": 2,
    }
    plain = symbology.encode(content)
    changing = set()
    for option, value in others.items():
        if option == "square":
            # Of these lengths the least size is a rectangle.
            content = {"datamatrix": "ABCDEFGHIJKL", "gs1-datamatrix": "(10)ABCDEFGH"}.get(
                name, content
            )
        plain = symbology.encode(content)
        if symbology.encode(content, Options(**{option: value})).art() != plain.art():
            changing.add(option)
    assert changing == symbology.options


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
        (
            "code93",
            "Größe",
            "Code 93 cannot carry 'ö' (U+00F6) in 'Größe': it has the 128 ASCII characters; use a "
            "QR code or Data Matrix.",
        ),
        ("codabar", "12X4", "Codabar cannot carry 'X' (U+0058) in '12X4': it has 0-9 and -$:/.+ "
         "between letters A to D; use Code 128."),
        ("codabar", "A1B2A", "Codabar cannot carry 'B' (U+0042) in 'A1B2A': it has 0-9 and "
         "-$:/.+ between letters A to D; use Code 128."),
        ("codabar", "A123", "Codabar 'A123' has no stop letter: give both, such as 'A123B', or "
         "neither, and A stands for both."),
        ("codabar", "123D", "Codabar '123D' has no start letter: give both, such as 'A123B', or "
         "neither, and A stands for both."),
        ("codabar", "A7B", "Codabar 'A7B' has 1 character beside its start and stop letters: "
         "expected 2 or more, as readers pass over shorter ones; put zeros in front."),
        ("itf", "123", "ITF '123' has 3 digits: expected an even number, as it carries them in "
         "pairs; give '0123' if the reader may see a zero in front."),
        ("itf", "12-4", "'12-4' is no ITF: expected digits, got 4 characters with '-' among them; "
         "use Code 128."),
        ("micro-qr", "Größe", "Micro QR code cannot carry 'ö' (U+00F6) in 'Größe': it has the 128 "
         "ASCII characters; use a QR code."),
        ("databar-omni", SERIAL, "GS1 DataBar Omnidirectional carries a GTIN alone, (01) and its "
         f"14 digits, got '{SERIAL}'; use GS1 DataBar Expanded for more."),
        ("databar-limited", "(01)24012345678905", "GS1 DataBar Limited carries a GTIN that begins "
         "with 0 or 1, got '24012345678905'; use GS1 DataBar Omnidirectional or Stacked."),
        ("databar-stacked", "(01)09501101530004", "(01) GTIN '09501101530004' has a wrong check "
         "digit: expected 3, got 4; check the number for a typing error, or give "
         "'09501101530003' if only the last digit is wrong."),
        ("databar-stacked", "", "There is nothing to put into the GS1 DataBar Stacked: give the "
         'field a value, or let the element print only when it has one ("print_when").'),
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


def test_pdf417_that_needs_more_rows_than_chosen_is_refused() -> None:
    with pytest.raises(CodeRefused) as refused:
        SYMBOLOGIES["pdf417"].size("A" * 30, Options(columns=1, rows=3))
    assert refused.value.detail == (
        f"'{'A' * 30}' needs 24 rows of PDF417, expected 3; allow more rows or columns, a lower "
        "security level, or shorten it."
    )


def test_micro_qr_has_no_level_h() -> None:
    with pytest.raises(CodeRefused) as refused:
        SYMBOLOGIES["micro-qr"].encode("1", Options(error_correction="H"))
    assert refused.value.detail == (
        "Micro QR codes have error correction L, M and Q, got H; choose Q, or use a QR code."
    )


@pytest.mark.parametrize(
    "name", ["qr", "datamatrix", "micro-qr", "aztec", "pdf417", "compact-pdf417", "micropdf417"]
)
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
