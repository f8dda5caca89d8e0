r"""How answers are read in every language: whatever is whole, and a device's words as text.

>>> heard = bytearray(b"one\ntwo\nthr")
>>> def take(lines: list[bytes]) -> int:
...     line, end, _ = bytes(heard).partition(b"\n")
...     lines += [line] if end else []
...     return len(line + end) if end else 0
>>> take_whole(heard, take), bytes(heard)
([b'one', b'two'], b'thr')
>>> clean(b" TTP-244\x1b[2J Pro\r\n", 12)
'TTP-244?[2J '
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")

MOST_SHOWN = 256
"""Characters that are kept of a device's own words."""


def take_whole(heard: bytearray, take: Callable[[list[A]], int]) -> list[A]:
    """Return the answers that stand whole at the beginning, in order, and take their bytes away.

    ``take`` reads what stands first; it returns its bytes, or 0 when it is not whole yet.
    """
    answers: list[A] = []
    while heard and (taken := take(answers)):
        del heard[:taken]
    return answers


def clean(words: bytes, most: int = MOST_SHOWN) -> str:
    """Return a device's words as text to show: printable ASCII, cut, without outer spaces."""
    # Old printers fill their words up with NUL.
    text = words[: 4 * most].decode("latin-1").replace("\0", " ").strip()
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:most]
