from __future__ import annotations

import re

import pytest
from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_messages import GS1Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codes import gs1
from gateway.codes.checkdigits import check_digit
from gateway.codes.elements import (
    DATES,
    Elements,
    identifier_at,
    iso_date,
    read_bracketed,
    read_link,
    read_string,
    title_of,
)
from gateway.errors import CodeRefused

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
GTIN = "09501101530003"


@st.composite
def element_strings(draw: st.DrawFn) -> gs1.ElementString:
    """Return one to five elements, each valid for the encoder, of different identifiers."""
    chosen = draw(st.lists(st.sampled_from(sorted(gs1.IDENTIFIERS)), min_size=1, max_size=5,
                           unique=True))  # fmt: skip
    elements = []
    for ai in chosen:
        value = ""
        for part in gs1.IDENTIFIERS[ai].parts:
            if part.date:
                value += draw(st.sampled_from(["260131", "991231", "000229"]))
            else:
                letters = "0123456789" if part.digits else SET_82
                shortest = part.shortest - part.checked
                piece = draw(st.text(letters, min_size=max(shortest, 0),
                                     max_size=part.longest - part.checked))  # fmt: skip
                value += piece + (check_digit(piece) if part.checked else "")
        elements.append((ai, "2601312359" if ai == "7003" else value))
    return gs1.ElementString(tuple(elements))


def as_printed(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return elements with their values as the code carries them, from what is shown to people."""
    digits = str.maketrans("", "", "-.:T")
    return tuple(
        (ai, value.translate(digits)[2:]) if ai in DATES or ai == "7003"
        else (ai, value.translate(digits).zfill(6)) if len(ai) == 4 and "310" <= ai < "370"
        else (ai, value)
        for ai, value in pairs
    )  # fmt: skip


FINER = {
    "421": "a postal code has one character at least",
    "8003": "a returnable asset's number begins with a zero",
    "8008": "the hour, minute and second of a production time are looked at",
}
"""Where the reader's table refuses what the encoder's lets pass, and why."""


@settings(max_examples=300)
@given(element_strings())
def test_what_the_encoder_writes_is_read_as_written(written: gs1.ElementString) -> None:
    assert gs1.parse(written.escaped) == written
    read = read_string(written.scanned, 2026, sends_separators=True)
    if not read.whole:
        assert {ai for ai, _ in written.elements} & FINER.keys()
        return
    assert as_printed(read.elements) == written.elements
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("ai", "value"), [("421", "276"), ("8003", "19506000134352"), ("8008", "26013199")]
)
def test_where_the_two_tables_differ_is_known(ai: str, value: str) -> None:
    value = value[:-1] + check_digit(value[:-1]) if ai == "8003" else value
    assert ai in FINER
    assert gs1.parse(f"({ai}){value}").elements == ((ai, value),)
    assert not read_string(ai + value, 2026).whole


def test_the_encoder_refuses_what_the_reader_takes_and_warns_of() -> None:
    """The other way round: dates that are none, wrong check digits, newer identifiers."""
    for text in ("17270231", "0109501101530004", "724101"):
        assert read_string(text, 2026).whole
        with pytest.raises(CodeRefused):
            gs1.parse_scanned(text)


def test_the_two_tables_have_the_same_identifiers_with_the_same_separators() -> None:
    """Two witnesses of one table: the encoder's own, and biip's, by which codes are read."""
    for ai, ours in gs1.IDENTIFIERS.items():
        theirs = identifier_at(ai)
        assert theirs is not None
        assert (theirs.ai, theirs.separated) == (ai, not ours.predefined)


@pytest.mark.threat("T11")
def test_no_value_can_be_read_in_more_ways_than_can_be_tried() -> None:
    """What is repeated must not hold alternatives, unless the one that was taken stands."""
    known = {found for n in range(10_000) if (found := identifier_at(f"{n:04}")) is not None}
    assert len(known) > 500
    for one in known:
        assert not re.search(r"\((?!\?>)[^()]*\|[^()]*\)[*+{]", one.value.pattern), one.ai
        assert one.value.fullmatch("%41%42" * 80 + "#") is None


def test_two_bytes_in_percent_signs_are_one_character_of_a_name() -> None:
    for name in ("A" * 35, "%C3%84" * 35, "%C3%84rzte", "100%", "%4%C3%84%E2%82%AC"):
        assert read_string(f"4300{name}", 2026) == Elements((("4300", name),))
    for name in ("A" * 36, "%C3%84" * 36, "%C3%84" * 34 + "AB"):
        assert not read_string(f"4300{name}", 2026).whole
    assert read_bracketed("(4302)" + "%41%42" * 80 + "#", 2026) == Elements(
        (), (f"{('%41%42' * 10)!r} is no value for (4302) SHIP TO ADD1.",), whole=False
    )


@given(element_strings())
def test_biip_reads_the_same_where_it_reads_at_all(written: gs1.ElementString) -> None:
    try:
        theirs = GS1Message.parse(written.scanned)
    except ParseError:
        return
    read = read_string(written.scanned, 2026, sends_separators=True)
    pairs = tuple((one.ai.ai, one.value) for one in theirs.element_strings)
    if pairs == written.elements:
        assert read.whole
        assert as_printed(read.elements) == pairs


def test_biip_goes_on_behind_a_value_that_is_too_long_and_here_nothing_is_taken_of_it() -> None:
    """The one disagreement by design: 20 characters are no serial where 24 stand."""
    text = f"01{GTIN}21ABCDEFGHIJKLMNOPQRST10X1"
    assert [one.value for one in GS1Message.parse(text).element_strings] == [
        GTIN, "ABCDEFGHIJKLMNOPQRST", "X1",
    ]  # fmt: skip
    assert read_string(text, 2026, sends_separators=True) == Elements(
        (("01", GTIN),), ("'ABCDEFGHIJKLMNOPQRST10X1' is no value for (21) SERIAL.",), whole=False
    )


def test_dates_amounts_and_measures_are_written_as_people_write_them() -> None:
    read = read_string(f"01{GTIN}17270200112601313103001250" + "30120", 2026)
    assert read.elements == (
        ("01", GTIN),
        ("17", "2027-02-28"),
        ("11", "2026-01-31"),
        ("3103", "1.250"),
        ("30", "120"),
    )


@pytest.mark.parametrize(
    ("digits", "this_year", "date"),
    [
        ("260131", 2026, "2026-01-31"),
        ("760101", 2026, "2076-01-01"),
        ("770101", 2026, "1977-01-01"),
        ("990101", 2026, "1999-01-01"),
        ("000101", 2060, "2100-01-01"),
        ("110101", 2060, "2011-01-01"),
        ("240229", 2026, "2024-02-29"),
        ("240200", 2026, "2024-02-29"),
        ("250229", 2026, None),
        ("251301", 2026, None),
        ("250000", 2026, None),
        ("2501", 2026, None),
        ("25O101", 2026, None),
        ("٢٦٠١٣١", 2026, None),
    ],
)
def test_the_century_of_a_date_is_the_nearest(
    digits: str, this_year: int, date: str | None
) -> None:
    assert iso_date(digits, this_year) == date


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "0109501101530004\x1d21X",
            Elements(
                (("01", "09501101530004"), ("21", "X")),
                (
                    "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; the "
                    "label is misprinted or was misread.",
                ),
            ),
        ),
        (
            f"01{GTIN}\x1d17270231",
            Elements(
                (("01", GTIN), ("17", "270231")), ("(17) USE BY or EXPIRY '270231' is no date.",)
            ),
        ),
        (
            f"01{GTIN}\x1d0512",
            Elements(
                (("01", GTIN),),
                ("No application identifier of GS1 begins with '0512', at character 18 of "
                 "'0109501101530003\\x1d0512'.",),
                whole=False,
            ),
        ),
        (
            "21A\x1d21B",
            Elements((("21", "A"),), ("(21) stands twice, as 'A' and 'B'; the first counts.",)),
        ),
        ("21A\x1d21A", Elements((("21", "A"),))),
        ("\x1d21A\x1d\x1d10B\x1d", Elements((("21", "A"), ("10", "B")))),
        (
            "21Ä\x1d10B",
            Elements((), ("'Ä' is no value for (21) SERIAL.",), whole=False),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_the_rest_is_read(text: str, read: Elements) -> None:
    assert read_string(text, 2026) == read


def test_two_elements_without_their_separator_are_never_guessed_apart() -> None:
    """A medicine box whose reader dropped GS: (21)18242439965412 (10)LT9022 (17)241130
    (https://github.com/OCA/stock-logistics-barcode/pull/557)."""
    text = "0103400935251862211824243996541210LT902217241130"
    assert read_string(text, 2026) == Elements(
        (("01", "03400935251862"),),
        (
            "The separators (GS) were lost: '211824243996541210LT902217241130' can be split as "
            "(21)18242439965412(10)LT902217241130 or (21)18242439965412(10)LT902217(241)130, and "
            "nothing of it is taken. Set the scanner to send GS for FNC1.",
        ),
    )


def test_a_value_that_may_hold_a_second_element_is_read_whole_and_said_to_be_doubtful() -> None:
    text = f"01{GTIN}10ABC21SN1"
    whole = (("01", GTIN), ("10", "ABC21SN1"))
    assert read_string(text, 2026) == Elements(
        whole,
        (
            "No separator (GS) was sent, so (10)ABC21SN1 could as well be (10)ABC(21)SN1; set the "
            "scanner to send GS for FNC1.",
        ),
    )
    assert read_string(text, 2026, sends_separators=True) == Elements(whole)


def test_the_only_way_to_split_is_taken_and_said() -> None:
    assert read_string(f"01{GTIN}10ABCDEFGHIJKLMNOPQ17271231", 2026) == Elements(
        (("01", GTIN), ("10", "ABCDEFGHIJKLMNOPQ"), ("17", "2027-12-31")),
        (
            "The separators (GS) were lost; (10)ABCDEFGHIJKLMNOPQ(17)271231 is the only way to "
            "split it. Set the scanner to send GS for FNC1.",
        ),
    )


def test_a_text_made_to_be_split_in_a_million_ways_ends_soon_and_says_so() -> None:
    read = read_string(f"01{GTIN}" + "10211030" * 50 + "#", 2026)
    assert read.elements == (("01", GTIN),)
    assert not read.whole


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (f"(01){GTIN}(21)SN-7", (("01", GTIN), ("21", "SN-7"))),
        (f"(01) {GTIN} (21) SN-7", (("01", GTIN), ("21", "SN-7"))),
        ("(21)AB\\(1\\)", (("21", "AB(1)"),)),
        ("(21)AB(1)", (("21", "AB(1)"),)),
        ("(17)271231", (("17", "2027-12-31"),)),
    ],
)
def test_brackets_are_read_as_people_type_them(
    text: str, elements: tuple[tuple[str, str], ...]
) -> None:
    assert read_bracketed(text, 2026) == Elements(elements)


@pytest.mark.parametrize("text", ["", "(0", "A(21)B", "( 21)B", "()"])
def test_what_does_not_begin_with_a_bracketed_identifier_is_not_of_that_form(text: str) -> None:
    assert read_bracketed(text, 2026) is None


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("(05)123", "(05) is no application identifier of GS1."),
        ("(01)123", "'123' is no value for (01) GTIN."),
        ("(21)A(10)", "'' is no value for (10) BATCH/LOT."),
    ],
)
def test_what_is_wrong_in_brackets_is_named(text: str, warning: str) -> None:
    read = read_bracketed(text, 2026)
    assert read is not None
    assert (read.warnings, read.whole) == ((warning,), False)


@given(element_strings())
def test_brackets_say_the_same_as_separators(written: gs1.ElementString) -> None:
    bracketed = read_bracketed(written.escaped, 2026)
    assert bracketed is not None
    string = read_string(written.scanned, 2026, sends_separators=True)
    if string.whole and not re.search(r"\\\(?[0-9]{2,4}\\\)", written.escaped):
        assert bracketed.elements == string.elements


@pytest.mark.parametrize(
    ("link", "elements"),
    [
        (f"https://id.gs1.org/01/{GTIN}/21/SN-7", (("01", GTIN), ("21", "SN-7"))),
        (f"http://shop.example:8080/eu/01/{GTIN}/10/L1/21/S1",
         (("01", GTIN), ("10", "L1"), ("21", "S1"))),
        (f"HTTPS://ID.GS1.ORG/01/{GTIN}/21/SN7", (("01", GTIN), ("21", "SN7"))),
        (f"https://x.example/01/{GTIN}/21/A%2FB%26?17=271200&linkType=all",
         (("01", GTIN), ("21", "A/B&"), ("17", "2027-12-31"))),
        (f"https://x.example/01/{GTIN}?10=L%2B1&utm_source=mail#part",
         (("01", GTIN), ("10", "L+1"))),
        (f"https://x.example/01/{GTIN}?10=L+1", (("01", GTIN), ("10", "L+1"))),
        ("https://x.example/01/4006381333931/", (("01", "04006381333931"),)),
        ("https://x.example/00/106141412345678908?02=00614141123452&37=25",
         (("00", "106141412345678908"), ("02", "00614141123452"), ("37", "25"))),
        ("https://x.example/414/9506000134352/254/32a", (("414", "9506000134352"), ("254", "32a"))),
        ("https://x.example/8004/9506000134352ABC", (("8004", "9506000134352ABC"),)),
        (f"https://user:pass@x.example/01/{GTIN}", (("01", GTIN),)),
        (f"https://x.example/00/about/01/{GTIN}", (("01", GTIN),)),
    ],
)  # fmt: skip
def test_a_digital_link_of_any_host_says_its_elements(
    link: str, elements: tuple[tuple[str, str], ...]
) -> None:
    assert read_link(link, 2026) == Elements(elements)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/",
        "https://example.com/00/about",
        "https://example.com/21/SN-7",
        f"https://example.com/01/{GTIN}/21",
        f"https://example.com/01/{GTIN}/99x/1",
        f"https://example.com/01/{GTIN}/21/A%0D%0AB",
        f"https://example.com/01/{GTIN}/21/%FF",
        f"ftp://example.com/01/{GTIN}",
        f"//example.com/01/{GTIN}",
        f"https:///01/{GTIN}",
        f"example.com/01/{GTIN}",
        "https://example.com/01/١٢٣٤٥٦٧٨٩٠١٢٣٤",
    ],
)
def test_another_address_is_no_digital_link(link: str) -> None:
    assert read_link(link, 2026) is None


def test_a_digital_link_with_a_wrong_check_digit_or_date_says_so() -> None:
    assert read_link("https://x.example/01/09501101530004?17=27", 2026) == Elements(
        (("01", "09501101530004"),),
        (
            "'27' is no value for (17) USE BY or EXPIRY.",
            "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; the label is "
            "misprinted or was misread.",
        ),
    )


@given(
    st.text("0123456789", min_size=13, max_size=13).map(lambda d: d + check_digit(d)),
    st.text(SET_82, min_size=1, max_size=20),
    st.text(SET_82, min_size=1, max_size=20),
)
def test_what_biip_writes_as_a_link_is_read_here(gtin: str, lot: str, serial: str) -> None:
    if "." in (lot, serial) or ".." in (lot, serial):
        return
    message = GS1Message.parse(f"01{gtin}10{lot}\x1d21{serial}")
    link = GS1DigitalLinkURI.from_element_strings(message.element_strings).as_uri(
        domain="example.com", prefix="x"
    )
    read = read_link(link, 2026)
    assert read is not None
    assert read.elements == (("01", gtin), ("10", lot), ("21", serial))


@given(st.text())
def test_no_text_breaks_a_reader(text: str) -> None:
    for candidate in (text, f"01{GTIN}{text}", f"21{text}\x1d{text}"):
        assert read_string(candidate, 2026).elements is not None
    for candidate in (text, f"(21){text}", f"({text})"):
        read_bracketed(candidate, 2026)
    for candidate in (text, f"https://{text}", f"https://x/01/{GTIN}/21/{text}?{text}"):
        read_link(candidate, 2026)


def test_a_title_is_that_of_the_standard() -> None:
    assert (title_of("21"), title_of("3103"), title_of("05")) == ("SERIAL", "NET WEIGHT (kg)", "")
