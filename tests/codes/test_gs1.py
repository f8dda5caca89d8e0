from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes import gs1
from gateway.codes.checkdigits import check_digit
from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.errors import CodeRefused

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
values = st.text(SET_82, min_size=1, max_size=20)
gtins = st.text("0123456789", min_size=13, max_size=13).map(lambda d: d + check_digit(d))


@given(gtins, values, values)
def test_both_forms_of_an_element_string_name_the_same_elements(
    gtin: str, lot: str, serial: str
) -> None:
    text = f"(01){gtin}(10){gs1.escape(lot)}(21){gs1.escape(serial)}"
    parsed = gs1.parse(text)
    assert parsed.elements == (("01", gtin), ("10", lot), ("21", serial))
    assert parsed.escaped == text
    assert parsed.scanned == f"01{gtin}10{lot}\x1d21{serial}"
    assert gs1.parse_scanned(parsed.scanned) == parsed


def test_a_separator_follows_only_what_has_no_predefined_length_and_is_not_last() -> None:
    parsed = gs1.parse("(21)S1(01)09501101530003(3103)001250(400)PO7(11)260131")
    assert parsed.scanned == "21S1\x1d01095011015300033103001250400PO7\x1d11260131"
    assert parsed.message("\u00f1") == (
        "\u00f121S1\u00f101095011015300033103001250400PO7\u00f111260131"
    )


def test_a_separator_behind_the_last_value_or_a_predefined_one_is_read_over() -> None:
    assert gs1.parse_scanned("0109501101530003\x1d21S1\x1d").elements == (
        ("01", "09501101530003"),
        ("21", "S1"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "(01)09501101530004",
            "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; check the "
            "number for a typing error, or give '09501101530003' if only the last digit is wrong.",
        ),
        ("(01)123", "The value of (01) GTIN is '123': expected 14 digits, got 3 digits."),
        (
            "(21)" + "A" * 21,
            f"The value of (21) SERIAL is {'A' * 21!r}: expected 1 to 20 characters, "
            "got 21 characters.",
        ),
        ("(21)", "The value of (21) SERIAL is '': expected 1 to 20 characters, got nothing."),
        (
            "(21)größe",
            "The value of (21) SERIAL is 'größe': expected 1 to 20 characters, got 'ö' (U+00F6), "
            "which GS1's character set does not have.",
        ),
        (
            "(21)a\x1d10b",
            "The value of (21) SERIAL is 'a\\x1d10b': expected 1 to 20 characters, got '\\x1d' "
            "(U+001D), which GS1's character set does not have.",
        ),
        (
            "(17)261301",
            "(17) USE BY '261301' is no date: expected YYMMDD with a month from 01 to 12 and a day "
            "of that month, or 00 for its end.",
        ),
        (
            "(05)12",
            "(05) is no GS1 application identifier this gateway knows; for data of your own use "
            "(91) to (99), or (90) as agreed with the receiver.",
        ),
        (
            "(10)A(10)B",
            "The application identifier (10) stands twice with different values, 'A' and 'B'; a "
            "symbol may carry it once.",
        ),
        (
            "0109501101530003",
            "'0109501101530003' is no GS1 element string: expected application identifiers in "
            "parentheses, each followed by its value, such as '(01)09501101530003(21)SN-7', got "
            "'010950110153' at character 1.",
        ),
    ],
)
def test_what_the_standard_forbids_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        gs1.parse(text)
    assert refused.value.detail == sentence


@pytest.mark.parametrize(
    ("digits", "good"), [("240229", True), ("230229", False), ("260400", True), ("260431", False)]
)
def test_dates_follow_the_calendar(digits: str, good: bool) -> None:
    if good:
        assert gs1.parse(f"(17){digits}").elements == (("17", digits),)
    else:
        with pytest.raises(CodeRefused):
            gs1.parse(f"(17){digits}")


def test_measures_know_six_decimal_places_and_the_sscc_its_check_digit() -> None:
    assert gs1.parse("(3105)001250").elements == (("3105", "001250"),)
    with pytest.raises(CodeRefused):
        gs1.parse("(3106)001250")
    assert gs1.parse("(00)376104250021234569").scanned == "00376104250021234569"


SAMPLES = {
    # What the other encoder also looks at: countries, currencies, times, pieces of a total.
    "420": "12345", "421": "276AB", "422": "276", "424": "276", "426": "276",
    "7003": "2601311200", "8001": "00010002000310", "8003": "09501101530003A",
    "8005": "001250", "8006": "095011015300030102",
    "8008": "26013112", "8026": "095011015300030102", "255": "9501101530003",
    "253": "9501101530003", "4326": "260131", "7006": "260131",
} | {f"391{n}": "9781250" for n in range(10)} | {
    f"393{n}": "9781250" for n in range(10)
} | {f"703{n}": "276AB" for n in range(10)}  # fmt: skip


def sample(ai: str) -> str:
    """Return a value that the application identifier takes."""
    if ai in SAMPLES:
        return SAMPLES[ai]
    (part, *rest) = gs1.IDENTIFIERS[ai].parts
    if part.date:
        return "260131"
    if part.checked:
        body = "9501101530009501101"[: part.longest - 1]
        return body + check_digit(body) + "1" * sum(p.shortest for p in rest)
    return "1" * (part.longest + sum(p.shortest for p in rest))


@pytest.mark.parametrize("ai", sorted(gs1.IDENTIFIERS))
def test_another_encoder_knows_each_application_identifier_and_its_length(ai: str) -> None:
    element = f"({ai}){sample(ai)}"
    scanned = gs1.parse(element).scanned
    read = zxingcpp.read_barcode(
        zxingcpp.write_barcode_to_image(encoded(f"[{ai}]{sample(ai)}"), scale=3),
        text_mode=zxingcpp.TextMode.Plain,
    )
    assert read is not None
    assert read.text == scanned
    longest = sum(part.longest for part in gs1.IDENTIFIERS[ai].parts)
    too_long = f"{sample(ai)[:1]}{'1' * longest}"
    with pytest.raises(CodeRefused):
        gs1.parse(f"({ai}){too_long}")
    with pytest.raises(ValueError, match="Error"):
        encoded(f"[{ai}]{too_long}")


def encoded(element: str) -> zxingcpp.Barcode:
    # It refuses what the GS1 syntax dictionary does not allow.
    return zxingcpp.create_barcode(element, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)


@pytest.mark.parametrize("ai", sorted(gs1.IDENTIFIERS))
def test_the_size_of_a_code_is_known_for_every_application_identifier(ai: str) -> None:
    for name in ("gs1-datamatrix", "gs1-qr", "databar-expanded"):
        value = sample(ai)
        if name == "databar-expanded" and len(value) > 60:
            value = value[:60]  # it holds 74 digits, identifiers and all (ISO/IEC 24724, 4.2)
        symbol = SYMBOLOGIES[name].encode(f"({ai}){value}")
        size = SYMBOLOGIES[name].size(symbol.content, Options())
        assert size == (symbol.columns, symbol.rows)
