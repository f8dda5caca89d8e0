"""Aztec code: bytes in, a square of modules out.

    octets ──_shortest──► bits ──_stuffed──► words, and check words ──_placed──► modules

Five character modes, their shifts and runs of plain bytes say the content in few bits (ISO/IEC
24778, 7.2). Layers two modules wide wind around a bull's eye that tells how many they are.

>>> symbol = encode(b"SN-000123")
>>> len(symbol), "".join(".#"[module] for module in symbol[0])
(15, '......##.##..##')
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import CodeRefused

# ISO/IEC 24778, table 2: what each value of a mode stands for.
_UPPER, _LOWER, _MIXED, _PUNCT, _DIGIT = range(5)
_BITS = (5, 5, 5, 5, 4)
_SIGNS: tuple[dict[bytes, int], ...] = (
    {b" ": 1} | {bytes([65 + i]): 2 + i for i in range(26)},
    {b" ": 1} | {bytes([97 + i]): 2 + i for i in range(26)},
    {b" ": 1}
    | {bytes([i]): 1 + i for i in range(1, 14)}
    | {bytes([i]): i - 12 for i in range(27, 32)}
    | {bytes([sign]): 20 + i for i, sign in enumerate(b"@\\^_`|~\x7f")},
    {b"\r": 1, b"\r\n": 2, b". ": 3, b", ": 4, b": ": 5}
    | {bytes([sign]): 6 + i for i, sign in enumerate(b"!\"#$%&'()*+,-./:;<=>?[]{}")},
    {b" ": 1, b",": 12, b".": 13} | {bytes([48 + i]): 2 + i for i in range(10)},
)
_LATCHES = (
    {_LOWER: 28, _MIXED: 29, _DIGIT: 30},
    {_MIXED: 29, _DIGIT: 30},
    {_LOWER: 28, _UPPER: 29, _PUNCT: 30},
    {_UPPER: 31},
    {_UPPER: 14},
)
_SHIFTS: tuple[dict[int, int], ...] = (
    {_PUNCT: 0},
    {_PUNCT: 0, _UPPER: 28},
    {_PUNCT: 0},
    {},
    {_PUNCT: 0, _UPPER: 15},
)
_BYTES = 31
"""Shift to plain bytes, in the modes upper, lower and mixed."""
_LONGEST_RUN = 31 + 2047

_PRIMITIVE = {4: 0x13, 6: 0x43, 8: 0x12D, 10: 0x409, 12: 0x1069}
"""Polynomials of the fields that the words are counted in (ISO/IEC 24778, table 4)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many layers, and around which bull's eye."""

    layers: int
    compact: bool

    @property
    def bits(self) -> int:
        """Bits that the layers hold."""
        return (88 if self.compact else 112) * self.layers + 16 * self.layers**2

    @property
    def word(self) -> int:
        """Bits of a word."""
        return 6 if self.layers <= 2 else 8 if self.layers <= 8 else 10 if self.layers <= 22 else 12

    @property
    def most(self) -> int:
        """Data words that the mode message can count."""
        return 64 if self.compact else 2048


SIZES = (*(Size(n, True) for n in range(1, 5)), *(Size(n, False) for n in range(4, 33)))
"""From the least; a full symbol of one to three layers holds less than a compact one."""


def encode(content: bytes, *, percent: int = 23, size: Size | None = None) -> list[list[int]]:
    """Return the modules, 1 = dark: the least symbol with so many percent of check words.

    Raises:
        CodeRefused: it is empty, or does not fit the size, or the largest.
    """
    if not content:
        raise CodeRefused("Aztec data is empty.")
    bits = _shortest(content)
    for candidate in (size,) if size else SIZES:
        words = _stuffed(bits, candidate.word)
        room = candidate.bits // candidate.word
        # Three words more than the share asked for (ISO/IEC 24778, annex E); a size that is
        # asked for is filled up to the three.
        spare = 3 if size else room * percent // 100 + 3
        if len(words) <= min(candidate.most, room - spare):
            return _placed(words, candidate)
    raise CodeRefused("Aztec cannot carry so much data.", octets=len(content))


# Data ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _ways() -> dict[tuple[int, int], str]:
    """Return the shortest latches from each mode to each other."""
    found = {(mode, mode): "" for mode in range(5)}
    for _ in range(3):
        for (start, middle), bits in list(found.items()):
            for end, value in _LATCHES[middle].items():
                longer = bits + format(value, f"0{_BITS[middle]}b")
                if len(longer) < len(found.get((start, end), longer + "0")):
                    found[start, end] = longer
    return found


_Said = tuple[int, str, object]
"""How many bits so far, the last of them, and what was said before."""


def _shortest(content: bytes) -> str:
    """Return the fewest bits that say the content, found from the left for each mode it ends in.

    Runs of plain bytes begin and end with an octet that no mode has a sign for.
    """
    end = len(content)
    best: list[dict[int, _Said]] = [{} for _ in range(end + 1)]
    best[0][_UPPER] = (0, "", None)

    def offer(at: int, mode: int, before: _Said, bits: str) -> None:
        cost = before[0] + len(bits)
        if mode not in best[at] or cost < best[at][mode][0]:
            best[at][mode] = (cost, bits, before)

    strange = [at for at in range(end) if not any(content[at : at + 1] in s for s in _SIGNS)]
    runs = {at: _runs(strange, at) for at in strange}
    for at in range(end):
        for start, before in list(best[at].items()):
            for mode in range(5):
                offer(at, mode, before, _ways()[start, mode])
        for mode, before in best[at].items():
            width = _BITS[mode]
            for length in (1, 2):
                signs = content[at : at + length]
                if len(signs) < length:
                    continue
                value = _SIGNS[mode].get(signs)
                if value is not None:
                    offer(at + length, mode, before, format(value, f"0{width}b"))
                for other, shift in _SHIFTS[mode].items():
                    value = _SIGNS[other].get(signs)
                    if value is not None:
                        said = format(shift, f"0{width}b") + format(value, f"0{_BITS[other]}b")
                        offer(at + length, mode, before, said)
            if mode in (_UPPER, _LOWER, _MIXED):
                for length in runs.get(at, ()):
                    offer(at + length, mode, before, _plain(content[at : at + length]))
    _, bits, before_it = min(best[end].values(), key=lambda said: said[0])
    parts = [bits]
    while before_it is not None:
        assert isinstance(before_it, tuple)
        _, bits, before_it = before_it
        parts.append(bits)
    return "".join(reversed(parts))


def _runs(strange: list[int], at: int) -> list[int]:
    """Return how long a run of plain bytes from a strange octet may be: to the end of each
    unbroken row of them, or as long as a count can say."""
    found = []
    first = bisect_left(strange, at)
    for last, following in zip(strange[first:], [*strange[first + 1 :], -1], strict=True):
        length = last - at + 1
        if length > _LONGEST_RUN:
            break
        if following != last + 1 or length in (31, _LONGEST_RUN):
            found.append(length)
    return found


def _plain(octets: bytes) -> str:
    count = len(octets)
    said = format(count, "05b") if count < 32 else "00000" + format(count - 31, "011b")
    return format(_BYTES, "05b") + said + "".join(format(octet, "08b") for octet in octets)


def _stuffed(bits: str, width: int) -> list[int]:
    """Return words none of which is all 0 or all 1 (ISO/IEC 24778, 7.3.1.2)."""
    words, at = [], 0
    while at < len(bits):
        piece = bits[at : at + width].ljust(width, "1")
        head = piece[:-1]
        if head in ("0" * (width - 1), "1" * (width - 1)):
            piece, at = head + ("1" if head[0] == "0" else "0"), at + width - 1
        else:
            at += width
        words.append(int(piece, 2))
    return words


@lru_cache(maxsize=8)
def _powers(width: int) -> tuple[list[int], list[int]]:
    """Return the powers of 2 in the field of so many bits, twice around, and their exponents."""
    powers, value = [], 1
    for _ in range((1 << width) - 1):
        powers.append(value)
        value <<= 1
        if value >> width:
            value ^= _PRIMITIVE[width]
    exponents = [0] * (1 << width)
    for exponent, power in enumerate(powers):
        exponents[power] = exponent
    return powers * 2, exponents


def _checks(words: Iterable[int], count: int, width: int) -> list[int]:
    """Return Reed-Solomon check words: the roots are the first powers (ISO/IEC 24778, 7.2.3)."""
    powers, exponents = _powers(width)
    generator = [1]
    for root in range(1, count + 1):
        longer = [*generator, 0]
        for i, term in enumerate(generator):
            longer[i + 1] ^= powers[exponents[term] + root] if term else 0
        generator = longer
    terms = [(i, exponents[term]) for i, term in enumerate(generator[1:]) if term]
    rest = [0] * count
    for word in words:
        lead = word ^ rest[0]
        rest = [*rest[1:], 0]
        if lead:
            shift = exponents[lead]
            for i, exponent in terms:
                rest[i] ^= powers[exponent + shift]
    return rest


# Modules ---------------------------------------------------------------------------------------


def _placed(data: list[int], size: Size) -> list[list[int]]:
    room = size.bits // size.word
    words = [*data, *_checks(data, room - len(data), size.word)]
    # What no word fits into stands first.
    message = "0" * (size.bits % size.word) + "".join(format(w, f"0{size.word}b") for w in words)
    inner = (11 if size.compact else 14) + 4 * size.layers
    lines = _lines(inner, size.compact)
    side = lines[-1] + 1
    modules = [[0] * side for _ in range(side)]
    if not size.compact:
        _draw_grid(modules)
    at = 0
    for layer in range(size.layers):
        # From outside. Each side is two modules wide and stops where the next one begins.
        low, high = 2 * layer, inner - 1 - 2 * layer
        for turn in range(4):
            for step in range(high - low - 1):
                for depth in (0, 1):
                    x, y = (
                        (low + depth, low + step),
                        (low + step, high - depth),
                        (high - depth, high - step),
                        (high - step, low + depth),
                    )[turn]
                    modules[lines[y]][lines[x]] = int(message[at])
                    at += 1
    _draw_eye(modules, size, len(data))
    return modules


def _lines(inner: int, compact: bool) -> list[int]:
    """Return where each row or column of the layers lies, between the lines of the grid."""
    if compact:
        return list(range(inner))
    half = inner // 2
    middle = half + (half - 1) // 15
    away = [1 + i + i // 15 for i in range(half)]
    return [middle - distance for distance in reversed(away)] + [middle + d for d in away]


def _draw_grid(modules: list[list[int]]) -> None:
    """Draw every sixteenth line from the middle, dark and light in turn (ISO/IEC 24778, 6.5)."""
    side = len(modules)
    middle = side // 2
    for line in range(middle % 16, side, 16):
        for i in range(side):
            dark = 1 - (i - middle) % 2
            modules[line][i] = modules[i][line] = dark


def _draw_eye(modules: list[list[int]], size: Size, words: int) -> None:
    """Draw the bull's eye, what tells it is upright, and the mode message around it."""
    middle = len(modules) // 2
    reach = 5 if size.compact else 7
    for y in range(-reach, reach + 1):
        for x in range(-reach, reach + 1):
            ring = max(abs(x), abs(y))
            modules[middle + y][middle + x] = 0 if ring == reach else 1 - ring % 2
    # Three dark modules at the first corner, two at the next, one and none: clockwise.
    near = reach - 1
    for x, y in (
        (-reach, -reach), (-near, -reach), (-reach, -near),
        (reach, -reach), (reach, -near),
        (reach, near),
    ):  # fmt: skip
        modules[middle + y][middle + x] = 1
    for place, bit in zip(_around(size.compact), _mode_message(size, words), strict=True):
        x, y = place
        modules[middle + y][middle + x] = int(bit)


def _around(compact: bool) -> list[tuple[int, int]]:
    """Return the places of the mode message's bits, clockwise from the top left."""
    reach = 5 if compact else 7
    steps = range(-3, 4) if compact else [i for i in range(-5, 6) if i]  # the grid passes between
    return (
        [(i, -reach) for i in steps]
        + [(reach, i) for i in steps]
        + [(-i, reach) for i in steps]
        + [(-reach, -i) for i in steps]
    )


def _mode_message(size: Size, words: int) -> str:
    """Return layers and data words, each less one, with check words of four bits."""
    if size.compact:
        said = format(size.layers - 1, "02b") + format(words - 1, "06b")
    else:
        said = format(size.layers - 1, "05b") + format(words - 1, "011b")
    nibbles = [int(said[at : at + 4], 2) for at in range(0, len(said), 4)]
    nibbles += _checks(nibbles, 5 if size.compact else 6, 4)
    return "".join(format(nibble, "04b") for nibble in nibbles)
