"""Lists of serials as people type, paste and scan them: what stands there, and all that is wrong.

    text ──words──► pieces ──decide──► serials, ranges, "next" ──write out──► Listing

Separators are space, tab, line break, comma and semicolon; ``"…"`` keeps one serial whole, as in
CSV. Ranges are ``A..B``, ``A - B``, ``A – B`` and ``A to B``; a hyphen inside a word makes a range
where both sides are whole serials of one kind. ``next*5`` takes the item's next five. Nothing is
guessed: what can be read in two ways is refused, with both and how to write each.

>>> listing = parse_list("AB-7; 1000-1003,\\n\\"x, y\\"")
>>> [entry.serial for entry in listing.serials]
['AB-7', '1000', '1001', '1002', '1003', 'x, y']
>>> listing.shown
'AB-7, 1000..1003, "x, y"'
>>> [(problem.position, problem.code) for problem in parse_list("A1, 9-5, a1").problems]
[(2, 'range_descending'), (3, 'duplicate_in_list')]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from gateway.errors import InputRefused
from gateway.registry.numbering import MOST_AT_ONCE, Known, Pattern, after_typed, split_number, take
from gateway.registry.refusals import Offence
from gateway.registry.serial_mask import LONGEST_SERIAL, Mask, read_mask
from gateway.registry.serial_text import Case, check_serial, key_of, normalise

MOST_NAMED: Final = 100
"""Serials of a range that a problem names one by one; the rest are counted."""

Origin = Literal["literal", "range", "generated"]

_DIGITS: Final = "0123456789"
_QUOTED: Final = r'"[^"]*(?:""[^"]*)*"'
_JOIN: Final = r"(?:-|–|\.\.|[Tt][Oo])"
_WORD: Final = re.compile(rf"{_QUOTED}|[^ \t\n,;]+")
_CELL_WORD: Final = re.compile(
    rf"{_QUOTED}|(?<= ){_JOIN}(?= )|[^ \t\n,;]++(?: ++(?!{_JOIN} )[^ \t\n,;]++)*+"
)
"""A word where spaces belong to the serial: up to the next separator, or to ``A - B``'s middle."""

_QUOTED_WORD: Final = re.compile(_QUOTED)

_LINE: Final = re.compile(r"[^ \t\n][^\t\n]*")
_NEXT: Final = re.compile(r"next(?:\*([0-9]+))?", re.IGNORECASE)
_UNSAFE: Final = re.compile(r'^"|[ \t\n,;–]|\.\.|^-$|^next(?:$|\*)', re.IGNORECASE)
"""What a serial must be put in quotation marks for."""

_LONE: Final = frozenset({"-", "–", ".."})
"""Never a serial."""

_JOINS: Final = _LONE | {"to", "To", "TO", "tO"}
"""What stands between the ends of a range, with spaces round it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One serial of a list."""

    serial: str
    key: str
    token: str
    """What stood in the list for it."""
    position: int
    """The place of that token in the list, from 1."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a list that cannot be taken."""

    token: str
    position: int
    """The place of the token in the list, from 1."""
    code: str
    detail: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def offence(self) -> Offence:
        """Return it as the registry's refusals name it."""
        return Offence(
            self.token, self.code, self.detail, {**self.facts, "position": self.position}
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list says. It can be taken when ``problems`` is empty."""

    serials: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    repeats: tuple[Problem, ...]
    """Scanned once more: nothing is wrong, nothing was added."""
    shown: str
    """The whole list separated by commas; read again, it says the same without asking anybody."""
    pattern: Pattern | None
    """Where the item's pattern stands behind this list."""

    @property
    def count(self) -> int:
        """Return how many serials there are."""
        return len(self.serials)

    @property
    def first(self) -> str | None:
        """Return the first serial."""
        return self.serials[0].serial if self.serials else None

    @property
    def last(self) -> str | None:
        """Return the last serial."""
        return self.serials[-1].serial if self.serials else None


@dataclass(frozen=True, slots=True)
class _Span:
    """The serials from ``low`` to ``high``, both digits as written."""

    prefix: str
    low: str
    high: str
    suffix: str

    @property
    def size(self) -> int:
        return int(self.high) - int(self.low) + 1

    @property
    def ends(self) -> tuple[str, str]:
        return f"{self.prefix}{self.low}{self.suffix}", f"{self.prefix}{self.high}{self.suffix}"

    @property
    def trouble(self) -> Literal["range_descending", "range_width_mismatch"] | None:
        if int(self.high) < int(self.low):
            return "range_descending"
        if len(self.low) != len(self.high) and any(
            end[0] == "0" and end != "0" for end in (self.low, self.high)
        ):
            return "range_width_mismatch"
        return None

    def serials(self) -> Iterator[str]:
        # Of equal width they keep it; 998 to 1001 just grows.
        width = len(self.low)
        for number in range(int(self.low), int(self.high) + 1):
            yield f"{self.prefix}{number:0{width}d}{self.suffix}"


class _Word(NamedTuple):
    text: str
    quoted: bool
    joined: bool
    """Nothing but spaces stand before it."""


class _Literal(NamedTuple):
    token: str
    serial: str
    shown: str


class _Range(NamedTuple):
    token: str
    span: _Span


class _Hyphenated(NamedTuple):
    """One serial, or a range: the item's serials, its mask or the count decide."""

    token: str
    span: _Span
    short: bool
    """``AB0001-0100``: the second end leaves its prefix out."""


class _Loose(NamedTuple):
    """``1000- 1234``: a serial that begins or ends with a hyphen, or a range written badly."""

    token: str


class _Next(NamedTuple):
    token: str
    size: int


class _Broken(NamedTuple):
    token: str
    code: str
    detail: str
    facts: Mapping[str, object]


_Settled = _Literal | _Range | _Next | _Broken
_Piece = _Settled | _Hyphenated | _Loose


def nothing_known(keys: Sequence[str]) -> Collection[str]:
    """Return no key: what ``known`` is for an item without serials."""
    del keys
    return ()


def parse_list(
    text: str,
    *,
    known: Known = nothing_known,
    mask: Mask | str | None = None,
    expected: int | None = None,
    split_space: bool = True,
    case: Case = "fold",
    pattern: Pattern | None = None,
    limit: int = MOST_AT_ONCE,
    scanned: bool = False,
) -> Listing:
    """Return what a list of serials says, with everything that is wrong in it at once.

    ``known`` says which keys the item has or had: asked once about all words in which a hyphen
    could be either, and for numbers on ``next``. ``expected`` is the number of serials wanted,
    ``pattern`` the one ``next`` counts on from; where not ``split_space``, spaces belong to the
    serial. ``limit`` is what all ranges of the list together may stand for. Where ``scanned``,
    each line is one serial just as it stands, and one that comes again is no problem.

    Raises:
        InputRefused: the mask is not understood.
    """
    mask = read_mask(mask) if isinstance(mask, str) else mask
    text = normalise(text)
    pieces: list[_Settled]
    if scanned:
        pieces = [_Literal(line, line, _as_shown(line)) for line in _lines(text)]
    else:
        read = list(_pieces(_words(text, split_space), case))
        pieces = _decide(read, known, mask, expected, case)
    return _Written(pieces, mask, case, pattern, min(limit, MOST_AT_ONCE), scanned).listing(known)


# ---------------------------------------------------------------------------- words and pieces


def _lines(text: str) -> list[str]:
    return [line.rstrip(" ") for line in _LINE.findall(text)]


def _words(text: str, split_space: bool) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    for match in (_WORD if split_space else _CELL_WORD).finditer(text):
        start, word = match.start(), match[0]
        if start == end and words:
            # No separator behind a closing quotation mark: one word, which is broken.
            words[-1] = _Word(words[-1].text + word, False, words[-1].joined)
        else:
            quoted = word[0] == '"' and _QUOTED_WORD.fullmatch(word) is not None
            joined = bool(words) and not text[end:start].strip(" ")
            words.append(_Word(word, quoted, joined))
        end = match.end()
    return words


def _pieces(words: Sequence[_Word], case: Case) -> Iterator[_Piece]:
    at = 0
    count = len(words)
    while at < count:
        text = words[at].text
        if (
            text.isalnum()
            and text not in _JOINS
            and text[:4].lower() != "next"
            and (at + 1 == count or words[at + 1].text not in _JOINS)
        ):  # most words of most lists
            yield _Literal(text, text, text)
            at += 1
            continue
        end = _range_end(words, at)
        if end > at + 1 or text in _LONE:
            yield _spaced_range(words[at:end], case)
        elif found := _read_next(words, at):
            piece, size = found
            yield piece
            end = at + size
        elif _unquoted(words[at]):  # "" is an empty cell of a table
            yield _piece(words[at], end < count and words[end].joined, case)
        at = end


def _range_end(words: Sequence[_Word], at: int) -> int:
    """Return the index behind ``A - B``, or behind what lacks an end or hangs on to it."""
    end = at + 1
    if words[at].text in _JOINS:
        if end < len(words) and words[end].joined:
            end += 1
        return end
    while end < len(words) and words[end].joined and words[end].text in _JOINS:
        end += 1
        if end < len(words) and words[end].joined and words[end].text not in _JOINS:
            end += 1
    return end


def _spaced_range(run: Sequence[_Word], case: Case) -> _Piece:
    token = " ".join(word.text for word in run)
    if len(run) == 3 and run[1].text in _JOINS:
        return _explicit(token, [_unquoted(run[0]), _unquoted(run[2])], case)
    return _not_understood(token)


def _read_next(words: Sequence[_Word], at: int) -> tuple[_Piece, int] | None:
    """Return ``next`` or ``next*5``, also with spaces round the star, and its number of words."""
    first = words[at].text
    if first[:4].lower() != "next":
        return None
    for size in (3, 2, 1):
        group = words[at : at + size]
        if len(group) < size or not all(word.joined for word in group[1:]):
            continue
        match = _NEXT.fullmatch("".join(word.text for word in group))
        if match:
            token = " ".join(word.text for word in group)
            digits = (match[1] or "1").lstrip("0") or "0"
            if len(digits) > LONGEST_SERIAL:
                return _not_understood(token), size
            return _Next(token, int(digits)), size
    return (_not_understood(first), 1) if first[4:5] == "*" else None


def _piece(word: _Word, followed: bool, case: Case) -> _Piece:
    text = word.text
    if word.quoted:
        serial = _unquoted(word)
        return _Literal(text, serial, _as_shown(serial))
    if text[0] == '"':
        return _Broken(
            text,
            "serial_bad_character",
            f"{text[:LONGEST_SERIAL]!r} begins with a quotation mark that is not closed at its "
            "end; close it there, and write a mark that belongs to the serial twice.",
            {},
        )
    for join in ("..", "–"):
        if join in text:
            return _explicit(text, text.split(join), case)
    if "-" in text:
        if (text[0] == "-" and word.joined) or (text[-1] == "-" and (followed or " -" in text)):
            return _Loose(text)
        parts = text.split("-")
        half = len(parts) // 2
        # Both ends have as many hyphens, for only digits differ: so the middle one parts them.
        if len(parts) == 2 * half and (
            span := _span("-".join(parts[:half]), "-".join(parts[half:]), case)
        ):
            return _Hyphenated(text, span, short=False)
        if len(parts) == 2 and (span := _short_span(*parts)):
            return _Hyphenated(text, span, short=True)
    return _Literal(text, text, _quote(text) if " " in text else text)


def _unquoted(word: _Word) -> str:
    return word.text[1:-1].replace('""', '"').strip(" ") if word.quoted else word.text


def _explicit(token: str, ends: Sequence[str], case: Case) -> _Piece:
    span = _span(ends[0].strip(" "), ends[1].strip(" "), case) if len(ends) == 2 else None
    return _Range(token, span) if span else _not_understood(token)


def _span(left: str, right: str, case: Case) -> _Span | None:
    """Return the span between two serials that differ in one number; None if they do not."""
    if not left or not right or max(len(left), len(right)) > LONGEST_SERIAL:
        return None
    if key_of(left, case) == key_of(right, case):
        same = split_number(left)
        return _Span(same[0], same[1], same[1], same[2]) if same else None
    one, other = (left, right) if case == "exact" else (left.casefold(), right.casefold())
    if len(one) != len(left) or len(other) != len(right):
        one, other = left, right  # "ß" folds to two letters: places would not agree
    shorter = min(len(one), len(other))
    begin = 0
    while begin < shorter and one[begin] == other[begin]:
        begin += 1
    while begin and one[begin - 1] in _DIGITS:
        begin -= 1
    tail = 0
    while tail < shorter - begin and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    while tail and one[-tail] in _DIGITS:
        tail -= 1
    low, high = left[begin : len(left) - tail], right[begin : len(right) - tail]
    if low.isascii() and low.isdecimal() and high.isascii() and high.isdecimal():
        return _Span(left[:begin], low, high, left[len(left) - tail :])
    return None


def _short_span(left: str, right: str) -> _Span | None:
    """Return the span of ``AB0001-0100``, whose ends have as many digits and go upwards."""
    prefix = left.rstrip(_DIGITS)
    low = left[len(prefix) :]
    if (
        prefix
        and len(low) == len(right) <= LONGEST_SERIAL
        and right.isascii()
        and right.isdecimal()
        and low < right
    ):
        return _Span(prefix, low, right, "")
    return None


def _not_understood(token: str) -> _Broken:
    return _Broken(
        token,
        "range_not_understood",
        f"{_say(token)} is not understood: a range is two serials that differ in one number, such "
        "as A0001..A0100, new ones are 'next' or 'next*5', and a serial that looks like either "
        "stands in quotation marks.",
        {},
    )


def _say(token: str) -> str:
    return repr(token if len(token) <= 2 * LONGEST_SERIAL else f"{token[: 2 * LONGEST_SERIAL]}…")


# ------------------------------------------------------------------------------ one or a range


def _decide(
    pieces: Sequence[_Piece],
    known: Known,
    mask: Mask | None,
    expected: int | None,
    case: Case,
) -> list[_Settled]:
    """Return the pieces with each word that holds a hyphen taken for one serial or a range.

    First that decides: the item has that very serial; its mask fits only the one or the other; the
    number expected fits only the one or the other; the form.
    """
    keys = {
        piece.token: key_of(piece.token, case)
        for piece in pieces
        if isinstance(piece, _Hyphenated | _Loose)
    }
    standing = set(known(list(dict.fromkeys(keys.values())))) if keys else set()
    decided = [
        _by_serials_and_mask(piece, keys[piece.token] in standing, mask)
        if isinstance(piece, _Hyphenated | _Loose)
        else piece
        for piece in pieces
    ]
    spans = [piece.span for piece in decided if isinstance(piece, _Hyphenated)]
    if spans and expected is not None:
        counted = sum(map(_count, decided))
        if counted + len(spans) == expected:
            return [_as_serial(piece) for piece in decided]
        if not any(span.trouble for span in spans) and (
            counted + sum(span.size for span in spans) == expected
        ):
            return [_as_range(piece) for piece in decided]
    return [_by_form(piece) for piece in decided]


def _by_serials_and_mask(
    piece: _Hyphenated | _Loose, standing: bool, mask: Mask | None
) -> _Settled | _Hyphenated:
    token = piece.token
    if standing:
        return _Literal(token, token, _quote(token))
    whole = mask is not None and mask.matches(token)
    if isinstance(piece, _Loose):
        return _Literal(token, token, _quote(token)) if whole else _not_understood(token)
    if mask is None:
        return piece
    ends = all(map(mask.matches, piece.span.ends))
    if whole and ends:
        return piece
    if whole:
        return _Literal(token, token, _quote(token))
    if ends:
        return _Range(token, piece.span)
    return _Broken(
        token,
        "serial_mask_mismatch",
        f"Neither {_say(token)} nor what it would be a range of looks like the item's serials, "
        f"whose mask is {mask.text!r}.",
        {"mask": mask.text},
    )


def _count(piece: _Settled | _Hyphenated) -> int:
    match piece:
        case _Literal():
            return 1
        case _Range(_, span):
            return 0 if span.trouble else span.size
        case _Next(_, size):
            return size
        case _Hyphenated() | _Broken():
            return 0


def _as_serial(piece: _Settled | _Hyphenated) -> _Settled:
    if isinstance(piece, _Hyphenated):
        return _Literal(piece.token, piece.token, _quote(piece.token))
    return piece


def _as_range(piece: _Settled | _Hyphenated) -> _Settled:
    return _Range(piece.token, piece.span) if isinstance(piece, _Hyphenated) else piece


def _by_form(piece: _Settled | _Hyphenated) -> _Settled:
    if isinstance(piece, _Hyphenated) and (piece.short or piece.span.low == piece.span.high):
        first, last = piece.span.ends
        return _Broken(
            piece.token,
            "range_ambiguous",
            f"{_say(piece.token)} can be one serial or the range from {first!r} to {last!r}; write "
            f'"{piece.token}" in quotation marks for the one, {first}..{last} for the other.',
            {"first": first, "last": last, "count": piece.span.size},
        )
    return _as_range(piece)


# ------------------------------------------------------------------------------- written out


def _range_trouble(token: str, span: _Span, room: int, limit: int) -> _Broken | None:
    """Return why the range cannot be written out; looked at before anything is."""
    trouble = span.trouble
    first, last = span.ends
    if trouble == "range_descending":
        why = (
            f"The range {_say(token)} runs down from {span.low} to {span.high}; write it upwards, "
            "or in quotation marks if it is one serial."
        )
        return _Broken(token, trouble, why, {"first": first, "last": last})
    if trouble == "range_width_mismatch":
        why = (
            f"The range {_say(token)} has {len(span.low)} digits at one end and {len(span.high)} "
            "at the other, with a leading zero; write both ends with the same number of digits."
        )
        return _Broken(token, trouble, why, {"first": first, "last": last})
    if span.size > room:
        return _too_large(token, span.size, room, limit)
    for fault in check_serial(last):  # the longest of them; prefix and suffix are the same in all
        return _Broken(token, fault.code, fault.detail, fault.facts)
    return None


def _too_large(token: str, count: int, room: int, limit: int) -> _Broken:
    return _Broken(
        token,
        "range_too_large",
        f"{_say(token)} stands for {count} serials; the ranges of one list have room for {limit}, "
        f"of which {room} are left.",
        {"count": count, "room": room, "limit": limit},
    )


class _Written:
    """A list while it is written out, piece by piece."""

    def __init__(
        self,
        pieces: Sequence[_Settled],
        mask: Mask | None,
        case: Case,
        pattern: Pattern | None,
        limit: int,
        scanned: bool,
    ) -> None:
        self.pieces = pieces
        self.mask = mask
        self.case = case
        self.pattern = pattern
        self.limit = limit
        self.room = limit
        self.scanned = scanned
        self.entries: list[Entry] = []
        self.seen: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.repeats: list[Problem] = []
        self.shown = [piece.token for piece in pieces]
        self.wanted: list[tuple[_Next, int, int]] = []
        """New serials, the entries before them, and their position; numbered when all are read."""

    def listing(self, known: Known) -> Listing:
        for position, piece in enumerate(self.pieces, 1):
            match piece:
                case _Literal():
                    self._one(piece, position)
                case _Range():
                    self._range(piece, position)
                case _Next():
                    self._new(piece, position)
                case _Broken():
                    self._problem(piece, position)
        pattern = self.pattern
        if pattern is not None:
            typed = [entry.serial for entry in self.entries]
            if self.wanted:
                pattern = self._number(pattern, known)
            pattern = after_typed(pattern, typed, self.case)
        return Listing(
            tuple(self.entries),
            tuple(sorted(self.problems, key=lambda problem: problem.position)),
            tuple(self.repeats),
            ", ".join(self.shown),
            pattern,
        )

    def _one(self, piece: _Literal, position: int) -> None:
        token, serial, self.shown[position - 1] = piece
        if faults := check_serial(serial, self.mask):
            self.problems += (Problem(token, position, f.code, f.detail, f.facts) for f in faults)
            return
        key = key_of(serial, self.case)
        before = self.seen.setdefault(key, position)
        if before == position:
            self.entries.append(Entry(serial, key, token, position, "literal"))
        elif self.scanned:
            self.repeats.append(
                Problem(
                    token,
                    position,
                    "duplicate_in_list",
                    f"Serial {serial!r} was scanned already, as number {before} of this list.",
                    {"first": before},
                )
            )
        else:
            self.problems.append(
                Problem(
                    token,
                    position,
                    "duplicate_in_list",
                    f"Serial {serial!r} stands in the list already, as entry {before}; remove one "
                    "of the two.",
                    {"first": before},
                )
            )

    def _range(self, piece: _Range, position: int) -> None:
        token, span = piece
        if trouble := _range_trouble(token, span, self.room, self.limit):
            self._problem(trouble, position)
            return
        self.room -= span.size
        self.shown[position - 1] = _span_shown(span)
        unlike: list[str] = []
        again: list[str] = []
        seen, case, mask = self.seen, self.case, self.mask
        for serial in span.serials():
            key = key_of(serial, case)
            if mask is not None and not mask.matches(serial):
                unlike.append(serial)
            elif key in seen:
                again.append(serial)
            else:
                seen[key] = position
                self.entries.append(Entry(serial, key, token, position, "range"))
        if unlike and mask is not None:
            self._problem(_unlike(token, unlike, mask), position)
        if again:
            self._problem(self._repeated(token, again), position)

    def _repeated(self, token: str, again: Sequence[str]) -> _Broken:
        number = "a serial that stands" if len(again) == 1 else f"{len(again)} serials that stand"
        before = self.seen[key_of(again[0], self.case)]
        return _Broken(
            token,
            "duplicate_in_list",
            f"The range {_say(token)} holds {number} in the list already, first {again[0]!r} as "
            f"entry {before}; remove what stands twice.",
            {"serials": again[:MOST_NAMED], "count": len(again), "first": before},
        )

    def _new(self, piece: _Next, position: int) -> None:
        if self.pattern is None:
            self._problem(
                _Broken(
                    piece.token,
                    "range_not_understood",
                    f"{_say(piece.token)} asks for new serials, and the item has no next serial to "
                    "count on from; set it, or put the word in quotation marks if it is a serial.",
                    {},
                ),
                position,
            )
        elif not piece.size:
            self._problem(_not_understood(piece.token), position)
        elif piece.size > self.room:
            self._problem(_too_large(piece.token, piece.size, self.room, self.limit), position)
        else:
            self.room -= piece.size
            self.wanted.append((piece, len(self.entries), position))

    def _number(self, pattern: Pattern, known: Known) -> Pattern:
        """Give the new serials their numbers: what the list itself holds is used too."""

        def used(keys: Sequence[str]) -> Collection[str]:
            return {*known(keys), *(key for key in keys if key in self.seen)}

        try:
            serials, after = take(
                pattern, sum(piece.size for piece, _, _ in self.wanted), used, self.case
            )
        except InputRefused as refused:
            piece, _, position = self.wanted[0]
            code = str(refused.facts["code"])
            self._problem(_Broken(piece.token, code, refused.detail, refused.facts), position)
            return pattern
        numbered: list[Entry] = []
        at = taken = 0
        for piece, before, position in self.wanted:
            numbered += self.entries[at:before]
            at = before
            mine = serials[taken : taken + piece.size]
            taken += piece.size
            self.shown[position - 1] = ", ".join(map(_as_shown, mine))
            numbered += (
                Entry(serial, key_of(serial, self.case), piece.token, position, "generated")
                for serial in mine
            )
            if self.mask is not None and (
                unlike := [serial for serial in mine if not self.mask.matches(serial)]
            ):
                self._problem(_unlike(piece.token, unlike, self.mask), position)
        self.entries = numbered + self.entries[at:]
        return after

    def _problem(self, broken: _Broken, position: int) -> None:
        self.problems.append(
            Problem(broken.token, position, broken.code, broken.detail, broken.facts)
        )


def _unlike(token: str, unlike: Sequence[str], mask: Mask) -> _Broken:
    number = "a serial that does" if len(unlike) == 1 else f"{len(unlike)} serials that do"
    return _Broken(
        token,
        "serial_mask_mismatch",
        f"{_say(token)} stands for {number} not look like the item's, whose mask is "
        f"{mask.text!r}, first {unlike[0]!r}.",
        {"serials": unlike[:MOST_NAMED], "count": len(unlike), "mask": mask.text},
    )


def _as_shown(serial: str) -> str:
    """Return the serial as it is read again whatever stands beside it."""
    if _UNSAFE.search(serial) or (
        "-" in serial
        and not isinstance(_piece(_Word(serial, False, False), False, "fold"), _Literal)
    ):
        return _quote(serial)
    return serial


def _span_shown(span: _Span) -> str:
    first, last = span.ends
    if span.low == span.high:
        return _as_shown(first)
    if _UNSAFE.search(first) or _UNSAFE.search(last):
        return f"{_quote(first)} .. {_quote(last)}"
    return f"{first}..{last}"


def _quote(serial: str) -> str:
    return '"' + serial.replace('"', '""') + '"'
