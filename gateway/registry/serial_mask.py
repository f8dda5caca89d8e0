r"""A serial mask: what every serial of an item looks like, written as a small regular expression.

    r"SN[0-9]{5}(-[A-Z])?" ──read_mask──► Mask ──matches(serial)──► True or False

A mask is typed by a person and then meets every serial of every list. Python's own matcher
backtracks: ``(\d+)*x`` costs minutes on one wrong serial, and refusing nested quantifiers does not
help against ``.*.*.*.*=``. So a mask is turned into an automaton (V. M. Glushkov, 1961: one
position for each character of the mask) whose cost grows with the length of the serial and nothing
else. What an automaton cannot say (look-around, references back) is refused, and nobody needs it.

>>> mask = read_mask(r"SN\d{5}(-[A-Z])?")
>>> mask.matches("SN00042"), mask.matches("SN00042-B"), mask.matches("SN42")
(True, True, False)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.errors import InputRefused

LONGEST_MASK: Final = 200
"""Characters of a mask."""

LONGEST_SERIAL: Final = 64
"""Characters of a serial; a mask that asks for more repeats could never match."""

OPERATORS: Final = frozenset("()[]{}|?*+.^$\\")
"""What stands for itself only behind a backslash."""

_MOST_POSITIONS: Final = 512
"""Positions of the automaton: eight alternatives as long as a serial."""

_MOST_STEPS: Final = 20_000
"""Remembered steps; a mask that needs more starts again, so memory stays below a few MB."""

_DIGITS: Final = frozenset("0123456789")
_SPACES: Final = frozenset(" \t\n\r\f\v")
_WORD: Final = _DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_SETS: Final = {"d": _DIGITS, "w": _WORD, "s": _SPACES}


@dataclass(frozen=True, slots=True)
class _Characters:
    """Which characters may stand at one place: some, or all but some."""

    singles: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    but: bool = False

    def __contains__(self, character: str) -> bool:
        within = character in self.singles or any(
            low <= character <= high for low, high in self.ranges
        )
        return within is not self.but


@dataclass(frozen=True, slots=True)
class _Row:
    """One behind the other; none at all is the empty text."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Either:
    choices: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    what: _Node
    least: int
    most: int | None
    """None: without end."""


_Node = _Characters | _Row | _Either | _Repeat

_EMPTY: Final = _Row(())


class _Step(dict[str, "_Step"]):
    """A set of positions reached, and where each next character leads from there."""

    __slots__ = ("final", "find", "positions")

    def __init__(self, positions: int, final: bool, find: Callable[[_Step, str], _Step]) -> None:
        super().__init__()
        self.positions = positions
        self.final = final
        self.find = find

    def __missing__(self, character: str) -> _Step:
        return self.find(self, character)


class Mask:
    """A mask that was understood. Equal masks have equal text."""

    __slots__ = ("_after", "_ends", "_known", "_leaves", "_left", "_start", "_steps", "text")

    def __init__(self, text: str, tree: _Node) -> None:
        self.text = text
        self._leaves: list[_Characters] = [_Characters()]  # position 0: before the first character
        self._after: list[int] = [0]
        try:
            empty, first, last = self._place(tree)
        except RecursionError:  # a few hundred brackets within each other
            raise _refused(text, "has too many groups within each other") from None
        self._after[0] = first
        self._ends = last | (1 if empty else 0)
        self._forget()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Mask({self.text!r})"

    def matches(self, serial: str) -> bool:
        """Say whether the whole serial is as the mask wants it."""
        step = self._start
        for character in serial:
            step = step[character]
            if not step.positions:
                return False
        return step.final

    def _forget(self) -> None:
        self._left = _MOST_STEPS
        self._steps: dict[int, _Step] = {}
        self._known: dict[str, int] = {}
        self._start = self._step(1)

    def _step(self, positions: int) -> _Step:
        found = self._steps.get(positions)
        if found is None:
            found = _Step(positions, bool(positions & self._ends), self._find)
            self._steps[positions] = found
        return found

    def _find(self, step: _Step, character: str) -> _Step:
        allowed = self._known.get(character)
        if allowed is None:
            allowed = sum(
                1 << place
                for place, characters in enumerate(self._leaves)
                if place and character in characters
            )
            self._known[character] = allowed
        reached = 0
        for place in _bits(step.positions):
            reached |= self._after[place]
        self._left -= 1
        if self._left < 0:
            self._forget()
        found = step[character] = self._step(reached & allowed)
        return found

    def _place(self, node: _Node) -> tuple[bool, int, int]:
        """Give the node's characters places; return whether it may be empty, its first, its last.

        Places are bits of a number.
        """
        match node:
            case _Characters():
                if len(self._leaves) > _MOST_POSITIONS:
                    raise _refused(
                        self.text, f"needs more than {_MOST_POSITIONS} places when written out"
                    )
                place = 1 << len(self._leaves)
                self._leaves.append(node)
                self._after.append(0)
                return False, place, place
            case _Row(parts):
                empty, first, last = True, 0, 0
                for part in parts:
                    empty, first, last = self._join((empty, first, last), self._place(part))
                return empty, first, last
            case _Either(choices):
                placed = [self._place(choice) for choice in choices]
                first = last = 0
                for _, begins, ends in placed:
                    first |= begins
                    last |= ends
                return any(may_be_empty for may_be_empty, _, _ in placed), first, last
            case _Repeat(what, least, most):
                whole = (True, 0, 0)
                for repeat in range(least + 1 if most is None else most):
                    places = len(self._leaves)
                    empty, first, last = self._place(what)
                    if len(self._leaves) == places:
                        break  # nothing, however often
                    if repeat == least and most is None:
                        for place in _bits(last):
                            self._after[place] |= first
                    whole = self._join(whole, (empty or repeat >= least, first, last))
                return whole

    def _join(
        self, one: tuple[bool, int, int], other: tuple[bool, int, int]
    ) -> tuple[bool, int, int]:
        for place in _bits(one[2]):
            self._after[place] |= other[1]
        return (
            one[0] and other[0],
            one[1] | other[1] if one[0] else one[1],
            other[2] | one[2] if other[0] else other[2],
        )


@lru_cache(maxsize=256)
def read_mask(text: str) -> Mask:
    r"""Return the mask written as a regular expression that must match a whole serial.

    It may use characters, ``.``, ``[A-Z]``, ``[^-]``, ``\d \w \s`` (ASCII) and their capitals,
    groups, ``|`` and the quantifiers ``? * + {n} {n,} {n,m}``; ``^`` first and ``$`` last change
    nothing.

    Raises:
        InputRefused: it is empty, too long, not of that form or too large when written out.
    """
    if not text:
        raise InputRefused(
            "A serial mask must not be empty; leave it out where serials may look like anything.",
            mask=text,
        )
    if len(text) > LONGEST_MASK:
        raise InputRefused(
            f"A serial mask has at most {LONGEST_MASK} characters, got {len(text)}.",
            mask=text,
            longest=LONGEST_MASK,
        )
    return Mask(text, _Reader(text).read())


def _refused(text: str, why: str, **facts: object) -> InputRefused:
    return InputRefused(
        f"The serial mask {text!r} {why}; give a pattern such as 'SN[0-9]{{5}}'.",
        mask=text,
        **facts,
    )


def _bits(number: int) -> Iterator[int]:
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


class _Reader:
    """Reads a mask from left to right."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> _Node:
        end = len(self.text)
        if self.text.startswith("^"):
            self.at = 1
        try:
            node = self._either()
        except RecursionError:
            raise _refused(self.text, "has too many groups within each other") from None
        if self._next() == "$" and self.at == end - 1:
            self.at = end
        if self.at < end:
            raise self._wrong(f"has {self.text[self.at]!r} where nothing opens or allows it")
        return node

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _wrong(self, why: str) -> InputRefused:
        return _refused(self.text, f"{why}, at character {self.at + 1}", at=self.at)

    def _either(self) -> _Node:
        choices = [self._row()]
        while self._next() == "|":
            self.at += 1
            choices.append(self._row())
        return choices[0] if len(choices) == 1 else _Either(tuple(choices))

    def _row(self) -> _Node:
        parts: list[_Node] = []
        while self._next() not in {"", "|", ")", "$"}:
            parts.append(self._repeated(self._single()))
        return parts[0] if len(parts) == 1 else _Row(tuple(parts)) if parts else _EMPTY

    def _repeated(self, what: _Node) -> _Node:
        least = 0
        most: int | None = None
        match self._next():
            case "?":
                most = 1
            case "*":
                pass
            case "+":
                least = 1
            case "{":
                least, most = self._counts()
            case _:
                return what
        self.at += 1
        if self._next() in {"?", "*", "+", "{"}:
            raise self._wrong(
                f"has {self._next()!r} behind a quantifier, which says nothing about a whole serial"
            )
        return _Repeat(what, least, most)

    def _counts(self) -> tuple[int, int | None]:
        closing = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : closing].partition(",")
        if closing < 0 or not all(
            part.isascii() and part.isdecimal() for part in (low, high) if part
        ):
            raise self._wrong("has a '{' that is no count such as {5}, {2,} or {2,5}")
        if not low and not high:
            raise self._wrong("has a count without a number")
        # Long digits are compared as text first: int() refuses thousands of them.
        if any(len(part) > 3 or int(part or "0") > LONGEST_SERIAL for part in (low, high)):
            raise self._wrong(
                f"repeats more often than the {LONGEST_SERIAL} characters of the longest serial"
            )
        least = int(low or "0")
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise self._wrong(f"repeats at least {least} and at most {most} times")
        self.at = closing
        return least, most

    def _single(self) -> _Node:
        character = self._next()
        if character in {"?", "*", "+", "{"}:
            raise self._wrong(f"has {character!r} with nothing before it to repeat")
        self.at += 1
        match character:
            case ".":
                return _Characters(but=True)
            case "[":
                return self._class()
            case "(":
                return self._group()
            case "\\":
                return self._escape()
            case "]" | "}" | "^":
                self.at -= 1
                raise self._wrong(
                    f"has a lone {character!r}, which must be written '\\{character}'"
                )
            case _:
                return _Characters(frozenset(character))

    def _group(self) -> _Node:
        opened = self.at - 1
        if self._next() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise self._wrong("has a group of another kind than (…) or (?:…)")
            self.at += 2
        inside = self._either()
        if self._next() != ")":
            self.at = opened
            raise self._wrong("has a '(' that is never closed")
        self.at += 1
        return inside

    def _escape(self) -> _Characters:
        letter = self._next()
        if letter.lower() in _SETS and letter:
            self.at += 1
            return _Characters(_SETS[letter.lower()], but=letter.isupper())
        if not letter or (letter.isascii() and letter.isalnum()):
            raise self._wrong(
                f"has '\\{letter}', which is none of \\d, \\w, \\s, \\D, \\W, \\S or a sign's own"
            )
        self.at += 1
        return _Characters(frozenset(letter))

    def _class(self) -> _Characters:
        opened = self.at - 1
        but = self._next() == "^"
        self.at += but
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        begin = self.at
        while (character := self._next()) and (character != "]" or self.at == begin):
            low = self._member()
            if isinstance(low, frozenset):
                singles |= low
                continue
            if self._next() == "-" and self.text[self.at + 1 : self.at + 2] not in {"", "]"}:
                self.at += 1
                high = self._member()
                if isinstance(high, frozenset) or high < low:
                    raise self._wrong("has a range in brackets that does not go upwards")
                ranges.append((low, high))
            else:
                singles.add(low)
        if not character:
            self.at = opened
            raise self._wrong("has a '[' that is never closed")
        self.at += 1
        return _Characters(frozenset(singles), tuple(ranges), but)

    def _member(self) -> str | frozenset[str]:
        """Return the next character of a class, or the set a ``\\d`` stands for."""
        character = self._next()
        self.at += 1
        if character != "\\":
            return character
        escaped = self._escape()
        if escaped.but:
            raise self._wrong("has \\D, \\W or \\S within brackets; write [^…] instead")
        return next(iter(escaped.singles)) if len(escaped.singles) == 1 else escaped.singles
