from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.iso15434 import (
    IDENTIFIERS,
    Envelope,
    is_envelope,
    read_envelope,
    read_identifiers,
    title_of,
)

GS, RS, EOT = "\x1d", "\x1e", "\x04"


def envelope(*formats: str) -> str:
    return "[)>" + RS + "".join(one + RS for one in formats) + EOT


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            envelope(GS.join(("06", "S123", "1PABC-7", "Q10", "9D2436", "4LDE"))),
            Envelope(
                (("S", "123"), ("1P", "ABC-7"), ("Q", "10"), ("9D", "2436"), ("4L", "DE")),
                ("06",) * 5,
                (),
            ),
        ),
        (
            envelope("05" + GS + "0109501101530003" + "21SN-7" + GS + "17271231"),
            Envelope(
                (("01", "09501101530003"), ("21", "SN-7"), ("17", "2027-12-31")), ("05",) * 3, ()
            ),
        ),
        (
            envelope("12" + GS + "MFR 0CVA5" + GS + "SER786950" + GS + "PNO 1234-A"),
            Envelope(
                (("MFR", "0CVA5"), ("SER", "786950"), ("PNO", "1234-A")), ("12",) * 3, ()
            ),
        ),
        (
            envelope("05" + GS + "21A", "06" + GS + "PX", "DD" + GS + "SEQ 7"),
            Envelope((("21", "A"), ("P", "X"), ("SEQ", "7")), ("05", "06", "DD"), ()),
        ),
        (
            envelope("06" + GS + "S1" + GS + "S2" + GS),
            Envelope((("S", "1"), ("S", "2")), ("06", "06"), ()),
        ),
    ],
)  # fmt: skip
def test_an_envelope_says_its_fields(text: str, read: Envelope) -> None:
    assert is_envelope(text)
    assert read_envelope(text, 2026) == read


def test_several_formats_in_one_envelope_are_all_read() -> None:
    read = read_envelope(envelope("06" + GS + "S1", "07" + GS + "hello", "06" + GS + "Q2"), 2026)
    assert read == Envelope(
        (("S", "1"), ("Q", "2")),
        ("06", "06"),
        ("Format '07' of the envelope is not read here: only 05, 06 and 12 are.",),
    )


NO_EOT = "The end of the envelope (EOT) was lost; it may have been cut off."
NO_RS = "The end of the last format (RS) was lost; it may have been cut off."
NO_HEAD_RS = "The record separator (RS) behind '[)>' was lost."


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("[)>" + RS + "06" + GS + "S1" + GS + "Q2" + RS, (NO_EOT,)),
        ("[)>" + RS + "06" + GS + "S1" + GS + "Q2", (NO_EOT, NO_RS)),
        ("[)>" + RS + "06" + GS + "S1" + GS + "Q2" + EOT, (NO_RS,)),
        ("[)>" + "06" + GS + "S1" + GS + "Q2" + RS + EOT, (NO_HEAD_RS,)),
        (
            ">[)>" + RS + "06" + GS + "S1" + GS + "Q2" + RS + EOT,
            ("A '>' stands in front of the envelope; it was passed over.",),
        ),
    ],
)
def test_a_lost_end_is_forgiven_and_named(text: str, warnings: tuple[str, ...]) -> None:
    assert is_envelope(text)
    assert read_envelope(text, 2026) == Envelope((("S", "1"), ("Q", "2")), ("06", "06"), warnings)


def test_lost_group_separators_leave_nothing_to_read() -> None:
    assert read_envelope("[)>" + RS + "06S11PABCQ2" + RS + EOT, 2026) == Envelope(
        (),
        (),
        (
            "The group separators (GS) of format 06 were lost, so nothing tells its fields apart; "
            "set the scanner to send GS.",
        ),
    )


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("[)>", "'[)>' is the head of an envelope without a format."),
        (envelope("06" + GS + "lower"),
         "The field 'lower' of format 06 begins with no identifier."),
        (envelope("06" + GS + "S"), "The field 'S' of format 06 begins with no identifier."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, warning: str) -> None:
    assert read_envelope(text, 2026) == Envelope((), (), (warning,))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("D260131", "2026-01-31"),
        ("12D20260131", "2026-01-31"),
        ("14D20271231", "2027-12-31"),
        ("15D31122027", "2027-12-31"),
        ("16D20260131", "2026-01-31"),
        ("17D31012026", "2026-01-31"),
        ("25D20260131", "2026-01-31"),
        ("16D20261331", "20261331"),
        ("D2613", "2613"),
        ("9D2436", "2436"),
        ("10D2605", "2605"),
    ],
)
def test_dates_are_shown_as_dates_where_their_form_is_the_standards(field: str, value: str) -> None:
    read = read_envelope(envelope("06" + GS + field), 2026)
    assert [one for _, one in read.elements] == [value]
    assert read_identifiers(field, 2026) == read.elements


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("S12345", (("S", "12345"),)),
        ("1PABC-7", (("1P", "ABC-7"),)),
        ("30PX", (("30P", "X"),)),
        ("Q10" + GS + "1T4711", (("Q", "10"), ("1T", "4711"))),
        ("25SUN123456789A1", (("25S", "UN123456789A1"),)),
        ("12345", None),
        ("s1", None),
        ("99ZX", None),
        ("S", None),
        ("", None),
        ("S1" + GS + "hello", None),
    ],
)
def test_bare_identifiers_are_read_whole_or_not_at_all(
    text: str, pairs: tuple[tuple[str, str], ...] | None
) -> None:
    assert read_identifiers(text, 2026) == pairs


def test_every_identifier_has_a_title_and_the_form_of_the_standard() -> None:
    for identifier, title in IDENTIFIERS.items():
        assert re.fullmatch(r"[0-9]{0,3}[A-Z]", identifier)
        assert title
        assert title_of(identifier) == title
    assert title_of("99Z") == "Unknown identifier"
    assert title_of("SER") == "Serial number"


@given(st.text(), st.lists(st.text(alphabet="[)>0156SPQ" + GS + RS + EOT)))
def test_no_text_breaks_the_reader(text: str, pieces: list[str]) -> None:
    for candidate in (text, "[)>" + text, "".join(pieces), "[)>" + RS + "06" + "".join(pieces)):
        read = read_envelope(candidate, 2026)
        assert len(read.elements) == len(read.formats)
        read_identifiers(candidate, 2026)
