"""Codes of many locations, said by the first and the last: racks, shelves and bins in a row.

>>> list(codes_between("A-01", "A-03"))
['A-01', 'A-02', 'A-03']
>>> list(codes_between("A-1-09", "B-1-10"))
['A-1-09', 'A-1-10', 'B-1-09', 'B-1-10']
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from gateway.errors import InputRefused

MOST = 5_000
"""Locations made in one go: a hall of some aisles."""

_PART = re.compile(r"\d+|[A-Za-z]+|[^\dA-Za-z]+", re.ASCII)


def codes_between(first: str, last: str) -> Iterator[str]:
    """Yield the codes from the first to the last: each part that differs counts up.

    Numbers keep the width of the first; a single letter counts through the alphabet.

    Raises:
        InputRefused: the two are not built alike, count down, or are too far apart.
    """
    ours, theirs = _PART.findall(first.strip()), _PART.findall(last.strip())
    if not ours or [_sort(one) for one in ours] != [_sort(one) for one in theirs]:
        raise InputRefused(
            f"{first[:64]!r} and {last[:64]!r} are not built alike; give two such as A-01-01 and "
            "A-03-20.",
            key="last",
        )
    ranges = [_range(one, other) for one, other in zip(ours, theirs, strict=True)]
    count = math.prod(len(one) for one in ranges)
    if count > MOST:
        raise InputRefused(
            f"From {first[:64]!r} to {last[:64]!r} there are {count:,} locations; at most {MOST:,} "
            "are made in one go.",
            key="last", given=count, most=MOST,
        )  # fmt: skip
    return ("".join(parts) for parts in itertools.product(*ranges))


def _sort(part: str) -> str:
    if part.isdecimal():
        return "digits"
    return "letters" if part.isalpha() else part


def _range(first: str, last: str) -> Sequence[str]:
    if first == last:
        return [first]
    if first.isdecimal():
        begin, end = int(first), int(last)
        if begin < end and end - begin < MOST:
            return [str(number).zfill(len(first)) for number in range(begin, end + 1)]
    elif len(first) == len(last) == 1 and first.isupper() == last.isupper() and first < last:
        return [chr(number) for number in range(ord(first), ord(last) + 1)]
    raise InputRefused(
        f"One cannot count from {first[:20]!r} to {last[:20]!r}; a number or a single letter "
        "counts up.",
        key="last",
    )
