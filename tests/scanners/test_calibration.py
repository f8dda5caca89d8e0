"""A few scans of known codes tell which keyboard a scanner imitates, and how it writes GS."""

from __future__ import annotations

import pytest

from gateway.scanners.calibration import (
    CODES,
    PRINTABLE,
    Calibration,
    CalibrationCode,
    detect_layout,
    detect_typed,
)
from gateway.scanners.keys import (
    DOWN,
    GS,
    KEY_ENTER,
    KEY_F8,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    UP,
    decode_keys,
    pack_keys,
    type_text,
)
from gateway.scanners.layouts import layout_of, load_layouts
from gateway.scanners.scanner import read_profile

Keys = list[tuple[int, int]]
QR, LINES, LAST = CODES[0], CODES[1:-1], CODES[-1]

ALIKE = [{"ch-de", "ch-fr"}]
"""Layouts that type ASCII with the same keys: no scan of it tells them apart."""

BY_CTRL: Keys = [(KEY_LEFTCTRL, DOWN), (27, DOWN), (27, UP), (KEY_LEFTCTRL, UP)]
BY_F8: Keys = [(KEY_F8, DOWN), (KEY_F8, UP)]
BY_ALT: Keys = [
    (KEY_LEFTALT, DOWN), (82, DOWN), (82, UP), (80, DOWN), (80, UP), (73, DOWN), (73, UP),
    (KEY_LEFTALT, UP),
]  # fmt: skip


def scan(text: str, layout: str = "us", gs: Keys | None = None) -> bytes:
    """Return what a scanner set to a layout types for a code."""
    keys: Keys = []
    for number, part in enumerate(text.split(GS)):
        keys += [*((gs or []) if number else []), *_typed(part, layout)]
    return pack_keys([*keys, (KEY_ENTER, DOWN), (KEY_ENTER, UP)])


def _typed(part: str, layout: str) -> Keys:
    """Type as scanners do: by Alt codes what the layout has not."""
    keys: Keys = []
    for character in part:
        if layout == "it" and character in "`~":
            digits = [[73, 77], [79, 80, 77]][character == "~"]  # 96, 126
            taps = [key for digit in digits for key in ((digit, DOWN), (digit, UP))]
            keys += [(KEY_LEFTALT, DOWN), *taps, (KEY_LEFTALT, UP)]
        else:
            keys += type_text(character, layout_of(layout))
    return keys


@pytest.mark.parametrize("name", load_layouts())
@pytest.mark.parametrize("codes", [(QR,), LINES], ids=["QR Code", "five lines"])
def test_each_layout_is_found_and_those_alike_are_named(
    name: str, codes: tuple[CalibrationCode, ...]
) -> None:
    found = detect_layout([scan(code.sent, name, BY_F8) for code in codes])
    assert found.gs == ("f8" if QR in codes else "")
    alike = next((group for group in ALIKE if name in group), {name})
    assert set(found.layouts) == alike
    assert found.is_certain == (len(alike) == 1)


def test_the_codes_hold_every_printable_character_of_ascii() -> None:
    ascii_there_is = {chr(code) for code in range(0x20, 0x7F)}
    assert set(PRINTABLE) == ascii_there_is
    assert set("".join(code.sent for code in LINES)) == ascii_there_is
    assert all(code.sent.strip() == code.sent for code in CODES)


@pytest.mark.parametrize(
    ("keys", "gs"),
    [
        (BY_CTRL, "ctrl]"),
        (BY_ALT, "alt029"),
        (BY_F8, "f8"),
        (type_text("|", layout_of("us")), "|"),
        (type_text("{GS}", layout_of("us")), "lost"),
        ([], "lost"),
        ([(105, DOWN), (105, UP)], "lost"),
    ],
    ids=["Ctrl+]", "Alt+029", "F8", "|", "with letters", "nothing", "a cursor key"],
)
def test_how_gs_comes_is_told(keys: Keys, gs: str) -> None:
    found = detect_layout([scan(LAST.sent, gs=keys)])
    assert found.gs == gs
    assert "us" in found.layouts
    assert found.missing == (0,)


def test_gs_is_told_on_another_layout() -> None:
    found = detect_layout([scan(QR.sent, "de", BY_CTRL)])
    assert found == Calibration(("de",), "ctrl]", "", "\r", False, ())
    assert found.is_certain
    assert found.options() == {"layout": "de", "gs": "ctrl]"}


def test_what_is_around_the_codes_is_told() -> None:
    keys = pack_keys([*type_text(f"#]Q1{PRINTABLE}", layout_of("uk")), (15, DOWN), (15, UP)])
    found = detect_layout([keys])
    assert found == Calibration(("uk",), "lost", "#", "\t", True, ())
    assert found.options() == {
        "layout": "uk", "aim": True, "prefix": "#", "suffix": "tab", "gs": "lost",
    }  # fmt: skip
    read_profile(found.options())


def test_some_lines_leave_several_layouts_and_name_the_lines_that_are_missing() -> None:
    found = detect_layout([scan(LINES[2].sent, "de"), scan(LINES[2].sent, "de")])
    # Capital letters are where they are in America but for Z, and but for French A, M, Q and W.
    assert set(found.layouts) == set(load_layouts()) - {"fr", "be"}
    assert found.missing == (1, 2, 4, 5, 6)
    assert not found.is_certain


@pytest.mark.parametrize("scans", [[], [scan("A1234")], [b""], [scan(QR.sent)[:-60]]])
def test_other_codes_explain_nothing(scans: list[bytes]) -> None:
    found = detect_layout(scans)
    assert found == Calibration((), "", "", "", False, (0, len(CODES) - 1))
    assert found.options() == {}


def test_what_a_browser_shows_tells_too() -> None:
    american = detect_typed([f"{PRINTABLE}\r"], "us")
    assert american.layouts == ("us",)
    assert american.suffix == "\r"
    # A German scanner at a computer set to English: Y and Z, and the rest of the keys of a line.
    german = decode_keys(type_text(LINES[0].sent, layout_of("de")), layout_of("us"))
    assert german == "!@\\$%^|*(}],/.&0123"
    assert "de" in detect_typed([german], "us").layouts
