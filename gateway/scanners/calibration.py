r"""Finds out which keyboard a wedge imitates: scan a few known codes, compare what came.

    CODES ──printed, scanned──► keys (``Read.raw``) ──detect_layout──► layouts, GS, what is around

A scanner whose keyboard is not the one that it is taken for garbles the same characters each time:
``-`` comes as ``ß``, ``Y`` as ``Z``. The codes together hold every character of ASCII, so only the
layouts are left that explain all of them. Several may be: those write ASCII with the same keys.

>>> german = layout_of("de")
>>> scans = [pack_keys(type_text(code.sent + "\r", german)) for code in CODES[1:-1]]
>>> detect_layout(scans).layouts
('de',)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.scanners.keys import (
    CTRLS,
    GS,
    KEY_LEFTALT,
    UNKNOWN,
    decode_keys,
    pack_keys,
    type_text,
    unpack_keys,
)
from gateway.scanners.layouts import Layout, layout_of, load_layouts

_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
_HALVES = (f"{_ASCII[:40]} {_ASCII[40:47]}", _ASCII[47:])
PRINTABLE = "".join(_HALVES)
"""Every printable character of ASCII, the space in the midst: no scanner trims it there."""


@dataclass(frozen=True, slots=True)
class CalibrationCode:
    """One barcode of the calibration label."""

    symbology: str
    """``qr``, ``code128`` or ``gs1-128``."""
    content: str
    """What is drawn; element strings in brackets for ``gs1-128``."""
    sent: str
    """What a scanner sends of it."""


CODES: tuple[CalibrationCode, ...] = (
    CalibrationCode("qr", GS.join(_HALVES), GS.join(_HALVES)),
    *(
        CalibrationCode("code128", PRINTABLE[start : start + 19], PRINTABLE[start : start + 19])
        for start in range(0, len(PRINTABLE), 19)
    ),
    CalibrationCode("gs1-128", "(21)GW-CAL(10)GS", f"21GW-CAL{GS}10GS"),
)
"""The first alone does for a scanner that reads QR Codes; for one that does not, the others: five
with the characters, and the last shows how FNC1 comes."""

LONGEST_AROUND = 11
"""Characters before or behind a code: 8 of a scanner's own, 3 of an identifier. With more around it
a line is but a part of something else that came out right."""

_ENTER = ("\r", "\n", "\r\n")
_ENDINGS = {"\t": "tab", "": "none", "\x03": "etx"}
"""The profile's words for what comes behind a code."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]$")
_SUBSTITUTE = re.compile(r"[!-/:-@[-`{-~]{1,8}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the scans of the codes say."""

    layouts: tuple[str, ...]
    """Names of the layouts that explain every scan, the commonest first; none: no layout does."""
    gs: str
    """How GS comes: an option of the profile; empty: no code with it was scanned."""
    prefix: str
    suffix: str
    """What came before and behind each code; a symbology identifier is no part of it."""
    aim: bool
    """Whether a symbology identifier came before the codes."""
    missing: tuple[int, ...]
    """Numbers of the codes, from 0, that would tell more and were not scanned."""

    @property
    def is_certain(self) -> bool:
        """Whether all of ASCII was seen and one layout explains it."""
        return len(self.layouts) == 1 and not set(self.missing) - {len(CODES) - 1}

    def options(self) -> dict[str, object]:
        """Return what of a scanner's options the scans tell; none where nothing explains them.

        >>> Calibration(("de",), "ctrl]", "#", "\\t", aim=False, missing=()).options()
        {'layout': 'de', 'prefix': '#', 'suffix': 'tab', 'gs': 'ctrl]'}
        """
        if not self.layouts and not self.gs:
            return {}
        told: dict[str, object] = {"layout": self.layouts[0]} if self.layouts else {}
        if self.aim:
            told["aim"] = True
        if self.prefix:
            told["prefix"] = self.prefix
        if self.suffix not in _ENTER:
            told["suffix"] = _ENDINGS.get(self.suffix, self.suffix)
        if self.gs and (self.layouts or self.gs != "gs"):
            told["gs"] = self.gs
        return told


def detect_layout(scans: Sequence[bytes]) -> Calibration:
    """Return what explains the keys of some scans of the codes, each as ``Read.raw`` holds it.

    The codes may be scanned in any order, and again.
    """
    keys = [unpack_keys(scan) for scan in scans]
    found: list[str] = []
    seen: dict[int, _Seen] = {}
    for name, layout in load_layouts().items():
        explained = [_explain(scan, layout) for scan in keys]
        if keys and all(explained):
            found.append(name)
            if not seen:
                seen = {one.code: one for one in explained if one is not None}
    first = next(iter(seen.values()), _Seen(0, "", "", ""))
    aim = _AIM.search(first.before) is not None
    return Calibration(
        layouts=tuple(found),
        gs=next((one.gs for one in seen.values() if one.gs), ""),
        prefix=_AIM.sub("", first.before),
        suffix=first.behind,
        aim=aim,
        missing=tuple(_missing(set(seen))),
    )


def detect_typed(texts: Sequence[str], shown: str = "us") -> Calibration:
    """Return the same from characters, as a browser shows them on a computer with another layout.

    What AltGr types is often lost on the way, so keys tell more.

    Raises:
        InputRefused: no key of the computer's own layout types one of the characters.
    """
    layout = layout_of(shown)
    return detect_layout([pack_keys(type_text(text, layout)) for text in texts])


def detect_sent(raw: bytes) -> Calibration:
    """Return the same from what a scanner sent that sends bytes and not keys: no layout is part of
    it, and without ``gs`` nothing was recognised.

    >>> detect_sent(b"\\x02]Q1" + CODES[0].sent.replace(GS, "|").encode() + b"\\x03").options()
    {'aim': True, 'prefix': '\\x02', 'suffix': 'etx', 'gs': '|'}
    """
    text = raw.decode("latin-1")
    first, _, last = CODES[0].sent.partition(GS)
    before, there, rest = text.partition(first)
    between, end, behind = rest.partition(last)
    around = max(len(part) for part in (before, between, behind))
    if not (there and end) or around > LONGEST_AROUND:
        return Calibration((), "", "", "", aim=False, missing=(0,))
    gs = "gs" if between == GS else between if _SUBSTITUTE.fullmatch(between) else "lost"
    aim = _AIM.search(before) is not None
    return Calibration((), gs, _AIM.sub("", before), behind, aim=aim, missing=())


@dataclass(frozen=True, slots=True)
class _Seen:
    code: int
    before: str
    behind: str
    gs: str


def _explain(keys: list[tuple[int, int]], layout: Layout) -> _Seen | None:
    """Return which code the keys are on this layout, or None."""
    text = decode_keys(keys, layout)
    for number, code in enumerate(CODES):
        first, _, last = code.sent.partition(GS)
        before, there, rest = text.partition(first)
        between, end, behind = rest.partition(last) if last else ("", "yes", rest)
        if (
            there
            and end
            and len(before) <= LONGEST_AROUND
            and len(between) <= LONGEST_AROUND
            and len(behind) <= LONGEST_AROUND
        ):
            gs = _separator(between, keys, layout, code.sent) if last else ""
            return _Seen(number, before, behind, gs)
    return None


def _separator(between: str, keys: list[tuple[int, int]], layout: Layout, sent: str) -> str:
    """Return the profile's word for what came where GS is."""
    codes = {code for code, _ in keys}
    if between == GS:
        return "alt029" if KEY_LEFTALT in codes else "ctrl]" if codes & CTRLS else "gs"
    if between == UNKNOWN and sent in decode_keys(keys, layout, "f8"):
        return "f8"
    return between if _SUBSTITUTE.fullmatch(between) else "lost"


def _missing(seen: set[int]) -> Iterator[int]:
    if 0 in seen:  # one QR Code says all that the others do
        return
    last = len(CODES) - 1
    lines = set(range(1, last))
    yield from sorted(lines - seen) if seen & lines else [0]
    if last not in seen:
        yield last
