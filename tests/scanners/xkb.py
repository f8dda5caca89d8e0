"""libxkbcommon as a witness: what a computer shows when somebody presses a key.

It is what X11 and Wayland desktops read keyboards with, and Debian's Chromium needs it, so it is
there where this project's browser tests run.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

_EVDEV = 8
"""XKB counts key codes from 8 more than evdev (xkeyboard-config, keycodes/evdev)."""

_DEAD = {
    "dead_grave": "`", "dead_acute": "´", "dead_circumflex": "^", "dead_tilde": "~",
    "dead_diaeresis": "¨", "dead_abovering": "°", "dead_cedilla": "¸",
}  # fmt: skip


class _Names(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")
    ]


@cache
def _library() -> ctypes.CDLL | None:
    name = ctypes.util.find_library("xkbcommon") or "libxkbcommon.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    library.xkb_context_new.restype = ctypes.c_void_p
    library.xkb_keymap_new_from_names.restype = ctypes.c_void_p
    library.xkb_keymap_new_from_names.argtypes = [
        ctypes.c_void_p,
        ctypes.POINTER(_Names),
        ctypes.c_int,
    ]
    library.xkb_keymap_key_get_syms_by_level.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32,
        ctypes.POINTER(ctypes.POINTER(ctypes.c_uint32)),
    ]  # fmt: skip
    library.xkb_keysym_to_utf32.restype = ctypes.c_uint32
    library.xkb_keysym_get_name.argtypes = [ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]
    return library


class Keymap:
    """A layout as the computer has it, such as ``de`` or ``ch(fr)``."""

    def __init__(self, layout: str, variant: str = "", model: str = "pc105") -> None:
        library = _library()
        assert library is not None
        self._library = library
        names = _Names(b"evdev", model.encode(), layout.encode(), variant.encode(), b"")
        context = library.xkb_context_new(0)
        self._map = library.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
        assert self._map, f"xkb has no layout {layout}({variant})"

    def sign(self, code: int, *, shift: bool, altgr: bool) -> tuple[str, bool]:
        """Return the character of an evdev key, and whether it is a dead one."""
        found = ctypes.POINTER(ctypes.c_uint32)()
        count = self._library.xkb_keymap_key_get_syms_by_level(
            self._map, code + _EVDEV, 0, shift + 2 * altgr, ctypes.byref(found)
        )
        if count != 1:
            return "", False
        name = ctypes.create_string_buffer(64)
        self._library.xkb_keysym_get_name(found[0], name, 64)
        if dead := _DEAD.get(name.value.decode()):
            return dead, True
        return chr(self._library.xkb_keysym_to_utf32(found[0])).strip("\0"), False


def is_there() -> bool:
    """Return whether this computer has the library."""
    return _library() is not None
