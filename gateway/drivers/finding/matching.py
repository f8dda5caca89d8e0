"""A device's names and ids, and the row of models.toml they mean.

    IEEE 1284 MFG, MDL, CMD  ┐
    USB vendor:product       ├──► guess_model ──► Model | None
    mDNS usb_MDL, ty         │    guess_language ──► "zpl" | ""
    answers to questions     ┘

A row's ``ids`` are compared word by word: "ZD421-203dpi" is in "ZTC ZD421-203dpi ZPL" and not in
"ZD421-300dpi". The longest fitting id wins. Two rows that fit equally well are no guess: better
none than a wrong head.

>>> guess_model("Zebra Technologies ", "ZTC ZD421-203dpi ZPL", ("ZPL",)).name
'zd421-203'
>>> guess_language("", "Thermal Printer", ("XPP", "XL"))
'tspl'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from gateway.drivers.languages.page import Model
from gateway.drivers.models import load_models
from gateway.units import Density

COMMAND_SETS: dict[str, str] = {
    "zpl": "zpl",
    "zplii": "zpl",
    "zpl2": "zpl",
    "cezd": "zpl",
    "tspl": "tspl",
    "tspl2": "tspl",
    "tsplez": "tspl",
    "xpp": "tspl",
    "sbpl": "sbpl",
    "dpl": "dpl",
    "cpcl": "cpcl",
    "epl": "epl",
    "epl2": "epl",
    "ptcbp": "brother-ql",
    "escpos": "escpos",
}
"""What devices call their languages (IEEE 1284 CMD), without signs, best first: a label printer
that also takes ESC/POS prints labels best in its own language. XPP and CEZD are what the Rollo
X1038 and the Arkscan 2054A claim (LPrint's driver lists, lprint-tspl.h and lprint-zpl.h)."""

OFFICE = frozenset(
    {"pcl", "pclxl", "pcl5c", "pcl5e", "pcl6", "postscript", "ps", "br-script3", "urf", "pwgraster",
     "pdf", "escpl2", "lips", "xps"}
)  # fmt: skip
"""Languages of office printers: they print a label's bytes as pages of text."""

_MAKERS = (
    # The LP and TLP of the years before 2010 are EPL printers, but for those called -Z and Plus.
    ("zebra", r"(ztc )?t?lp ?\d{4}(?!.*\b(z|plus)\b)", "epl"),
    ("zebra", r"", "zpl"),
    ("tsc", r"", "tspl"),
    ("sato", r"", "sbpl"),
    ("datamax", r"", "dpl"),
    ("epson", r"tm( |$)", "escpos"),
    ("brother", r"ql( |$)", "brother-ql"),
)
"""A word of the maker's name, its label printers' models as words, and what those understand."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words to compare: letters and digits, lower case.

    >>> words_of("ZTC ZD421-203dpi ZPL")
    ('ztc', 'zd421', '203dpi', 'zpl')
    """
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def _holds(text: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether the words of ``part`` stand in ``text`` one after the other."""
    length = len(part)
    return any(text[i : i + length] == part for i in range(len(text) - length + 1))


def guess_model(
    manufacturer: str,
    model: str,
    command_set: Iterable[str] = (),
    usb_id: str = "",
    density: Density | None = None,
) -> Model | None:
    """Return the row of models.toml that a device is; None when none fits, or several do.

    ``density`` is what the device itself says of its print head. What it says of itself is heard
    before its USB id: one id often stands for a model with two heads.
    """
    fitting = _fitting(words_of(f"{manufacturer} {model}"), density) or _fitting_usb(
        usb_id, density
    )
    if len(fitting) > 1:
        claimed = claimed_languages(command_set)
        fitting = [row for row in fitting if row.language in claimed] or fitting
    return fitting[0] if len(fitting) == 1 else None


@cache
def _ids() -> tuple[tuple[Model, tuple[tuple[str, ...], ...]], ...]:
    """Return each row with the words of its ids."""
    return tuple(
        (row, tuple(filter(None, map(words_of, row.ids))))
        for row in load_models().values()
        if row.ids
    )


def _fitting(words: Sequence[str], density: Density | None) -> list[Model]:
    best: list[Model] = []
    most = 0
    for row, ids in _ids():
        if density is not None and row.density != density:
            continue
        length = max((len(part) for part in ids if _holds(words, part)), default=0)
        if length > most:
            best, most = [row], length
        elif length and length == most:
            best.append(row)
    return best


def _fitting_usb(usb_id: str, density: Density | None) -> list[Model]:
    return [
        row
        for row in load_models().values()
        if usb_id and usb_id.lower() in row.usb and density in (None, row.density)
    ]


def claimed_languages(command_set: Iterable[str]) -> tuple[str, ...]:
    """Return the languages of ours among those a device claims, best first.

    >>> claimed_languages(["ESC/POS", "TSPL"])
    ('tspl', 'escpos')
    """
    claimed = {"".join(words_of(command)) for command in command_set}
    return tuple(dict.fromkeys(ours for theirs, ours in COMMAND_SETS.items() if theirs in claimed))


def is_office_printer(command_set: Iterable[str]) -> bool:
    """Return whether a device claims languages of office printers and none of ours.

    >>> is_office_printer(["PJL", "PCL"]), is_office_printer(["ZPL", "PDF"])
    (True, False)
    """
    claimed = {"".join(words_of(command)) for command in command_set}
    return bool(claimed & OFFICE) and not claimed_languages(command_set)


def guess_language(
    manufacturer: str, model: str, command_set: Iterable[str] = (), usb_id: str = ""
) -> str:
    """Return the language a device most likely understands; empty when nothing tells.

    What it claims counts most, then what is known of its model, then a language in its name
    ("ZTC ZD421-203dpi ZPL"), then its maker.
    """
    claims = tuple(command_set)
    words = words_of(f"{manufacturer} {model}")
    known = {row.language for row in _fitting(words, None) or _fitting_usb(usb_id, None)}
    claimed = claimed_languages(claims)
    if len(known) == 1 and (not claimed or known & set(claimed)):
        return known.pop()
    if claimed:
        return claimed[0]
    if is_office_printer(claims):
        return ""
    named = claimed_languages(words)
    if named:
        return named[0]
    kind = " ".join(words_of(model))
    for maker, pattern, language in _MAKERS:
        if maker in words and re.match(pattern, kind):
            return language
    return ""
