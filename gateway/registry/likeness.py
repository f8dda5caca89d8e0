"""What serials have in common, written as the mask that all of them fit.

Digits stand for any digits, letters that change for any letters; what never changes stands for
itself. Serials of different lengths, or with other characters in the same place, are not alike.

>>> mask_of(["SN00098", "SN00099", "SN00100"]), mask_of(["C02-1FQ7", "C02-F93A", "C02-77BE"])
('SN[0-9]{5}', 'C[0-9]{2}-[0-9A-Z]{4}')
>>> mask_of(["A1", "A10"]), mask_of(["SN 1", "SN/1"])
(None, None)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gateway.registry.serial_mask import LONGEST_MASK, OPERATORS

_KINDS: Final = {
    kind: re.compile(f"{kind}+")
    for kind in ("[0-9]", "[A-Z]", "[a-z]", "[0-9A-Z]", "[0-9a-z]")
}  # fmt: skip
"""How characters that may stand in one place are written, the narrowest first."""

_MIXED: Final = frozenset({"[0-9A-Z]", "[0-9a-z]"})

_WORD: Final = re.compile(r"[0-9A-Za-z]+")


def mask_of(serials: Sequence[str]) -> str | None:
    """Return the mask of serials that are alike; None where they are not."""
    if not serials or len({len(serial) for serial in serials}) > 1:
        return None
    columns = ["".join(characters) for characters in zip(*serials, strict=True)]
    places: list[str] = []
    for column in columns:
        place = _place(column)
        if place is None:
            return None
        places.append(place)
    for word in _WORD.finditer(serials[0]):
        _mix(columns, places, range(*word.span()))
    text = "".join(
        kind + (f"{{{count}}}" if (count := len(list(group))) > 1 else "")
        for kind, group in groupby(places)
    )
    return text if len(text) <= LONGEST_MASK else None


def _place(column: str) -> str | None:
    """Return what may stand in one place, from the characters that do."""
    first = column[0]
    if len(set(column)) == 1 and first not in "0123456789":
        return f"\\{first}" if first in OPERATORS else first
    return next((kind for kind, every in _KINDS.items() if every.fullmatch(column)), None)


def _mix(columns: Sequence[str], places: list[str], word: range) -> None:
    """Let digits and letters stand anywhere in a word from where they change places on.

    Of random characters, some places would else look like digits by chance.
    """
    mixed = next((places[n] for n in word if places[n] in _MIXED), None)
    if mixed is None:
        return
    begins = next(n for n in word if places[n] in _KINDS)
    for n in range(begins, word.stop):
        if _KINDS[mixed].fullmatch(columns[n]):
            places[n] = mixed
