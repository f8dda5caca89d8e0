from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.clean import LONGEST, clean

pytestmark = pytest.mark.threat("T11")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" A1234\r\n", "A1234"),
        ("\tA 12 34\t", "A 12 34"),
        ("A1\x1dB2", "A1\x1dB2"),
        ("[)>\x1e06\x1dS1\x1e\x04\r", "[)>\x1e06\x1dS1\x1e\x04"),
        ("A" * LONGEST, "A" * LONGEST),
        ("E\u0301", "\u00c9"),
        ("Schraube 5 µm", "Schraube 5 µm"),
        ("SN\u00a01\u3000", "SN 1"),
        ("部品-1", "部品-1"),
        ("กั้น", "กั้น"),
        ("", ""),
    ],
)
def test_an_honest_code_comes_through_in_nfc_and_without_framing(raw: str, text: str) -> None:
    assert clean(raw) == (text, "")


@pytest.mark.parametrize("number", [*range(32), *range(0x7F, 0xA0)])
def test_of_all_control_characters_only_three_may_stand_in_a_code(number: int) -> None:
    raw = f"A{chr(number)}B"
    if number in (0x1D, 0x1E, 0x04):
        assert clean(raw) == (raw, "")
        assert clean(f"Ä{raw}") == (f"Ä{raw}", "")
    else:
        assert clean(raw) == (f"A\\u{number:04x}B", "characters")
        assert clean(f"Ä{raw}") == (f"ÄA\\u{number:04x}B", "characters")


@pytest.mark.parametrize(
    "character",
    [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
     *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\ufe0f\u2800\u180e",
     *"\u2028\u2029\ue000\uffff\U000e0041\U000f0000"],
)  # fmt: skip
def test_what_cannot_be_seen_is_refused_and_written_out(character: str) -> None:
    number = ord(character)
    written = f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    assert clean(f"A1{character}2") == (f"A1{written}2", "characters")


def test_a_letter_carries_three_marks_and_no_more() -> None:
    assert clean("x\u0316\u0317\u0318") == ("x\u0316\u0317\u0318", "")
    assert clean("x\u0316\u0317\u0318\u0319")[1] == "characters"
    assert clean("x\u0316\u0317y\u0318\u0319z\u0316\u0317")[1] == ""


def test_too_long_is_cut_for_showing_and_never_acted_on() -> None:
    assert clean("A" * 513) == ("A" * 512, "too_long")
    assert clean("ABCDEF", longest=5) == ("ABCDE", "too_long")
    assert clean("\u0958" * 300, longest=512)[1] == "too_long"  # two characters each in NFC


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("A\ud800", "A\\ud800"), ("\udcff1", "\\udcff1"), ("A\ufffdB\x1b", "A\\ufffdB\\u001b")],
)
def test_what_was_no_text_is_said_to_be_none(raw: str, shown: str) -> None:
    assert clean(raw) == (shown, "encoding")


@given(st.text(st.characters(), max_size=600))
def test_what_comes_through_is_clean_already_and_the_rest_can_be_shown_anywhere(raw: str) -> None:
    text, fault = clean(raw)
    assert text.encode("utf-8").decode("utf-8") == text
    assert len(text) <= LONGEST
    if fault:
        assert text.isprintable()
    else:
        assert clean(text) == (text, "")
        assert unicodedata.is_normalized("NFC", text)
        kinds = {unicodedata.category(one) for one in text if one not in "\x1d\x1e\x04"}
        assert kinds.isdisjoint({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
