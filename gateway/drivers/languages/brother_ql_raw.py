r"""Documents that are Brother QL raster already: refuse what is no printing, and count the labels.

Each page ends with FF or Control-Z and is one label; the printer has no copies of its own. Only
commands of the raster command reference that print or set up this print pass.

>>> page = b"\x1b@\x1bia\x01g\x00\x01\xffZ"
>>> [piece.payload[-1:] for piece in split_raw(page + b"\x0c" + page + b"\x1a", False)]
[b'\x0c', b'\x1a']
>>> split_raw(b"\x1biS" + page + b"\x1a", False)  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command ESC i S at byte 0 asks the printer something, and only ...
"""

from __future__ import annotations

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import check_number
from gateway.errors import RawRefused

_TAKES = {b"a": 1, b"z": 10, b"M": 1, b"A": 1, b"K": 1, b"d": 2, b"!": 1}
"""ESC i and a letter: how many bytes follow (raster command reference, 3. Print Command List)."""

_WHY = {
    b"S": "asks the printer something, and only the gateway may do that",
    b"U": "changes the printer's settings",
    b"X": "changes the printer's settings",
    b"R": "changes the printer's settings",
    b"L": "changes the printer's settings",
}

_FIXED = {
    b"a": (1, "leaves the raster mode"),
    b"!": (0, "stops the reports by which the gateway knows that a label is printed"),
}
"""Commands that may say nothing but this."""


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of a raster document in order, each of them one label.

    ``uncounted`` changes nothing: what passes can be counted.

    Raises:
        RawRefused: a command that does not print a label, one that is cut off, nothing to print,
            ink behind the last label, or more than ``MOST_PIECES`` labels.
    """
    pieces: list[RawPiece] = []
    start = at = 0
    inked = False
    while at < len(document):
        begin, sign = at, document[at : at + 1]
        at += 1
        match sign:
            case b"\0" | b"Z":
                inked |= sign == b"Z"
            case b"M":
                at += 1
            case b"g" | b"w":
                at += 2 + (document[at + 1] if at + 1 < len(document) else 0)
                inked = True
            case b"\x0c" | b"\x1a":
                check_number(len(pieces) + 1)
                pieces.append(RawPiece(document[start:at], counted=True))
                start, inked = at, False
            case b"\x1b":
                at = _after_escape(document, begin)
            case _:
                raise RawRefused(
                    f"Byte {begin} of the document, {sign[0]:02X}h, begins no raster command; send "
                    "what the printer's own driver prints to a file.",
                    position=begin,
                )
        if at > len(document):
            raise RawRefused(
                f"The document ends in the middle of the command at byte {begin}; send it whole.",
                position=begin,
            )
    if inked:
        raise RawRefused(
            f"The label that begins at byte {start} is not ended; end it with Control-Z (1Ah).",
            position=start,
        )
    if not pieces:
        raise RawRefused("The document prints nothing: it has no page that ends with Control-Z.")
    return tuple(pieces)


def _after_escape(document: bytes, begin: int) -> int:
    """Return where the ESC command at ``begin`` ends."""
    if document[begin + 1 : begin + 2] == b"@":
        return begin + 2
    letter = document[begin + 2 : begin + 3]
    if document[begin + 1 : begin + 2] != b"i" or letter not in _TAKES:
        shown = " ".join(
            sign if sign.isprintable() and sign.isascii() else f"{ord(sign):02X}h"
            for sign in document[begin + 1 : begin + 3].decode("latin-1")
        )
        why = _WHY.get(letter, "is not one that prints a label")
        raise RawRefused(
            f"Command ESC {shown} at byte {begin} {why}; remove it from the document.",
            command=f"ESC {shown}",
            position=begin,
        )
    value = document[begin + 3 : begin + 4]
    if letter in _FIXED and value and value[0] != _FIXED[letter][0]:
        raise RawRefused(
            f"Command ESC i {letter.decode()} {value[0]} at byte {begin} {_FIXED[letter][1]}; "
            "remove it from the document.",
            command=f"ESC i {letter.decode()}",
            position=begin,
        )
    return begin + 3 + _TAKES[letter]
