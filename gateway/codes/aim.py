"""Symbology identifiers (ISO/IEC 15424): three characters in which a scanner says what it read.

    "]C1010950…" ──split_aim──► ("]C1", "010950…") ──symbology_of──► GS1-128: GS1 element strings

The same digits mean different things in a GS1-128 and in a plain Code 128, and only this tells.

>>> split_aim("]d2010950110153000321A1")
(']d2', '010950110153000321A1')
>>> symbology_of("]d2")
Symbology(aim=']d2', name='GS1 DataMatrix', gs1=True, eci=False, known=True)
>>> symbology_of("]C0").gs1, symbology_of("]W7").name
(False, 'unknown')
>>> split_aim("A1234")
('', 'A1234')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_NAMES: Final = {
    "A": "Code 39", "B": "Telepen", "C": "Code 128", "D": "Code One", "E": "EAN/UPC",
    "F": "Codabar", "G": "Code 93", "H": "Code 11", "I": "Interleaved 2 of 5", "J": "DotCode",
    "K": "Code 16K", "L": "PDF417", "M": "MSI", "N": "Anker", "O": "Codablock", "P": "Plessey",
    "Q": "QR Code", "R": "Straight 2 of 5", "S": "Straight 2 of 5", "T": "Code 49",
    "U": "MaxiCode", "X": "another barcode", "Y": "a system expansion", "Z": "no barcode",
    "c": "Channel Code", "d": "DataMatrix", "e": "GS1 DataBar", "g": "Grid Matrix", "h": "Han Xin",
    "o": "OCR", "p": "PosiCode", "s": "SuperCode", "z": "Aztec",
}  # fmt: skip
"""Code characters (ISO/IEC 15424, table 1; ``J``, ``g`` and ``h`` were given out by AIM later)."""

_GS1: Final = {
    "C1": "GS1-128", "d2": "GS1 DataMatrix", "d5": "GS1 DataMatrix", "Q3": "GS1 QR Code",
    "Q4": "GS1 QR Code", "e0": "GS1 DataBar", "e1": "GS1 Composite", "J1": "GS1 DotCode",
    "O5": "Codablock F with FNC1 first", "z1": "Aztec with FNC1 first",
    "z4": "Aztec with FNC1 first", "z7": "Aztec with FNC1 first", "zA": "Aztec with FNC1 first",
}  # fmt: skip
"""Modifiers that say FNC1 came first: the content is GS1 element strings (GS1 General
Specifications, figure 5.1.2-2; of Aztec and Codablock: Opticon Universal Menu Book, U89, "AIM/ISO
15424 code identifiers"). FNC1 in the second place (``]C2``, ``]d3``, ``]Q5``) is another industry's
mark and no GS1."""

_ECI: Final = frozenset(
    {"L1", "Q2", "Q4", "Q6", "U2", "U3", "d4", "d5", "d6", "e3", "h1",
     "z3", "z4", "z5", "z9", "zA", "zB"}
)  # fmt: skip
"""Modifiers that say the text follows the ECI protocol: ``\\nnnnnn`` switches the character set and
a backslash is sent twice (Zebra DS457 Integration Guide, table E-2; Opticon Universal Menu Book,
U89)."""

_FINER: Final = {
    "E0": "EAN-13 or UPC", "E1": "a two-digit add-on", "E2": "a five-digit add-on",
    "E3": "EAN-13 or UPC with an add-on", "E4": "EAN-8", "I1": "ITF-14",
    "C4": "ISBT 128 or other concatenated Code 128",
}  # fmt: skip

_IDENTIFIER: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Symbology:
    """What a symbology identifier says of the text behind it."""

    aim: str
    name: str
    gs1: bool = False
    """The content is GS1 element strings."""
    eci: bool = False
    """Backslashes are doubled, and six digits behind a single one switch the character set."""
    known: bool = True
    """Whether the symbology is one that the standard has: without FNC1 it is plain data, never to
    be guessed at as GS1."""


def split_aim(text: str) -> tuple[str, str]:
    """Return the symbology identifier in front of a text and what follows; ``""``: there is none.

    Unknown ones are taken off too: they are no part of the code either.
    """
    if text[:1] == "]" and _IDENTIFIER.match(text):
        return text[:3], text[3:]
    return "", text


@lru_cache(maxsize=512)
def symbology_of(aim: str) -> Symbology:
    """Return what an identifier says; of none, or one that no standard has, that it is unknown."""
    what = aim[1:]
    name = _NAMES.get(aim[1:2], "")
    if not _IDENTIFIER.fullmatch(aim) or not name:
        return Symbology(aim, "unknown", known=False)
    return Symbology(
        aim,
        _GS1.get(what) or _FINER.get(what) or name,
        gs1=what in _GS1,
        eci=what in _ECI,
        known=aim[1] not in "XYZ",
    )
