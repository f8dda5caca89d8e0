"""Code 128: the fewest symbol characters for a content, in all three code sets.

    content ──plan──► the codewords, start character first ──► bars

A dynamic programme over (position, code set) finds a shortest sequence of start, data, code-set
and shift characters (ISO/IEC 15417, 4.3). Digits are worth half a character in set C, control
characters live in A, lower case in B. What is cheapest depends only on the *kinds* of the
characters, so the plan of ``SN-000123`` serves ``SN-999999`` too.

>>> codewords("12345678")  # start C, four pairs
(105, 12, 34, 56, 78)
>>> codewords("A\\r")
(103, 33, 77)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

FNC1: Final = "\u00f1"
"""FNC1 inside a content, as python-barcode writes it. No Code 128 text holds this character."""

START_A, START_B, START_C = 103, 104, 105
_START = (START_A, START_B, START_C)
_SWITCH = (101, 100, 99)
"""CODE A, CODE B, CODE C: the value is the same from whichever set it is used."""
_SHIFT = 98
_FNC1 = 102
_A, _B, _C = 0, 1, 2
_PREFERRED = (_B, _A, _C)
"""Of equally short codes the one in set B, as most encoders write it."""

_KINDS: Final = str.maketrans(
    {chr(c): "9" for c in range(0x30, 0x3A)}
    | {chr(c): "c" for c in range(0x20)}
    | {chr(c): "l" for c in range(0x60, 0x80)}
    | {chr(c): "U" for c in (*range(0x20, 0x30), *range(0x3A, 0x60))}
    | {FNC1: "F"}
)
_CHECK: Final = 103

_Step = tuple[str, object] | None
"""The newest step and the link to the one before."""


@lru_cache(maxsize=1024)
def _plan(kinds: str) -> tuple[str, ...]:
    """Return the steps for characters of such kinds: start or switch ``A B C``, data ``a b c``
    (one character in that set, or a pair of digits in C), shift ``s``."""
    inf = 1 << 30
    # best[set] = (codewords so far, steps); steps are linked backwards to stay linear.
    best: list[tuple[int, _Step]] = [(1, ("A", None)), (1, ("B", None)), (1, ("C", None))]
    waiting: dict[int, tuple[int, _Step]] = {}  # C after a pair, keyed by the position it ends at
    for i, kind in enumerate(kinds):
        if i in waiting and waiting[i][0] < best[_C][0]:
            best[_C] = waiting.pop(i)
        # A switch is one codeword from any set to any other.
        cheapest = min(_PREFERRED, key=lambda s: best[s][0])
        for s in range(3):
            if best[s][0] > best[cheapest][0] + 1:
                best[s] = (best[cheapest][0] + 1, ("ABC"[s], best[cheapest][1]))
        after: list[tuple[int, _Step]] = [(inf, None)] * 3
        in_a, in_b = kind in "9cUF", kind in "9lUF"
        if in_a:
            after[_A] = (best[_A][0] + 1, ("a", best[_A][1]))
        elif best[_A][0] < inf:
            after[_A] = (best[_A][0] + 2, ("b", ("s", best[_A][1])))
        if in_b:
            after[_B] = (best[_B][0] + 1, ("b", best[_B][1]))
        elif best[_B][0] < inf:
            after[_B] = (best[_B][0] + 2, ("a", ("s", best[_B][1])))
        if kind == "F":
            after[_C] = (best[_C][0] + 1, ("c", best[_C][1]))
        elif kind == "9" and kinds[i + 1 : i + 2] == "9":
            waiting[i + 2] = (best[_C][0] + 1, ("c", best[_C][1]))
        best = after
    if len(kinds) in waiting and waiting[len(kinds)][0] < best[_C][0]:
        best[_C] = waiting[len(kinds)]
    step: object = min((best[s] for s in _PREFERRED), key=lambda entry: entry[0])[1]
    steps: list[str] = []
    while isinstance(step, tuple):
        steps.append(step[0])
        step = step[1]
    return tuple(reversed(steps))


def carries(character: str) -> bool:
    """Return whether Code 128 can carry the character: ASCII, control characters included."""
    return character < "\x80"


def count(content: str) -> int:
    """Return how many codewords the content takes, start and check character included."""
    return len(_plan(content.translate(_KINDS))) + 1


def codewords(content: str) -> tuple[int, ...]:
    """Return the symbol characters' values, start first, without check and stop."""
    values: list[int] = []
    i = 0
    for step in _plan(content.translate(_KINDS)):
        if step in "ABC":
            values.append((_SWITCH if values else _START)["ABC".index(step)])
        elif step == "s":
            values.append(_SHIFT)
        elif content[i] == FNC1:
            values.append(_FNC1)
            i += 1
        elif step == "c":
            values.append(int(content[i : i + 2]))
            i += 2
        else:
            code = ord(content[i])
            # Set A wraps the control characters behind the upper case (ISO/IEC 15417, table 1).
            values.append(code - 0x20 if code >= 0x20 else code + 0x40)
            i += 1
    return tuple(values)


def check_character(values: tuple[int, ...]) -> int:
    """Return the symbol check character: position-weighted sum modulo 103 (ISO/IEC 15417, A)."""
    return (values[0] + sum(i * v for i, v in enumerate(values))) % _CHECK
