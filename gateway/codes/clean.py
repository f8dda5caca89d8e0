r"""A scan is untrusted input: what of it may be acted on, and why the rest may not.

    text of a scanner or of a request ──clean──► (text to act on, "")
                                             └─► (text to show, what is wrong with it)

Anybody can print a barcode. What no honest code holds is refused and not taken out: a code with
something removed is another code, and the person with the scanner must hear of it.

>>> clean(" A1234\r\n")
('A1234', '')
>>> clean("A1234\x1b[2J"), clean("A12\u202e34")
(('A1234\\u001b[2J', 'characters'), ('A12\\u202e34', 'characters'))
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

Fault = Literal["", "too_long", "characters", "encoding"]
"""Why a text is not acted on: longer than any code; it holds what no code may, unseen or a command
to a screen; its bytes were no text."""

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"
"""The control characters that codes hold: FNC1 between GS1 elements (GS1 General Specifications,
7.8.3), and the separators of ISO/IEC 15434 envelopes (clause 5)."""

LONGEST: Final = 512

_FRAMING: Final = " \t\r\n"
"""What a scanner adds at the ends, or a person who types; no code begins or ends with it."""

_SPACES: Final = re.compile("[\N{NO-BREAK SPACE}\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Spaces but the plain one (general category Zs); serials are kept with plain ones, too."""

_SEPARATORS: Final = re.compile(f"[{GS}{RS}{EOT}]")

_REFUSED: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""General categories: controls (C0 and C1), formats (bidi, without width, soft hyphen, tags),
private use, surrogates, line and paragraph separators."""

_MARKS: Final = frozenset({"Mn", "Me"})

MOST_MARKS: Final = 3
"""Marks on one letter, in NFC; more of them cover the lines of a page above and below."""

_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
"""Characters of other categories that show nothing: Default_Ignorable_Code_Point (The Unicode
Standard, 5.21), the blank Braille cell, specials and noncharacters."""


def clean(raw: str, longest: int = LONGEST) -> tuple[str, Fault]:
    """Return the text of a code, in NFC and without framing, and ``""`` or what is wrong with it.

    A faulty text comes back to be shown, and never acted on: cut at ``longest`` characters, each
    that no code may hold written as ``\\u202e``. GS, RS and EOT are the only control characters
    that may stand in a code.
    """
    # The length of what came counts, so that nobody pays for normalising a megabyte.
    if len(raw) > longest:
        return _shown(raw, longest), "too_long"
    if raw.isascii():
        text = raw.strip(_FRAMING)
        if text.isprintable() or _SEPARATORS.sub("", text).isprintable():
            return text, ""
        return _shown(raw, longest), "characters"
    if "\ufffd" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        return _shown(raw, longest), "encoding"
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", raw)).strip(_FRAMING)
    if len(text) > longest:  # a few characters are longer composed
        return _shown(raw, longest), "too_long"
    seen = _SEPARATORS.sub("", text)
    if _UNSEEN.search(seen):
        return _shown(raw, longest), "characters"
    marks = 0
    for one in seen:
        category = unicodedata.category(one)
        marks = marks + 1 if category in _MARKS else 0
        if category in _REFUSED or marks > MOST_MARKS:
            return _shown(raw, longest), "characters"
    return text, ""


def _shown(raw: str, longest: int) -> str:
    """Return a text that a log, a page and a database can hold, half a surrogate pair or not."""
    return "".join(one if _seen(one) else _written_out(one) for one in raw[:longest])[:longest]


def _seen(one: str) -> bool:
    return one.isprintable() and not _UNSEEN.match(one) and unicodedata.category(one) not in _MARKS


def _written_out(one: str) -> str:
    return f"\\u{ord(one):04x}" if one < "\U00010000" else f"\\U{ord(one):08x}"
