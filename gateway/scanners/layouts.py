r"""Which character a key types, by the layout a scanner was set to; and which keys type a text.

    key + Shift + AltGr ──Layout.sign──► character, or a dead one that waits for the next
    text ──Layout.strokes──► keys

A keyboard sends places, not characters: the same place is ``z`` on one layout and ``y`` on another.
What counts is the country the SCANNER is set to, never that of the computer. The layouts stand in
``layouts.toml``; keys are numbered as Linux does (linux/input-event-codes.h).

>>> german = load_layouts()["de"]
>>> german.sign(KEY_Y)
Sign(character='z', dead=False)
>>> [str(stroke) for stroke in german.strokes("A\\")]
['Shift+30', 'AltGr+12']
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from gateway.errors import InputRefused

KEY_Y, KEY_SPACE = 21, 57

ROWS: tuple[tuple[int, ...], ...] = (
    (41, *range(2, 14)),  # KEY_GRAVE, KEY_1 … KEY_EQUAL
    tuple(range(16, 28)),  # KEY_Q … KEY_RIGHTBRACE
    (*range(30, 41), 43),  # KEY_A … KEY_APOSTROPHE, KEY_BACKSLASH
    (86, *range(44, 54)),  # KEY_102ND, KEY_Z … KEY_SLASH
)
"""The keys of the rows E, D, C and B."""

MORE = {"E13": 124, "B11": 89}
"""KEY_YEN and KEY_RO: Japanese and Brazilian keyboards have them."""

_PLACES = {
    f"{row}{number:02}": code
    for (row, first), codes in zip((("E", 0), ("D", 1), ("C", 1), ("B", 0)), ROWS, strict=True)
    for number, code in enumerate(codes, first)
} | MORE
"""ISO/IEC 9995-1: the row's letter and the number of the column."""

_CTRL = {"ESC": "D11", "FS": "C12", "GS": "D12", "RS": "E06", "US": "E11"}
"""Which keys make these with Ctrl: those that have ``[ \\ ] 6 -`` in the United States, in nearly
every country (CLDR 42, keyboards/windows; Honeywell EZConfig-Scanning 4.7, ASCII Conversion
Chart)."""

_CONTROLS = {"ESC": "\x1b", "FS": "\x1c", "GS": "\x1d", "RS": "\x1e", "US": "\x1f"}

LEVELS = ("plain", "shift", "altgr", "altgr_shift")

_MARKS = {
    "`": "\u0300", "´": "\u0301", "'": "\u0301", "^": "\u0302", "~": "\u0303", "¨": "\u0308",
    '"': "\u0308", "°": "\u030a", "¸": "\u0327",
}  # fmt: skip
"""What a dead key puts on the next letter."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a key types on one level."""

    character: str
    dead: bool = False
    """It waits for the next key: a letter gets it as its accent, a space stands for it alone."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key, with what is held down beside it."""

    code: int
    shift: bool = False
    altgr: bool = False

    def __str__(self) -> str:
        return f"{'Shift+' * self.shift}{'AltGr+' * self.altgr}{self.code}"


@dataclass(frozen=True, slots=True)
class Layout:
    """A keyboard's characters."""

    name: str
    title: str
    signs: Mapping[Stroke, Sign]
    controls: Mapping[int, str]
    """What Ctrl makes of keys that are no letters."""

    def sign(self, code: int, *, shift: bool = False, altgr: bool = False) -> Sign | None:
        """Return what a key types; None: nothing."""
        return self.signs.get(Stroke(code, shift, altgr))

    @property
    def has_altgr(self) -> bool:
        """Whether AltGr is more than a second Alt."""
        return any(stroke.altgr for stroke in self.signs)

    def strokes(self, text: str) -> list[Stroke]:
        """Return the keys that type a text.

        Raises:
            InputRefused: no key of the layout types one of its characters.
        """
        found: list[Stroke] = []
        for place, character in enumerate(text, 1):
            strokes = _ways(self).get(character)
            if strokes is None:
                raise InputRefused(
                    f"Character {place}, {character!r}, cannot be typed on the keyboard layout "
                    f"{self.name} ({self.title}); choose another layout.",
                    character=character,
                    layout=self.name,
                )
            found += strokes
        return found


def join_accent(accent: str, character: str) -> str:
    """Return what a dead key and the next character make together.

    >>> join_accent("^", "e"), join_accent("^", " "), join_accent("^", "1")
    ('ê', '^', '^1')
    """
    if character in (" ", accent):
        return accent
    both = unicodedata.normalize("NFC", character + _MARKS[accent])
    return both if len(both) == 1 else accent + character


@cache
def load_layouts() -> Mapping[str, Layout]:
    """Return the layouts by name, in the order people are shown them."""
    table = tomllib.loads(files("gateway.scanners").joinpath("layouts.toml").read_text("utf-8"))
    return MappingProxyType({name: _layout(name, row) for name, row in table.items()})


def layout_of(name: str) -> Layout:
    """Return a layout.

    Raises:
        InputRefused: there is none of that name.
    """
    if (found := load_layouts().get(name)) is None:
        raise InputRefused(
            f"There is no keyboard layout {name[:40]!r}; it is one of {', '.join(load_layouts())}.",
            layout=name[:40],
        )
    return found


def _layout(name: str, row: Mapping[str, Any]) -> Layout:
    signs = {Stroke(KEY_SPACE, shift): Sign(" ") for shift in (False, True)}
    for level, (shift, altgr) in zip(
        LEVELS, ((False, False), (True, False), (False, True), (True, True)), strict=True
    ):
        dead = row.get("dead", {}).get(level, "")
        for code, character in _typed(row, level):
            if character != " ":
                signs[Stroke(code, shift, altgr)] = Sign(character, character in dead)
    controls = {
        _PLACES[place]: _CONTROLS[control]
        for control, place in {**_CTRL, **row.get("ctrl", {})}.items()
    }
    return Layout(name, row["title"], MappingProxyType(signs), MappingProxyType(controls))


def _typed(row: Mapping[str, Any], level: str) -> Iterator[tuple[int, str]]:
    for codes, characters in zip_longest(ROWS, row.get(level, ()), fillvalue=""):
        if characters:
            yield from zip(codes, characters, strict=True)
    for place, characters in row.get("more", {}).items():
        yield from zip([MORE[place]], characters[LEVELS.index(level) :], strict=False)


_SPACE = Stroke(KEY_SPACE)


@cache
def _ways_of(name: str) -> Mapping[str, tuple[Stroke, ...]]:
    signs = load_layouts()[name].signs
    ways: dict[str, tuple[Stroke, ...]] = {}
    for stroke, sign in signs.items():
        if not sign.dead:
            ways.setdefault(sign.character, (stroke,))
    letters = {letter: strokes for letter, strokes in ways.items() if letter.isalpha()}
    for stroke, sign in signs.items():
        if sign.dead:
            ways.setdefault(sign.character, (stroke, _SPACE))
            for letter, strokes in letters.items():
                both = join_accent(sign.character, letter)
                if len(both) == 1:
                    ways.setdefault(both, (stroke, *strokes))
    return ways


def _ways(layout: Layout) -> Mapping[str, tuple[Stroke, ...]]:
    return _ways_of(layout.name)
