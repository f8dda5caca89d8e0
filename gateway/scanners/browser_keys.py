"""Keys as a browser names them: places on the keyboard, whatever the computer takes them for.

    KeyboardEvent.code, down or up ──read_browser_keys──► (Linux's key code, value) ──► calibration

A scanner that types into a page shows by them which keyboard it imitates, on any computer. Names:
W3C, UI Events KeyboardEvent code Values, 3.1; codes: linux/input-event-codes.h.

>>> read_browser_keys([("ShiftLeft", True), ("KeyA", True), ("KeyA", False), ("ShiftLeft", False)])
[(42, 1), (30, 1), (30, 0), (42, 0)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.scanners.keys import DOWN, UP
from gateway.scanners.layouts import ROWS

_NAMES = (
    ("Backquote", *(f"Digit{n}" for n in "1234567890"), "Minus", "Equal"),
    (*(f"Key{letter}" for letter in "QWERTYUIOP"), "BracketLeft", "BracketRight"),
    (*(f"Key{letter}" for letter in "ASDFGHJKL"), "Semicolon", "Quote", "Backslash"),
    ("IntlBackslash", *(f"Key{letter}" for letter in "ZXCVBNM"), "Comma", "Period", "Slash"),
)

PLACES: Mapping[str, int] = {
    name: code
    for names, codes in zip(_NAMES, ROWS, strict=True)
    for name, code in zip(names, codes, strict=True)
} | {
    "Space": 57, "Enter": 28, "Tab": 15, "Backspace": 14, "Escape": 1,
    "ShiftLeft": 42, "ShiftRight": 54, "ControlLeft": 29, "ControlRight": 97,
    "AltLeft": 56, "AltRight": 100, "MetaLeft": 125, "MetaRight": 126,
    "CapsLock": 58, "NumLock": 69, "ScrollLock": 70, "IntlYen": 124, "IntlRo": 89, "F8": 66,
    "NumpadEnter": 96, "NumpadDecimal": 83, "NumpadSubtract": 74, "NumpadAdd": 78,
    "NumpadMultiply": 55, "NumpadDivide": 98,
    **dict(zip((f"Numpad{n}" for n in "0123456789"), (82, 79, 80, 81, 75, 76, 77, 71, 72, 73),
               strict=True)),
}  # fmt: skip
"""A key's name in a browser -> its code in Linux."""

NONE = 0
"""KEY_RESERVED: a key that types nothing, and so cannot be part of a code."""


def read_browser_keys(keys: Iterable[tuple[str, bool]]) -> list[tuple[int, int]]:
    """Return keys as ``keys.decode_keys`` takes them; each comes with whether it went down."""
    return [(PLACES.get(name, NONE), DOWN if down else UP) for name, down in keys]
