"""A scanner's options: what they may say, and the sentence for each wrong value."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ScannerRefused
from gateway.scanners.scanner import (
    _OPTIONS,
    ENCODINGS,
    USUAL,
    Profile,
    Scanner,
    profile_options,
    read_profile,
    same_device,
)

EVERYTHING = {
    "prefix": "\x02",
    "suffix": "\x03\r",
    "length": 13,
    "idle_ms": 50,
    "repeat_ms": 0,
    "longest": 4096,
    "encoding": "cp1252",
    "aim": True,
    "layout": "de",
    "gs": "{GS}",
    "identifiers": True,
    "feedback": "datalogic",
    "grab": False,
    "pass_through": True,
}


def test_every_field_of_a_profile_is_an_option_and_back() -> None:
    assert {field.name for field in fields(Profile)} == set(_OPTIONS) == set(EVERYTHING)
    profile = read_profile(EVERYTHING)
    assert profile == Profile(**EVERYTHING)  # type: ignore[arg-type]
    assert profile_options(profile) == EVERYTHING


def test_what_nobody_chose_is_not_kept() -> None:
    assert profile_options(USUAL) == {}
    assert profile_options(read_profile({"suffix": "enter", "gs": "|"})) == {"gs": "|"}


def test_options_change_only_what_they_name() -> None:
    known = read_profile({"aim": True, "suffix": "crlf"})
    assert read_profile({"suffix": "tab"}, known) == replace(known, suffix="tab")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sufix": "cr"}, "A scanner has no option 'sufix'; did you mean 'suffix'?"),
        (
            {"colour": 1},
            "A scanner has no option 'colour'; it has prefix, suffix, length, idle_ms, repeat_ms, "
            "longest, encoding, aim, layout, gs, identifiers, feedback, grab, pass_through.",
        ),
        ({"prefix": 2}, "A scanner's prefix is at most 8 ASCII characters, not 2."),
        (
            {"suffix": ""},
            "A scanner's suffix is enter, cr, lf, crlf, tab, etx, none or 1 to 8 ASCII characters, "
            "not ''.",
        ),
        (
            {"length": True},
            "A scanner's length is a whole number of bytes up to 4096, 0 for any, not True.",
        ),
        (
            {"idle_ms": 5},
            "A scanner's idle_ms is a whole number of milliseconds from 20 to 5000, not 5.",
        ),
        (
            {"repeat_ms": 1.5},
            "A scanner's repeat_ms is a whole number of milliseconds up to 10000, not 1.5.",
        ),
        (
            {"longest": 0},
            "A scanner's longest is a whole number of characters from 1 to 4096, not 0.",
        ),
        (
            {"encoding": "utf-16"},
            "A scanner's encoding is an encoding of scanners, such as utf-8, cp1252 or gb18030, "
            "not 'utf-16'.",
        ),
        ({"aim": 1}, "A scanner's aim is true or false, not 1."),
        (
            {"gs": "A"},
            "A scanner's gs is gs, ctrl], alt029, f8, lost or the characters that stand for it, "
            "such as |, not 'A'.",
        ),
        (
            {"feedback": ["bel"]},
            "A scanner's feedback is none, bel, honeywell_esc, ssi, datalogic, not ['bel'].",
        ),
        (
            {"length": 600},
            "Codes of 600 bytes are longer than the longest that are taken (512 characters); set "
            "longest to 600 or more.",
        ),
    ],
)
def test_each_wrong_value_has_a_sentence_of_its_own(
    options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ScannerRefused) as caught:
        read_profile(options)
    assert caught.value.detail == sentence


def test_a_layout_that_there_is_not_is_refused_with_those_there_are() -> None:
    for wrong in ("klingon", ["us"], None):
        with pytest.raises(ScannerRefused, match=r"^A scanner's layout is one of .*\bde\b.*, not "):
            read_profile({"layout": wrong})


@pytest.mark.parametrize(
    "encoding",
    ["hex", "utf-32", "cp037", "rot13", "no such", "utf-7\0", 8, "idna", "unicode_escape"],
)
def test_what_would_hide_the_end_of_a_code_is_no_encoding(encoding: object) -> None:
    with pytest.raises(ScannerRefused, match=r"^A scanner's encoding is "):
        read_profile({"encoding": encoding})


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_every_encoding_keeps_ascii_and_what_frames_a_code(encoding: str) -> None:
    assert read_profile({"encoding": encoding}).encoding == encoding
    assert bytes(range(128)).decode(encoding) == bytes(range(128)).decode("ascii")
    for character in map(chr, range(0x80, 0x10000)):
        with suppress(UnicodeEncodeError):
            assert min(character.encode(encoding)) >= 0x30, character


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(_OPTIONS)) | st.text(max_size=9), JSON, max_size=3))
def test_any_options_are_taken_or_refused_and_never_anything_else(
    options: dict[str, object],
) -> None:
    try:
        profile = read_profile(options)
    except ScannerRefused:
        return
    assert read_profile(profile_options(profile)) == profile


def test_only_address_profile_and_pause_concern_an_open_device() -> None:
    scanner = Scanner(1, "gun-1", "virtual:desk")
    assert same_device(scanner, replace(scanner, name="gun-2", station=7, version=3))
    for other in (
        replace(scanner, url="virtual:dock"),
        replace(scanner, paused=True),
        replace(scanner, profile=read_profile({"aim": True})),
    ):
        assert not same_device(scanner, other)
