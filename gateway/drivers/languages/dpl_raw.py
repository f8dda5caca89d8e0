r"""Documents that are DPL already: refuse what is not for printing, and count the labels.

Only commands that draw a label, hand over a picture in 7-bit records, or choose how this label is
printed pass. What passes is cut into pieces, one label format each.

>>> document = b"\x02L\rD11\r121100000100010Box\rQ0002\rE\r"
>>> [piece.payload for piece in split_raw(document)] == [document.replace(b"Q0002", b"Q0001")] * 2
True
>>> split_raw(b"\x01#" + document)  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command SOH # at byte 0 asks or stops the printer, and only the ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused

_SOH, _STX = 0x01, 0x02

_TAKES = {
    "m": 0, "n": 0, "e": 0, "r": 0, "c": 4, "M": 4, "O": 4, "f": 3, "V": 1, "z": 1, "S": 1, "P": 1,
}  # fmt: skip
"""System commands that pass, and how many characters follow (manual, chapter 4): units, sensor,
lengths, offsets, cutter and present sensor, reclaiming memory, speeds."""

_WHY = {
    "A": "sets the clock",
    "a": "changes what the printer reports, and the gateway relies on that",
    "E": "prints a label that the document does not hold",
    "F": "moves the paper",
    "G": "prints a label that the document does not hold",
    "J": "makes the printer pause after each label",
    "j": "makes the printer pause after each label",
    "K": "changes or asks the printer's configuration",
    "k": "changes or asks the printer's configuration",
    "B": "asks the printer something, and only the gateway may do that",
    "H": "changes or asks the printer's configuration",
    "i": "stores a font in the printer's memory",
    "o": "cuts the paper",
    "p": "changes the printer's memory",
    "Q": "deletes everything in the printer's memory",
    "q": "deletes everything in the printer's memory",
    "R": "prints a label that the document does not hold",
    "T": "prints the printer's own test label",
    "U": "changes a label that the document does not hold",
    "v": "asks the printer something, and only the gateway may do that",
    "W": "asks the printer something, and only the gateway may do that",
    "w": "tests the printer's memory",
    "X": "changes where the printer keeps things",
    "Y": "asks the printer something, and only the gateway may do that",
    "Z": "prints the printer's own test label",
}

_IMAGE = re.compile(
    rb"([A-Z])(A?)F([A-Za-z0-9_.-]{1,16})\r((?:80[0-9A-Fa-f]{2,512}\r\n?|0000FF[0-9A-Fa-f]{2}\r\n?)+"
    rb"FFFF\r)"
)
_DELETED = re.compile(rb"([A-Z])G([A-Za-z0-9_.-]{1,16})\r")
_LINE = re.compile(rb"[^\r\x01\x02]*")
_QUANTITY = re.compile(rb"Q([0-9]{4,5})")

_COUNTS = b"+-<>^"
"""Format commands by which the printer counts on by itself (chapter 6)."""


@dataclass(slots=True)
class _Format:
    start: int
    lines: list[tuple[int, bytes]] = field(default_factory=list)


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of a DPL document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a format that is cut off, more
            than ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    return count_pieces(document, uncounted, lambda: _read(document))


def _read(document: bytes) -> list[bytes]:
    """Return the pieces; the whole document is checked before it is called uncountable.

    Raises:
        Uncountable: some label cannot be counted.
    """
    pieces: list[bytes] = []
    before: list[bytes] = []
    stored: dict[bytes, bytes] = {}
    doubt: Uncountable | None = None
    at = 0
    while at < len(document):
        sign = document[at]
        if sign == _SOH:
            _refuse_immediate(document, at)
        if sign != _STX:
            if sign not in b"\r\n\0\t ":
                raise RawRefused(
                    f"Byte {at} of the document, {sign:02X}h, stands outside a command; begin "
                    "each command with STX (02h), and each label with STX L.",
                    position=at,
                )
            at += 1
            continue
        letter = document[at + 1 : at + 2].decode("latin-1")
        if letter == "L":
            current, end = _read_format(document, at)
            try:
                label, copies = _count(document, current, end)
            except Uncountable as why:
                doubt, at = doubt or why, end
                continue
            check_number(len(pieces) + copies)
            # Each piece stands alone: the printer may have forgotten the pictures.
            label = b"".join(stored.values()) + label
            pieces.append(b"".join(before) + label)
            pieces += [label] * (copies - 1)
            before, at = [], end
            continue
        end = _after_system(document, at, letter, stored)
        if letter in "xz" and pieces and not before:
            pieces[-1] += document[at:end]
        elif letter != "I":
            before.append(document[at:end])
        at = end
    if doubt is not None:
        raise doubt
    if not pieces:
        raise RawRefused("The document prints nothing: it has no label format (STX L to E).")
    return pieces


def _refuse_immediate(document: bytes, at: int) -> None:
    sign = document[at + 1 : at + 2].decode("latin-1")
    shown = sign if sign.isprintable() and sign.isascii() else repr(sign)[1:-1]
    raise RawRefused(
        f"Command SOH {shown} at byte {at} asks or stops the printer, and only the gateway may do "
        "that; remove it from the document.",
        command=f"SOH {shown}",
        position=at,
    )


def _after_system(document: bytes, at: int, letter: str, stored: dict[bytes, bytes]) -> int:
    """Return where the system command at ``at`` ends; remember the pictures it stores.

    Raises:
        RawRefused: it does not pass.
    """
    if letter == "I":
        return _after_image(document, at, stored)
    if letter == "x" and (deleted := _DELETED.match(document, at + 2)):
        _refuse_foreign(deleted[1], deleted[2], at)
        stored.pop(deleted[2], None)
        return deleted.end()
    if letter in _TAKES:
        end = at + 2 + _TAKES[letter]
        if len(document) >= end:
            return end
    shown = letter if letter.isprintable() and letter.isascii() else repr(letter)[1:-1]
    raise RawRefused(
        f"Command STX {shown} at byte {at} "
        f"{_WHY.get(letter, 'is not one that draws a label')}; remove it from the document.",
        command=f"STX {shown}",
        position=at,
    )


def _after_image(document: bytes, at: int, stored: dict[bytes, bytes]) -> int:
    image = _IMAGE.match(document, at + 2)
    if image is None:
        raise RawRefused(
            f"The picture at byte {at} is cut off or not in 7-bit records; send it as STX I D A F "
            "with lines of 80… and FFFF at the end.",
            position=at,
        )
    _refuse_foreign(image[1], image[3], at)
    stored[image[3]] = document[at : image.end()]
    return image.end()


def _refuse_foreign(module: bytes, name: bytes, at: int) -> None:
    if module != b"D":
        raise RawRefused(
            f"The command at byte {at} writes to memory module {module.decode()}, which may be "
            "permanent; use module D.",
            position=at,
        )
    if name.startswith(b"GW"):
        raise RawRefused(
            f"The command at byte {at} names picture {name.decode()}, and the gateway keeps its "
            "own under names that begin with GW; choose another name.",
            position=at,
        )


def _read_format(document: bytes, start: int) -> tuple[_Format, int]:
    """Return the lines of the label format at ``start``, and where it ends.

    Raises:
        RawRefused: a control command stands in it, or it is not ended.
    """
    current = _Format(start)
    at = start + 2
    while at < len(document):
        if document[at] in b"\r\n":
            at += 1
            continue
        if document[at] == _SOH:
            _refuse_immediate(document, at)
        if document[at] in b"EX":
            current.lines.append((at, document[at : at + 1]))
            at += 1
            while at < len(document) and document[at] in b"\r\n":
                at += 1
            return current, at
        line = _LINE.match(document, at)
        assert line is not None
        if document[line.end() : line.end() + 1] == b"\x01":
            _refuse_immediate(document, line.end())
        if not line[0] or document[line.end() : line.end() + 1] != b"\r":
            break
        current.lines.append((at, line[0]))
        at = line.end() + 1
    raise RawRefused(
        f"The label format that begins at byte {start} is not ended, or holds a control character; "
        "end each line with CR and the format with E.",
        position=start,
    )


def _count(document: bytes, current: _Format, end: int) -> tuple[bytes, int]:
    """Return the format as one label, and how many of it are printed (Q).

    Raises:
        RawRefused: a line changes more than this label.
        Uncountable: the printer counts by itself, or a record holds data of any bytes.
    """
    copies, counting = 1, None
    places: list[tuple[int, int]] = []
    if current.lines[-1][1] == b"X":
        raise Uncountable(
            f"The format at byte {current.start} ends with X and prints nothing by itself",
            current.start,
        )
    for at, line in current.lines:
        first = line[:1]
        if first in (b"s", b"S") and len(line) > 2:
            raise RawRefused(
                f"The line at byte {at} stores the format in the printer's memory; remove it from "
                "the document.",
                position=at,
            )
        if first == b"r":
            raise Uncountable(f"The line at byte {at} recalls a stored format", at)
        if first == b"T" or re.match(rb"[1-4](?:W[1-9]?[A-Z]|[uvz])", line):
            # Such data may hold CR, and with it lines that are none.
            raise Uncountable(f"The record at byte {at} may hold any bytes", at)
        if first in _COUNTS and first:
            counting = at
        if first == b"Q":
            quantity = _QUANTITY.fullmatch(line)
            if quantity is None or not int(quantity[1]):
                raise RawRefused(
                    f"The quantity {line[1:20].decode('latin-1')!r} at byte {at} is not a number "
                    "of four digits from 0001; say how many labels are wanted.",
                    position=at,
                )
            copies = int(quantity[1])
            places.append((at, at + len(line)))
    if copies == 9999:
        raise Uncountable(
            f"The format at byte {current.start} prints for ever (Q9999)", places[0][0]
        )
    if copies > 1 and counting is not None:
        raise Uncountable(f"The line at byte {counting} has the printer count by itself", counting)
    parts: list[bytes] = []
    at = current.start
    for first_octet, last in places:
        parts += (document[at:first_octet], b"Q0001")
        at = last
    parts.append(document[at:end])
    return b"".join(parts), copies
