"""The layouts are those of the keyboards in the shops: xkeyboard-config is asked key by key."""

from __future__ import annotations

import pytest

from gateway.errors import InputRefused
from gateway.scanners.layouts import (
    Layout,
    Sign,
    Stroke,
    join_accent,
    layout_of,
    load_layouts,
)
from tests.scanners import xkb

XKB = {
    "us": ("us", ""), "us-intl": ("us", "intl"), "uk": ("gb", ""), "de": ("de", ""),
    "fr": ("fr", ""), "be": ("be", ""), "ch-de": ("ch", ""), "ch-fr": ("ch", "fr"),
    "it": ("it", ""), "es": ("es", ""), "pt": ("pt", ""), "br": ("br", ""), "nl": ("nl", ""),
    "se": ("se", ""), "no": ("no", ""), "dk": ("dk", ""), "jp": ("jp", ""),
}  # fmt: skip

WINDOWS_DIFFERS = {
    "us": {"86": "<", "Shift+86": ">"},
    "us-intl": {"AltGr+40": "'", "Shift+AltGr+40": '"', "40": "´", "Shift+40": "¨"},
    "uk": {
        "AltGr+41": "|", "AltGr+18": "e", "AltGr+22": "↓", "AltGr+23": "→", "AltGr+24": "ø",
        "AltGr+30": "æ", "Shift+AltGr+18": "E", "Shift+AltGr+22": "↑", "Shift+AltGr+23": "ı",
        "Shift+AltGr+24": "Ø", "Shift+AltGr+30": "Æ",
    },
    "fr": {"AltGr+3": "~", "AltGr+8": "`"},
    "be": {"AltGr+5": "¼", "AltGr+6": "½"},
    "ch-de": {"AltGr+2": "|", "AltGr+5": "¼", "AltGr+6": "½"},
    "ch-fr": {"AltGr+2": "|", "AltGr+5": "¼", "AltGr+6": "½"},
    "it": {"AltGr+6": "½"},
    "es": {"AltGr+5": "~", "AltGr+6": "½"},
    "pt": {"AltGr+6": "½"},
    "br": {"AltGr+46": "©"},
    "nl": {"13": "°", "AltGr+86": "|", "AltGr+50": "μ"},
    "no": {"AltGr+6": "½"},
    "dk": {"AltGr+6": "½"},
}  # fmt: skip
"""Keys on which Linux types something else than Windows, whose layouts scanners imitate (CLDR 42,
keyboards/windows); what Linux types there. Of ASCII it is only the tilde and the grave
accent, dead on Windows, and the backslash beside Shift of a keyboard the United States lack."""


@pytest.mark.skipif(not xkb.is_there(), reason="libxkbcommon is not on this computer")
@pytest.mark.parametrize("name", load_layouts())
def test_each_key_types_what_a_computer_shows_for_it(name: str) -> None:
    model = "jp106" if name == "jp" else "pc105"
    keymap = xkb.Keymap(*XKB[name], model)
    differ = {}
    for stroke, sign in layout_of(name).signs.items():
        if stroke.code == 57:
            continue
        shown = keymap.sign(stroke.code, shift=stroke.shift, altgr=stroke.altgr)
        if shown != (sign.character, sign.dead):
            differ[str(stroke)] = shown[0]
    assert differ == WINDOWS_DIFFERS.get(name, {})


def test_every_layout_types_all_of_ascii_and_italian_all_but_two() -> None:
    lacking = {
        name: "".join(c for c in map(chr, range(0x20, 0x7F)) if not can_type(layout, c))
        for name, layout in load_layouts().items()
    }
    # Windows has neither on an Italian keyboard; scanners type them as Alt codes.
    assert {name: lack for name, lack in lacking.items() if lack} == {"it": "`~"}


def can_type(layout: Layout, text: str) -> bool:
    try:
        layout.strokes(text)
    except InputRefused:
        return False
    return True


def test_a_character_no_key_types_is_refused_by_name() -> None:
    with pytest.raises(InputRefused) as refused:
        layout_of("us").strokes("10 €")
    assert refused.value.detail == (
        "Character 4, '€', cannot be typed on the keyboard layout us (English (United States)); "
        "choose another layout."
    )


def test_an_unknown_layout_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputRefused) as refused:
        layout_of("dvorak")
    assert refused.value.detail == (
        "There is no keyboard layout 'dvorak'; it is one of us, us-intl, uk, de, fr, be, ch-de, "
        "ch-fr, it, es, pt, br, nl, se, no, dk, jp."
    )


def test_a_letter_with_an_accent_is_typed_with_the_dead_key() -> None:
    german = layout_of("de")
    assert german.strokes("ê^") == [Stroke(41), Stroke(18), Stroke(41), Stroke(57)]
    assert german.sign(41) == Sign("^", dead=True)


@pytest.mark.parametrize(
    ("accent", "character", "together"),
    [("~", "n", "ñ"), ("¨", "U", "Ü"), ("'", "c", "ć"), ("^", "^", "^"), ("´", "x", "´x")],
)
def test_a_dead_key_and_the_next_make_one(accent: str, character: str, together: str) -> None:
    assert join_accent(accent, character) == together
