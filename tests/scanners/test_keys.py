"""Keys become the characters a scanner meant: by its own layout, and its own way to write GS."""

from __future__ import annotations

import pytest

from gateway.scanners.keys import (
    DOWN,
    GS,
    HELD,
    KEY_ENTER,
    KEY_F8,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEY_RIGHTALT,
    UNKNOWN,
    UP,
    KeyDecoder,
    decode_keys,
    pack_keys,
    type_text,
    unpack_keys,
)
from gateway.scanners.layouts import layout_of, load_layouts

Keys = list[tuple[int, int]]
PAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}


def tap(*codes: int) -> Keys:
    """Press keys together: all down in order, then up again."""
    return [(code, DOWN) for code in codes] + [(code, UP) for code in reversed(codes)]


def alt_code(digits: str, alt: int = KEY_LEFTALT) -> Keys:
    return [(alt, DOWN), *[key for digit in digits for key in tap(PAD[digit])], (alt, UP)]


def read(keys: Keys, layout: str = "us", gs: str = "gs") -> str:
    return decode_keys(keys, layout_of(layout), gs)


@pytest.mark.parametrize("name", load_layouts())
def test_what_is_typed_on_a_layout_is_read_on_it(name: str) -> None:
    layout = layout_of(name)
    text = "".join(sorted({sign.character for sign in layout.signs.values()})) + "\r"
    assert decode_keys(type_text(text, layout), layout) == text


@pytest.mark.parametrize(
    ("sent", "scanner", "taken_for", "shown"),
    [
        ("ABC-Z/1", "us", "de", "ABCßY-1"),  # the garbling that people report
        ('"@', "uk", "us", '@"'),
        ("12-AQ", "fr", "us", "!@6QA"),
    ],
)
def test_a_layout_that_is_not_the_scanners_garbles(
    sent: str, scanner: str, taken_for: str, shown: str
) -> None:
    keys = type_text(sent, layout_of(scanner))
    assert decode_keys(keys, layout_of(taken_for)) == shown
    assert decode_keys(keys, layout_of(scanner)) == sent


@pytest.mark.parametrize(
    ("layout", "key", "made"),
    [
        ("us", 27, GS),
        ("de", 27, GS),  # the key is + there
        ("fr", 27, GS),  # and $ there
        ("nl", 13, GS),
        ("jp", 43, GS),
        ("us", 32, "\x04"),
        ("fr", 16, "\x01"),  # A is where Q is
        ("us", 7, "\x1e"),
    ],
)
def test_ctrl_with_a_key_is_the_control_character_of_that_layout(
    layout: str, key: int, made: str
) -> None:
    assert read([*tap(30), *tap(KEY_LEFTCTRL, key), *tap(48)], layout)[1:-1] == made


@pytest.mark.parametrize(
    ("digits", "layout", "typed"),
    [
        ("029", "us", GS),
        ("29", "us", GS),
        ("0029", "de", GS),
        ("065", "us", "A"),
        ("96", "it", "`"),
        ("0228", "de", "ä"),  # Windows-1252
        ("0128", "us", "€"),
        ("132", "de", "ä"),  # DOS, page 850
        ("225", "us", "ß"),  # DOS, page 437
        ("8364", "us", "€"),
        ("55296", "us", UNKNOWN),  # half a surrogate pair
    ],
)
def test_alt_with_digits_of_the_keypad_is_a_character(digits: str, layout: str, typed: str) -> None:
    assert read(alt_code(digits), layout) == typed


def test_the_right_alt_is_alt_where_there_is_no_altgr() -> None:
    assert read(alt_code("029", KEY_RIGHTALT), "us") == GS
    assert read(tap(KEY_RIGHTALT, 16), "de") == "@"
    assert read(tap(KEY_LEFTCTRL, KEY_LEFTALT, 16), "de") == "@"


def test_f8_is_gs_only_where_the_scanner_was_set_so() -> None:
    keys = [*tap(2), *tap(KEY_F8), *tap(3)]
    assert read(keys, gs="f8") == f"1{GS}2"
    # Without it, it must not vanish: 12 would be another code.
    assert read(keys) == f"1{UNKNOWN}2"


@pytest.mark.parametrize(
    "keys",
    [tap(105), tap(125, 19), tap(KEY_LEFTALT, 33), alt_code("9999999")[:-1], tap(59), tap(86, 59)],
    ids=["cursor", "Windows+R", "Alt+F", "seven digits", "F1", "with F1"],
)
def test_a_key_that_types_nothing_spoils_the_code_and_does_not_vanish(keys: Keys) -> None:
    assert UNKNOWN in read(keys)


def test_a_held_key_types_once() -> None:
    assert read([(30, DOWN), (30, HELD), (30, HELD), (30, UP)]) == "a"


def test_keys_that_overlap_are_both_read() -> None:
    shift = KEY_LEFTSHIFT
    keys = [(shift, DOWN), (30, DOWN), (48, DOWN), (30, UP), (shift, UP), (46, DOWN), (48, UP)]
    assert read(keys) == "ABc"


def test_caps_lock_turns_letters_and_leaves_digits() -> None:
    keys = [*tap(58), *tap(30), *tap(2), *tap(KEY_LEFTSHIFT, 30), *tap(58), *tap(30)]
    assert read(keys) == "A1aa"
    assert read([*tap(58), *tap(39)], "de") == "Ö"


def test_num_and_scroll_lock_say_nothing() -> None:
    assert read([*tap(69), *tap(30), *tap(70), *tap(69)]) == "a"


def test_the_keypad_types_digits_and_enter() -> None:
    assert read([*tap(79), *tap(83), *tap(80), *tap(74), *tap(96)]) == "1.2-\r"


def test_a_dead_key_waits_for_the_next() -> None:
    circumflex, space, e, one = tap(41), tap(57), tap(18), tap(2)
    assert read([*circumflex, *space], "de") == "^"
    assert read([*circumflex, *e], "de") == "ê"
    assert read([*circumflex, *one], "de") == "^1"
    assert read([*circumflex, *circumflex], "de") == "^"
    assert read([*circumflex, *tap(13), *space], "de") == "^´"
    assert read([*circumflex, *tap(KEY_ENTER)], "de") == "^\r"


def test_after_lost_keys_nothing_of_before_is_left() -> None:
    decoder = KeyDecoder(layout_of("de"))
    assert decoder.press(KEY_LEFTSHIFT, DOWN) + decoder.press(41, DOWN) == "°"
    assert decoder.press(13, DOWN) == ""
    decoder.forget([30])
    assert not decoder.is_idle
    assert decoder.press(30, UP) + decoder.press(30, DOWN) == "a"
    decoder.forget()
    assert decoder.is_idle


def test_keys_are_kept_as_bytes_and_come_back() -> None:
    keys = [*tap(KEY_LEFTSHIFT, 30), (30, HELD), *tap(KEY_ENTER)]
    packed = pack_keys(keys)
    assert packed.hex(" ", 2) == "002a 001e 801e 802a 001c 801c"
    assert unpack_keys(packed) == [key for key in keys if key[1] != HELD]
    assert unpack_keys(packed[:3]) == [(KEY_LEFTSHIFT, DOWN)]
