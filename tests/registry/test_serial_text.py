from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InputRefused
from gateway.registry.refusals import CAUSES, Offence
from gateway.registry.serial_text import check_serial, gs1_warning, key_of, normalise

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
EVERY_CHARACTER = [chr(code) for code in range(sys.maxunicode + 1)]


@pytest.mark.seed("A16")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  A1 \r\n", "A1"),
        ("A1\r\nA2\rA3\nA4", "A1\nA2\nA3\nA4"),
        ("\ufeffA1", "A1"),
        ("A\u200b\u200c\u200d\u2060\ufeff\u00ad1", "A1"),
        ("A\u00a01\u20072\u202f3\u30004", "A 1 2 3 4"),
        ("A\u030a\u200b1", "\u00c51"),
        ("A\u200b\u030a", "\u00c5"),  # composed only when what parts the two is gone
        ("\x00\x1f\u2028\u202e", "\x00\x1f\u2028\u202e"),  # refused later, by name
        ("", ""),
    ],
)
def test_text_is_made_plain_before_it_is_read(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_plain_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_every_space_that_looks_plain_becomes_plain() -> None:
    spaces = [c for c in EVERY_CHARACTER if unicodedata.category(c) == "Zs"]
    assert normalise("A" + "".join(spaces) + "B") == "A" + " " * len(spaces) + "B"
    assert len(spaces) == 17


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ab1", "aB1"),
        ("STRASSE", "Straße"),
        ("\u00c51", "a\u030a1"),
        ("ΣΑΣ", "σας"),
        ("K", "\u212a"),
        ("α\u0345\u0301", "α\u0301\u0345"),  # the order of marks means nothing
    ],
)
def test_serials_that_differ_in_case_alone_share_a_folded_key(one: str, other: str) -> None:
    assert key_of(one, "fold") == key_of(other, "fold")
    assert key_of(one) == key_of(one, "fold")
    assert unicodedata.is_normalized("NFC", key_of(one))


def test_an_exact_key_keeps_case_as_the_gs1_serial_does() -> None:
    assert key_of("Ab1", "exact") == "Ab1"
    assert key_of("A\u030a1", "exact") == "\u00c51"
    assert key_of("Ab1", "exact") != key_of("AB1", "exact")


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert key_of(key_of(text, "fold"), "fold") == key_of(text, "fold")
    assert key_of(key_of(text, "exact"), "exact") == key_of(text, "exact")


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_folds_like_the_long_one(text: str) -> None:
    assert key_of(text, "fold") == unicodedata.normalize("NFC", text.casefold())


def test_an_ordinary_serial_is_not_refused() -> None:
    for serial in ("A1", "SN 1", "a" * 64, "Ångström-7", "序列号1", "1/2\"x'", "שלום-1"):
        assert check_serial(serial) == ()
    assert check_serial("SN1", "SN[0-9]") == ()


def test_everything_that_is_wrong_with_a_serial_is_said_at_once() -> None:
    serial = " X\t" + "9" * 62
    shown = repr(serial[:64])
    assert check_serial(serial, "SN.*") == (
        Offence(
            serial,
            "serial_too_long",
            f"Serial {shown}… has 65 characters; at most 64 are kept.",
            {"length": 65, "longest": 64},
        ),
        Offence(
            serial,
            "serial_bad_character",
            f"Serial {shown} begins or ends with a space; enter it without.",
        ),
        Offence(
            serial,
            "serial_bad_character",
            f"Serial {shown} holds U+0009 as its character 3, a control character; enter it "
            "without.",
            {"character": "U+0009", "at": 2},
        ),
        Offence(
            serial,
            "serial_mask_mismatch",
            f"Serial {shown} does not look like the item's serials, whose mask is 'SN.*'.",
            {"mask": "SN.*"},
        ),
    )
    assert {fault.code for fault in check_serial(serial, "SN.*")} <= set(CAUSES)


@pytest.mark.parametrize("serial", [" A1", "A1 ", " "])
def test_no_serial_begins_or_ends_with_a_space(serial: str) -> None:
    (fault,) = check_serial(serial)
    assert fault.detail == f"Serial {serial!r} begins or ends with a space; enter it without."


def test_a_serial_has_a_character() -> None:
    assert check_serial("") == (
        Offence(
            "", "serial_bad_character", "A serial has at least one character, got nothing.", {}
        ),
    )


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    ("character", "code", "what"),
    [
        ("\x00", "U+0000", "a control character"),
        ("\x1b", "U+001B", "a control character"),
        ("\x7f", "U+007F", "a control character"),
        ("\x9b", "U+009B", "a control character"),
        ("\u2028", "U+2028", "a line separator"),
        ("\u2029", "U+2029", "a paragraph separator"),
        ("\udc80", "U+DC80", "half of a surrogate pair"),
        ("\u202e", "U+202E", "which turns the order of reading round unseen"),
        ("\u200f", "U+200F", "which turns the order of reading round unseen"),
    ],
)
def test_a_character_that_is_refused_is_named(character: str, code: str, what: str) -> None:
    (fault,) = check_serial(f"A{character}1")
    assert fault.code == "serial_bad_character"
    assert fault.detail == (
        f"Serial {f'A{character}1'!r} holds {code} as its character 2, {what}; enter it without."
    )


def test_of_all_characters_only_those_are_refused() -> None:
    refused = [c for c in EVERY_CHARACTER if check_serial(f"A{c}1")]
    # The Unicode Character Database: Bidi_Control has twelve characters.
    bidi = [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    controls = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000)]
    assert refused == [chr(code) for code in sorted([*bidi, *controls])]


def test_a_mask_that_is_not_understood_is_refused() -> None:
    with pytest.raises(InputRefused):
        check_serial("A1", "(A")


@pytest.mark.parametrize(
    ("serial", "warning"),
    [
        ("SN-7/a", None),
        ("A" * 20, None),
        (SET_82[:20], None),
        (
            "A" * 21,
            f"Serial '{'A' * 21}' cannot be carried as GS1 (21): it has 21 characters, and that "
            "element has room for 1 to 20.",
        ),
        (
            "",
            "Serial '' cannot be carried as GS1 (21): it has 0 characters, and that element has "
            "room for 1 to 20.",
        ),
        (
            "SN 7",
            "Serial 'SN 7' cannot be carried as GS1 (21): ' ' (U+0020) is not in GS1's character "
            "set 82.",
        ),
        (
            "A\\(7",
            "Serial 'A\\\\(7' cannot be carried as GS1 (21): '\\\\' (U+005C) is not in GS1's "
            "character set 82.",
        ),
    ],
)
def test_a_serial_that_gs1_cannot_carry_is_warned_of(serial: str, warning: str | None) -> None:
    assert gs1_warning(serial) == warning


@given(st.text(st.one_of(st.sampled_from(SET_82), st.characters(max_codepoint=400)), max_size=24))
def test_the_warning_agrees_with_the_standard(serial: str) -> None:
    carried = 0 < len(serial) <= 20 and set(serial) <= set(SET_82)
    assert (gs1_warning(serial) is None) is carried


@pytest.mark.threat("T11")
def test_no_serial_is_a_command() -> None:
    """Its label would be one, for every station that scans it."""
    (fault,) = check_serial("gwc-DONE-L")
    assert fault.code == "serial_bad_character"
    assert fault.detail == "Serial 'gwc-DONE-L' begins as commands do, which are scanned too."
    assert check_serial("GW-1234") == (), "a maker's serial may begin like a code of ours"
