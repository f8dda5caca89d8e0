"""Serials that a mistyped one may have meant: candidates to look up, shown and never applied.

    key of an unknown serial ──neighbours──► keys one slip away ──the database──► those that exist

The slips are those of hands and eyes: two characters swapped, one taken for another that looks like
it (``1l1`` for ``111``), one too many, a double one typed once. An index look-up costs
microseconds, so all are asked for in one question.

>>> "sn00012" in neighbours("sn00021"), "111" in neighbours("1l1")
(True, True)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.registry.serial_mask import LONGEST_SERIAL

MOST_NEIGHBOURS: Final = 400
"""Keys of one answer, for one question; up to 30 characters never have more."""

_ALIKE: Final = (
    "0oOQD",
    "1lIi|",
    "2zZ",
    "5sS",
    "6gGb",
    "8bB",
    "9gq",
    "uvUV",
    "4aA",
    "7tT1",
    "cCeE",
    "nmNM",
    "-_",
    "./",
)
"""Characters that are taken for each other, in print and in handwriting, likeliest first.

Crockford's base 32 folds the first two rows for the same reason.
"""

_TWINS: Final[dict[str, str]] = {
    character: "".join(
        dict.fromkeys(
            twin for row in _ALIKE if character in row for twin in row if twin != character
        )
    )
    for character in dict.fromkeys("".join(_ALIKE))
}

_EVERYWHERE: Final = tuple(
    str.maketrans(read, meant * len(read))
    for read, meant in (("oO", "0"), ("lIi|", "1"), ("0", "o"), ("0", "O"), ("1", "l"), ("1", "I"))
)
"""Whoever takes one O for a zero takes them all."""

_ZEROS_AND_ONES: Final = str.maketrans("oOlIi|", "001111")


def neighbours(key: str) -> list[str]:
    """Return the keys one slip away from ``key``, likeliest first, at most MOST_NEIGHBOURS.

    A key that no serial can have is answered with none.
    """
    if not 0 < len(key) <= LONGEST_SERIAL:
        return []
    found: dict[str, None] = {}
    folded = key == key.casefold()
    for other in _slips(key):
        # A key that was folded has no capitals, so neither has what it may have meant.
        if other and other != key and (not folded or other == other.casefold()):
            found[other] = None
            if len(found) == MOST_NEIGHBOURS:
                break
    return list(found)


def _slips(key: str) -> Iterator[str]:
    for at in range(len(key) - 1):
        yield key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    for table in (_ZEROS_AND_ONES, *_EVERYWHERE):
        yield key.translate(table)
    for at, character in enumerate(key):
        for twin in _TWINS.get(character, ""):
            yield key[:at] + twin + key[at + 1 :]
    for at, character in enumerate(key):
        yield key[:at] + key[at + 1 :]
        if len(key) < LONGEST_SERIAL:
            yield key[:at] + character + key[at:]
