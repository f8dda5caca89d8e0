"""Fields that count: ^SN and ^SF (ZPL II guide).

>>> next_decimal("A099B", 1), next_decimal("SN9", 2)
('A100B', 'SN1')
>>> next_masked("AZ9", "aad", "1")
'BA0'
"""

from __future__ import annotations

import re

_LONGEST = 12
"""^SN counts in at most the twelve right-most digits."""

_ALPHABETS = {
    "d": "0123456789",
    "h": "0123456789ABCDEF",
    "o": "01234567",
    "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "n": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}


def next_decimal(text: str, steps: int) -> str:
    """Return the text with its right-most number advanced; it keeps its width and wraps."""
    runs = list(re.finditer(r"[0-9]+", text))
    if not runs:
        return text
    run = runs[-1]
    digits = run[0][-_LONGEST:]
    start = run.end() - len(digits)
    advanced = (int(digits) + steps) % 10 ** len(digits)
    return f"{text[:start]}{advanced:0{len(digits)}d}{text[run.end() :]}"


def strip_zeros(text: str) -> str:
    """Return the text with the leading zeros of its right-most number as spaces (^SN …,N)."""
    runs = list(re.finditer(r"[0-9]+", text))
    if not runs:
        return text
    run = runs[-1]
    shown = run[0].lstrip("0") or "0"
    return text[: run.start()] + shown.rjust(len(run[0])) + text[run.end() :]


def next_masked(text: str, mask: str, increment: str) -> str:
    """Return the text advanced by ``increment`` in the alphabets that the mask names.

    The mask ends where the text ends; ``%`` and anything unknown leave a character alone.
    """
    out = list(text)
    carry = 0
    steps = increment[::-1]
    position = 0
    for offset, kind in enumerate(reversed(mask)):
        at = len(text) - 1 - offset
        alphabet = _ALPHABETS.get(kind.lower())
        if at < 0:
            break
        if alphabet is None:
            continue
        character = out[at].upper()
        written = steps[position].upper() if position < len(steps) else alphabet[0]
        position += 1
        if character not in alphabet:
            continue
        step = alphabet.find(written)
        if step < 0:
            step = int(written) if written in "0123456789" else 0
        total = alphabet.index(character) + step + carry
        carry, remainder = divmod(total, len(alphabet))
        advanced = alphabet[remainder]
        out[at] = advanced.lower() if out[at].islower() else advanced
    return "".join(out)
