"""Code 128: symbol values in, bars out (ISO/IEC 15417); and the code sets chosen for a text.

>>> choose_values("AB1234")
[104, 33, 34, 99, 12, 34]
>>> sum(widths([105, 12, 34], module=1))  # start, two, check, stop
57
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.errors import CodeRefused

# ISO/IEC 15417 table 1: three bars and three spaces of together eleven modules, values 0 to 105.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
_PATTERNS = _TABLE.split()
_STOP = "2331112"

FNC3, FNC2, SHIFT, CODE_C, CODE_B, CODE_A, FNC1 = 96, 97, 98, 99, 100, 101, 102
START = {"A": 103, "B": 104, "C": 105}
_SWITCH = {"A": CODE_A, "B": CODE_B, "C": CODE_C}

FNC1_MARK = "\U000f0001"
"""Stands for FNC1 in a text (a private-use character, so no data can contain it)."""


def widths(values: Sequence[int], *, module: int) -> list[int]:
    """Return the bars and spaces in dots; check character and stop are added.

    Raises:
        CodeRefused: there is no start character, or nothing after it.
    """
    if len(values) < 2 or values[0] not in START.values():
        raise CodeRefused("A Code 128 symbol needs a start character and data.")
    check = (values[0] + sum(i * v for i, v in enumerate(values))) % 103
    digits = "".join(_PATTERNS[v] for v in (*values, check)) + _STOP
    return [int(d) * module for d in digits]


def choose_values(text: str) -> list[int]:
    """Return start character and data values for a text of ASCII and ``FNC1_MARK``.

    Digits go to set C in runs of four at an end, six in the middle (ISO/IEC 15417 annex E).

    Raises:
        CodeRefused: a character is not ASCII.
    """
    values: list[int] = []
    current = ""
    at = 0
    while at < len(text):
        wanted = _wanted_set(text, at, current)
        if wanted != current:
            values.append(_SWITCH[wanted] if values else START[wanted])
            current = wanted
        character = text[at]
        if character == FNC1_MARK:
            values.append(FNC1)
            at += 1
        elif current == "C":
            values.append(int(text[at : at + 2]))
            at += 2
        else:
            values.append(value_of(character, current))
            at += 1
    return values


def value_of(character: str, code_set: str) -> int:
    """Return the symbol value of one ASCII character in set A or B.

    Raises:
        CodeRefused: the set has no such character.
    """
    code = ord(character)
    if code_set == "A" and code < 96:
        return code - 32 if code >= 32 else code + 64
    if code_set == "B" and 32 <= code < 128:
        return code - 32
    raise CodeRefused(
        f"Code 128 set {code_set} cannot carry {character!r}.", character=character, set=code_set
    )


def _digits_from(text: str, at: int) -> int:
    """Return how many digits follow from ``at``; FNC1 between pairs does not end a run."""
    count = 0
    while at < len(text):
        if text[at] == FNC1_MARK and count % 2 == 0:
            at += 1
        elif text[at] in "0123456789":
            count, at = count + 1, at + 1
        else:
            break
    return count


def _wanted_set(text: str, at: int, current: str) -> str:
    run = _digits_from(text, at)
    starts_pair = text[at] != FNC1_MARK
    if current == "C" and (run >= 2 or not starts_pair):
        return "C"
    ends_text = at + run >= len(text) - text.count(FNC1_MARK, at)
    enough = 4 if current in ("", "C") or ends_text else 6
    if current == "" and run == len(text) == 2:
        return "C"
    if run >= enough and (run % 2 == 0 or current == ""):
        return "C"
    if current in ("A", "B") and not starts_pair:
        return current
    for character in text[at:]:
        if character == FNC1_MARK:
            continue
        code = ord(character)
        if code < 32:
            return "A"
        if code >= 96:
            return "B"
    return current if current in ("A", "B") else "B"
