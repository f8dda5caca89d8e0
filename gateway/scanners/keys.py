r"""Keys that a scanner types, as the characters it means.

    (code, value) of evdev ──KeyDecoder.press──► characters, CR of Enter and GS among them
    the same keys ──pack_keys──► bytes, kept as ``Read.raw`` ──unpack_keys──► keys again

What a scanner types beside plain keys is what keyboards of PCs and Windows make of it, whichever
system reads it: Alt with digits of the keypad, Ctrl with a letter or bracket, dead keys. Key codes
are Linux's (linux/input-event-codes.h); values are 1 down, 0 up, 2 held.

>>> from gateway.scanners.layouts import layout_of
>>> decoder = KeyDecoder(layout_of("us"))
>>> "".join(decoder.press(code, value) for code, value in [(42, 1), (30, 1), (30, 0), (42, 0)])
'A'
>>> "".join(decoder.press(code, value) for code, value in [(29, 1), (27, 1), (27, 0), (29, 0)])
'\x1d'
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.scanners.layouts import Layout, join_accent

UP, DOWN, HELD = 0, 1, 2
"""Values of EV_KEY."""

GS = "\x1d"

UNKNOWN = "\x1a"
"""SUB, for a key that types nothing: a code with it in it is refused, and not read without it."""

KEY_ENTER, KEY_LEFTSHIFT, KEY_LEFTCTRL, KEY_LEFTALT, KEY_RIGHTALT = 28, 42, 29, 56, 100
KEY_CAPSLOCK, KEY_F8 = 58, 66

SHIFTS = frozenset((KEY_LEFTSHIFT, 54))
CTRLS = frozenset((KEY_LEFTCTRL, 97))
METAS = frozenset((125, 126))
LOCKS = frozenset((KEY_CAPSLOCK, 69, 70))
"""Caps, Num and Scroll: some scanners press them before and behind a code."""

MODIFIERS = SHIFTS | CTRLS | METAS | LOCKS | {KEY_LEFTALT, KEY_RIGHTALT}

KEYPAD = {
    82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9",
    83: ".", 74: "-", 78: "+", 55: "*", 98: "/", 117: "=", 121: ",",
}  # fmt: skip

_EVERYWHERE = {
    KEY_ENTER: "\r", 96: "\r", 101: "\n", 15: "\t", 14: "\b", 1: "\x1b",
}  # fmt: skip
"""Enter, the keypad's Enter, LineFeed, Tab, Backspace, Esc."""

OEM = {"us": "cp437", "us-intl": "cp437", "jp": "cp932"}
"""What Alt with a number that does not begin with 0 means: the code page of DOS, cp850 where it is
not told otherwise."""

LONGEST_NUMBER = 6
"""Digits behind Alt; more are no number of a character."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that went down (1), up (0), or is held (2)."""

    code: int
    value: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Keys that the system dropped: what was typed since the last ending is unknown."""

    down: frozenset[int]
    """The keys that are down now."""


class KeyDecoder:
    """Turns keys into characters by the layout and the GS of one scanner."""

    def __init__(self, layout: Layout, gs: str = "gs") -> None:
        self._layout = layout
        self._f8 = gs == "f8"
        self._down: set[int] = set()
        self._caps = False
        self._accent = ""
        self._number = ""

    def press(self, code: int, value: int) -> str:
        """Return the characters that an event ends; most often none or one."""
        if value == UP:
            self._down.discard(code)
            return self._typed_number() if code in (KEY_LEFTALT, KEY_RIGHTALT) else ""
        if value != DOWN:
            return ""
        self._down.add(code)
        if code in MODIFIERS:
            self._caps ^= code == KEY_CAPSLOCK
            return ""
        return self._joined(*self._meaning(code))

    def forget(self, down: Iterable[int] = ()) -> None:
        """Begin anew after keys were lost; ``down`` are those that are down now."""
        self._down = set(down)
        self._accent = self._number = ""

    @property
    def is_idle(self) -> bool:
        """Whether no key is down."""
        return not self._down

    def _meaning(self, code: int) -> tuple[str, bool]:
        """Return what a key means with what is held down, and whether it is a dead key."""
        shift = bool(self._down & SHIFTS)
        ctrl = bool(self._down & CTRLS)
        alt = KEY_LEFTALT in self._down
        altgr = KEY_RIGHTALT in self._down
        if self._layout.has_altgr:
            altgr = altgr or (ctrl and alt)  # so it is on Windows
        else:
            alt, altgr = alt or altgr, False
        if alt and not altgr:
            return self._collected(code), False
        if self._down & METAS:
            return UNKNOWN, False
        if code == KEY_F8 and self._f8:
            return GS, False
        if found := _EVERYWHERE.get(code) or KEYPAD.get(code):
            return found, False
        if ctrl and not altgr:
            return self._control(code), False
        sign = self._layout.sign(code, shift=shift, altgr=altgr)
        if sign is None:
            return UNKNOWN, False
        if self._caps and len(turned := sign.character.swapcase()) == 1:
            return turned, sign.dead
        return sign.character, sign.dead

    def _collected(self, code: int) -> str:
        digit = KEYPAD.get(code, "")
        if not digit.isdecimal() or len(self._number) == LONGEST_NUMBER:
            return UNKNOWN
        self._number += digit
        return ""

    def _control(self, code: int) -> str:
        if control := self._layout.controls.get(code):
            return control
        plain = self._layout.sign(code)
        if plain is not None and plain.character.isascii() and plain.character.isalpha():
            return chr(ord(plain.character) & 0x1F)
        return UNKNOWN

    def _typed_number(self) -> str:
        """Return the character of the digits typed while Alt was down."""
        digits, self._number = self._number, ""
        if not digits:
            return ""
        number = int(digits)
        if number < 0x80:
            return self._joined(chr(number), False)
        if number > 0xFF:
            return self._joined(chr(number) if number < 0xD800 else UNKNOWN, False)
        page = "cp1252" if digits.startswith("0") else OEM.get(self._layout.name, "cp850")
        return self._joined(bytes([number]).decode(page, "replace"), False)

    def _joined(self, character: str, dead: bool) -> str:
        """Return a character with the accent that waited for it."""
        if not character:
            return ""
        accent, self._accent = self._accent, ""
        if accent:
            if dead and character != accent:
                self._accent = character
                return accent
            return join_accent(accent, character)
        if dead:
            self._accent = character
            return ""
        return character


def decode_keys(keys: Iterable[tuple[int, int]], layout: Layout, gs: str = "gs") -> str:
    """Return what keys mean on a layout."""
    decoder = KeyDecoder(layout, gs)
    return "".join(decoder.press(code, value) for code, value in keys)


_KEY = struct.Struct(">H")
_RELEASED = 0x8000


def pack_keys(keys: Iterable[tuple[int, int]]) -> bytes:
    """Return keys as two bytes each: the code, and 0x8000 more when it comes up.

    >>> pack_keys([(30, DOWN), (30, UP)]).hex(" ", 2)
    '001e 801e'
    """
    return b"".join(
        _KEY.pack(code | (_RELEASED if value == UP else 0)) for code, value in keys if value != HELD
    )


def unpack_keys(packed: bytes) -> list[tuple[int, int]]:
    """Return the keys in ``pack_keys``' bytes.

    >>> unpack_keys(bytes.fromhex("001e 801e"))
    [(30, 1), (30, 0)]
    """
    whole = packed[: len(packed) // 2 * 2]
    return [
        (key & ~_RELEASED, UP if key & _RELEASED else DOWN) for (key,) in _KEY.iter_unpack(whole)
    ]


def type_text(text: str, layout: Layout) -> list[tuple[int, int]]:
    """Return the keys, down and up, that type a text on a layout; a line's end is Enter.

    Raises:
        InputRefused: no key of the layout types one of its characters.
    """
    keys: list[tuple[int, int]] = []
    for line, part in enumerate(text.split("\r")):
        if line:
            keys += [(KEY_ENTER, DOWN), (KEY_ENTER, UP)]
        for stroke in layout.strokes(part):
            held = [KEY_LEFTSHIFT] * stroke.shift + [KEY_RIGHTALT] * stroke.altgr
            keys += [(code, DOWN) for code in (*held, stroke.code)]
            keys += [(code, UP) for code in (stroke.code, *reversed(held))]
    return keys
