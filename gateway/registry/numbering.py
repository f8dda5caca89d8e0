"""The next serials of an item: which numbers come, and where its pattern stands afterwards.

    Pattern ──take(n)──► n serials that nobody has, and the pattern behind them
    Pattern ──after_typed(serials)──► the pattern behind what people typed

Numbers are decimal text of any length: a serial of 30 digits is a number like any other. The
width pads with zeros and never cuts.

>>> pattern = read_pattern("SN00098")
>>> serials, after = take(pattern, 3, {"sn00099"}.intersection)
>>> serials, after.next
(('SN00098', 'SN00100', 'SN00101'), '102')
>>> after_typed(after, ["SN00250", "from the maker"]).next
'251'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.errors import InputRefused
from gateway.registry.serial_mask import LONGEST_SERIAL
from gateway.registry.serial_text import Case, check_serial, key_of

DEFAULT_WIDTH: Final = 5
"""Digits that a number is padded to, unless the item says otherwise."""

MOST_AT_ONCE: Final = 100_000
"""Serials of one call."""

_MOST_SKIPPED: Final = 1_000_000
"""Used numbers in a row that are passed over; behind more of them the next number is set wrong."""

_LAST_NUMBER: Final = re.compile(r"([0-9]+)([^0-9]*)\Z")

Known = Callable[[Sequence[str]], Collection[str]]
"""Of these serial keys, those that the item has or had: one question to the database."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What an item's own serials look like, and the next one's number.

    Raises:
        InputRefused: a number that is none, a width out of range, or a prefix or suffix that no
            serial can have.
    """

    prefix: str = ""
    next: str = "1"
    """Decimal digits without leading zeros."""
    width: int = DEFAULT_WIDTH
    suffix: str = ""

    def __post_init__(self) -> None:
        if not (self.next.isascii() and self.next.isdecimal()) or self.next != (
            self.next.lstrip("0") or "0"
        ):
            raise InputRefused(
                f"The next number is {self.next[:80]!r}: expected decimal digits without leading "
                "zeros; the width adds those.",
                next=self.next,
            )
        if len(self.next) > LONGEST_SERIAL + 1:  # one more: all numbers may have been taken
            raise InputRefused(
                f"The next number has {len(self.next)} digits; a serial has room for "
                f"{LONGEST_SERIAL}.",
                digits=len(self.next),
            )
        if not 1 <= self.width <= LONGEST_SERIAL:
            raise InputRefused(
                f"The width of a number is {self.width}: expected 1 to {LONGEST_SERIAL} digits.",
                width=self.width,
            )
        # A digit stands for the number, so that a space may stand beside it but not at the ends.
        sample = f"{self.prefix}{'0' * self.width}{self.suffix}"
        for fault in check_serial(sample):
            raise InputRefused(
                f"No serial can be written as prefix {self.prefix!r}, {self.width} digits and "
                f"suffix {self.suffix!r}: {fault.detail}",
                prefix=self.prefix,
                width=self.width,
                suffix=self.suffix,
                code=fault.code,
            )

    def write(self, number: int) -> str:
        """Return the serial with that number.

        >>> Pattern("SN", "1", 5, "-X").write(42), Pattern(width=3).write(1234)
        ('SN00042-X', '1234')
        """
        return f"{self.prefix}{number:0{self.width}d}{self.suffix}"


def read_pattern(serial: str, width: int = DEFAULT_WIDTH) -> Pattern:
    """Return the pattern whose next serial a person wrote: its last digits are the number.

    >>> read_pattern("2024-SN042/B")
    Pattern(prefix='2024-SN', next='42', width=5, suffix='/B')

    Raises:
        InputRefused: it holds no digits, or no serial can look like that.
    """
    parts = split_number(serial)
    if parts is None:
        raise InputRefused(
            f"The next serial {serial[:80]!r} holds no number of a serial's length to count on "
            "from; write it such as 'SN00001'.",
            serial=serial,
        )
    prefix, digits, suffix = parts
    return Pattern(prefix, digits.lstrip("0") or "0", max(width, len(digits)), suffix)


def split_number(serial: str) -> tuple[str, str, str] | None:
    """Return what stands before the last digits of a serial, the digits, and what follows.

    >>> split_number("2024-SN042/B"), split_number("none")
    (('2024-SN', '042', '/B'), None)
    """
    if len(serial) > LONGEST_SERIAL:
        return None
    match = _LAST_NUMBER.search(serial)
    return (serial[: match.start()], match[1], match[2]) if match else None


def take(
    pattern: Pattern, count: int, used: Known, case: Case = "fold"
) -> tuple[tuple[str, ...], Pattern]:
    """Return the next ``count`` serials that nobody has, and the pattern behind them.

    ``used`` is asked for as many keys as are wanted, and again only when some were used.

    Raises:
        InputRefused: the count is out of range, the serials grow too long, or more than a million
            numbers in a row are used.
    """
    if not 0 <= count <= MOST_AT_ONCE:
        raise InputRefused(
            f"The number of serials wanted is {count}: expected 0 to {MOST_AT_ONCE}.",
            code="range_too_large",
            count=count,
        )
    number, skipped, taken = int(pattern.next), 0, list[str]()
    while len(taken) < count:
        # What was passed over so far is asked for once more, so a long row of used numbers takes
        # few questions.
        asked = min(count - len(taken) + skipped, MOST_AT_ONCE)
        serials = [pattern.write(n) for n in range(number, number + asked)]
        if len(serials[-1]) > LONGEST_SERIAL:
            serials = [serial for serial in serials if len(serial) <= LONGEST_SERIAL]
        keys = [key_of(serial, case) for serial in serials]
        taken_by_others = set(used(keys))
        for serial, key in zip(serials, keys, strict=True):
            if len(taken) == count:
                break
            number += 1
            if key in taken_by_others:
                skipped += 1
            else:
                taken.append(serial)
        if len(taken) < count and len(serials) < asked:
            raise InputRefused(
                f"{count} serials from {pattern.write(int(pattern.next))!r} on would become longer "
                f"than {LONGEST_SERIAL} characters; set the next serial to a shorter one.",
                code="serial_too_long",
                next=pattern.next,
                count=count,
            )
        if skipped > _MOST_SKIPPED:
            raise InputRefused(
                f"More than {_MOST_SKIPPED} serials from {pattern.write(int(pattern.next))!r} on "
                "are used already; set the next serial behind them.",
                code="range_too_large",
                next=pattern.next,
                skipped=skipped,
            )
    return tuple(taken), replace(pattern, next=str(number))


def after_typed(pattern: Pattern, serials: Iterable[str], case: Case = "fold") -> Pattern:
    """Return the pattern moved behind the highest typed serial that it could have written itself.

    ``SN42`` is not one of ``SN00042``'s kind, so it moves nothing.
    """
    prefix, suffix = key_of(pattern.prefix, case), key_of(pattern.suffix, case)
    begin, behind = len(prefix), len(suffix)
    least = begin + pattern.width + behind
    highest = int(pattern.next) - 1
    for serial in serials:
        key = key_of(serial, case)
        if not (least <= len(key) <= LONGEST_SERIAL and key.startswith(prefix)):
            continue
        digits = key[begin : len(key) - behind]
        if (
            key.endswith(suffix)
            and digits.isascii()
            and digits.isdecimal()
            and (len(digits) == pattern.width or digits[0] != "0")
        ):
            highest = max(highest, int(digits))
    return replace(pattern, next=str(highest + 1))
