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

from gateway.registry.serial_mask import LONGEST_MASK

_KINDS: Final = (
    ("[0-9]", re.compile(r"[0-9]+")),
    ("[A-Z]", re.compile(r"[A-Z]+")),
    ("[a-z]", re.compile(r"[a-z]+")),
    ("[0-9A-Z]", re.compile(r"[0-9A-Z]+")),
    ("[0-9a-z]", re.compile(r"[0-9a-z]+")),
)
"""How characters that may stand in one place are written, the narrowest first."""

_MIXED: Final = {"[0-9A-Z]": re.compile("[0-9A-Z]"), "[0-9a-z]": re.compile("[0-9a-z]")}

_WORD: Final = re.compile(r"[0-9A-Za-z]+")

_OPERATORS: Final = frozenset("()[]{}|?*+.^$\\")


def mask_of(serials: Sequence[str]) -> str | None:
    """Return the mask of serials that are alike; None where they are not."""
    if not serials or len({len(serial) for serial in serials}) > 1:
        return None
    places = [_place("".join(characters)) for characters in zip(*serials, strict=True)]
    if None in places:
        return None
    _mix(serials[0], places)
    text = "".join(
        kind + (f"{{{count}}}" if (count := len(list(group))) > 1 else "")
        for kind, group in groupby(map(str, places))
    )
    return text if len(text) <= LONGEST_MASK else None


def _place(characters: str) -> str | None:
    """Return what may stand in one place."""
    first = characters[0]
    if len(set(characters)) == 1 and not _KINDS[0][1].fullmatch(first):
        return f"\\{first}" if first in _OPERATORS else first
    return next((kind for kind, every in _KINDS if every.fullmatch(characters)), None)


def _mix(sample: str, places: list[str | None]) -> None:
    """Let digits and letters stand anywhere in a word from where they change places on.

    Of random characters, some places would else look like digits by chance.
    """
    for word in _WORD.finditer(sample):
        inside = range(*word.span())
        mixed = next((places[n] for n in inside if places[n] in _MIXED), None)
        if mixed is None:
            continue
        begins = next(n for n in inside if (places[n] or "").startswith("["))
        for n in range(begins, word.end()):
            if _MIXED[str(mixed)].fullmatch(sample[n]):
                places[n] = mixed
