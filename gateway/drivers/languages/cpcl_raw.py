r"""Documents that are CPCL already: refuse what is not for printing, and count the paper.

Only commands that draw a label or choose how this label is printed pass; a list of what may pass,
since nobody knows all that may not. What passes is cut into pieces, one printed label each, so
that each can be known to be on paper.

>>> pieces = split_raw(b"! 0 200 200 210 2\r\nTEXT 4 0 30 40 Box\r\nFORM\r\nPRINT\r\n", False)
>>> pieces[0].payload
b'! 0 200 200 210 1\r\nTEXT 4 0 30 40 Box\r\nFORM\r\nPRINT\r\n'
>>> len(pieces)
2
>>> split_raw(b'! U1 setvar "ip.addr" "10.0.0.1"\r\n', False)  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Line 1 sets or asks the printer something (! U1); ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused


def _names(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


_DRAWS = _names(
    "TEXT T TEXT90 T90 TEXT180 T180 TEXT270 T270 VTEXT VT SCALE-TEXT ST VSCALE-TEXT VST "
    "SCALE-TO-FIT STF VSCALE-TO-FIT VSTF BARCODE B VBARCODE VB BOX LINE L INVERSE-LINE IL "
    "CONCAT VCONCAT MULTILINE ML"
)
_CODES = _names("BARCODE B VBARCODE VB")
_PICTURES = _names("EXPANDED-GRAPHICS EG VEXPANDED-GRAPHICS VEG")
_BINARY = _names("COMPRESSED-GRAPHICS CG VCOMPRESSED-GRAPHICS VCG")
_PASSES = _names(
    "PAGE-WIDTH PW PAGE-HEIGHT SETMAG SETBOLD SETSP LEFT CENTER RIGHT BARCODE-TEXT BT COUNTRY "
    "ENCODING FONT-GROUP FG PATTERN UNDERLINE ROTATE IN-DOTS IN-INCHES IN-CENTIMETERS "
    "IN-MILLIMETERS TONE CONTRAST SPEED FORM JOURNAL PACE NO-PACE POSTFEED PREFEED PRESENT-AT "
    "REVERSE SETFF GAP-SENSE BAR-SENSE WAIT BEEP COUNT"
)
_UTILITIES = _names(
    "IN-DOTS IN-INCHES IN-CENTIMETERS IN-MILLIMETERS TONE CONTRAST SPEED SETFF GAP-SENSE BAR-SENSE"
)
"""What a ``! UTILITIES`` session may hold: how labels are printed, nothing that is asked."""

_ENDS = {
    b"QR": b"ENDQR",
    b"PDF-417": b"ENDPDF",
    b"AZTEC": b"ENDAZTEC",
    b"DATAMATRIX": b"ENDDATAMATRIX",
    b"MAXICODE": b"ENDMAXICODE",
    b"CONCAT": b"ENDCONCAT",
    b"VCONCAT": b"ENDCONCAT",
    b"MULTILINE": b"ENDMULTILINE",
    b"ML": b"ENDML",
}
"""What ends the lines of data of a code or a block of text."""
_SHORT_ENDS = {b"ENDMULTILINE": b"ENDML", b"ENDML": b"ENDMULTILINE"}

_WHY = {
    b"COUNT": "has the printer count by itself",
    b"PACE": "waits for a key after each label",
}

_HEADER = re.compile(rb"!\s+(-?\d{1,5})\s+\d{2,4}\s+\d{2,4}\s+(\d{1,5})\s+(\d{1,5})\s*")
_NEWLINE = re.compile(rb"\r\n|\n|\r")
_PLACED = re.compile(rb"\S+ +(\d{1,5}) +(\d{1,5}) +-?\d{1,5} +-?\d{1,5} ?")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start: int
    end: int
    """Past the line's end: the data of a picture belong to it."""
    words: tuple[bytes, ...]


def _lines(document: bytes) -> Iterator[_Line]:
    """Yield the lines in order; the bytes of a picture are no lines."""
    at, number = 0, 1
    while at < len(document):
        found = _NEWLINE.search(document, at)
        end = found.end() if found else len(document)
        words = tuple(document[at : found.start() if found else end].split(maxsplit=6))
        name = words[0].upper() if words else b""
        if name in _BINARY:
            end = _past_picture(document, at, number)
            words = words[:5]
        elif name in _PICTURES:
            end = _past_digits(document, at, number)
            words = words[:5]
        yield _Line(number, at, end, words)
        number += len(_NEWLINE.findall(document, at, end)) if name not in _BINARY else 1
        at = end


def _place(document: bytes, start: int, number: int) -> tuple[int, int]:
    """Return (where the dots begin, how many bytes of them) of the picture at ``start``."""
    head = _PLACED.match(document, start)
    if head is None:
        raise RawRefused(
            f"The picture in line {number} does not say its width, height, x and y; write them as "
            "whole numbers before its dots.",
            line=number,
        )
    return head.end(), int(head[1]) * int(head[2])


def _past_picture(document: bytes, start: int, number: int) -> int:
    begin, size = _place(document, start, number)
    if begin + size > len(document):
        raise RawRefused(f"The picture in line {number} is cut off; send it whole.", line=number)
    end = _NEWLINE.match(document, begin + size)
    return end.end() if end else begin + size


def _past_digits(document: bytes, start: int, number: int) -> int:
    begin, size = _place(document, start, number)
    digits = re.compile(rb"(?:[0-9A-Fa-f]\s*){%d}" % (2 * size)).match(document, begin)
    if digits is None:
        raise RawRefused(
            f"The picture in line {number} has fewer than {2 * size} hexadecimal digits, which "
            "its width and height ask for; send it whole.",
            line=number,
        )
    return digits.end()


@dataclass(slots=True)
class _Session:
    start: int
    line: int
    quantity: int
    spread: tuple[int, int]
    """Where in the document the quantity stands."""
    draws: bool = False
    counts: list[tuple[str, int]] = field(default_factory=list)


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of a CPCL document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a label that is cut off, more than
            ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    return count_pieces(document, uncounted, lambda: _count(document))


def _count(document: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    before: list[bytes] = []
    doubt: Uncountable | None = None
    lines = _lines(document)
    for line in lines:
        if not line.words:
            continue
        if line.words[0] != b"!":
            if b"\x1b" in document[line.start : line.end] or line.words[0].startswith(b"!"):
                _refuse_asking(line)
            doubt = doubt or Uncountable(
                f"Line {line.number} is text outside a label, which is printed as it comes",
                line.number,
                "line",
            )
            continue
        if line.words[1:2] and line.words[1].upper() == b"UTILITIES":
            before.append(_utilities(document, line, lines))
            continue
        session = _open(document, line)
        end = _read(document, session, lines)
        copies = session.quantity
        if copies > 1 and session.counts:
            doubt = doubt or Uncountable(*session.counts[0], "line")
        check_number(len(pieces) + copies)
        first, last = session.spread
        label = document[session.start : first] + b"1" + document[last:end]
        pieces.append(b"".join(before) + label)
        pieces += [label] * (copies - 1)
        before = []
    if doubt is not None:
        raise doubt
    if not pieces:
        raise RawRefused(
            "The document prints nothing: it has no label that begins with ! 0 200 200 and ends "
            "with PRINT."
        )
    pieces[-1] += b"".join(before)
    return pieces


def _refuse_asking(line: _Line) -> NoReturn:
    shown = " ".join(word.decode("latin-1") for word in line.words[:2])
    shown = "".join(sign if " " <= sign <= "~" else "?" for sign in shown)[:40]
    raise RawRefused(
        f"Line {line.number} sets or asks the printer something ({shown}); remove it from the "
        "document.",
        line=line.number,
    )


def _open(document: bytes, line: _Line) -> _Session:
    header = _HEADER.fullmatch(document[line.start : line.end])
    if header is None:
        _refuse_asking(line)
    quantity = int(header[3])
    if not quantity:
        raise RawRefused(
            f"The label that begins in line {line.number} is wanted 0 times; say how many labels "
            "are wanted.",
            line=line.number,
        )
    spread = (line.start + header.start(3), line.start + header.end(3))
    return _Session(line.start, line.number, quantity, spread)


def _read(document: bytes, session: _Session, lines: Iterator[_Line]) -> int:
    """Check the lines of a label up to its PRINT; return where it ends."""
    until: bytes | None = None
    for line in lines:
        if b"\x1b" in document[line.start : line.end] and not _is_binary(line):
            _refuse_asking(line)
        name = line.words[0].upper() if line.words else b""
        if until is not None:
            if name in (until, _SHORT_ENDS.get(until)):
                until = None
            continue
        if not name or name.startswith((b";", b"*")):
            continue  # a comment
        if name == b"PRINT":
            if not session.draws:
                raise RawRefused(
                    f"The label that begins in line {session.line} draws nothing; remove it.",
                    line=session.line,
                )
            return line.end
        if name in _DRAWS or name in _PICTURES or name in _BINARY:
            session.draws = True
            coded = name in _CODES and len(line.words) > 1
            until = _ENDS.get(line.words[1].upper() if coded else name)
        elif name in _PASSES:
            if name in _WHY:
                shown = name.decode()
                session.counts.append((f"{shown} in line {line.number} {_WHY[name]}", line.number))
        elif name == b"!":
            raise RawRefused(
                f"Line {line.number} begins a label inside the one that begins in line "
                f"{session.line}; end each label with PRINT.",
                line=line.number,
            )
        else:
            shown = "".join(s if " " <= s <= "~" else "?" for s in name.decode("latin-1"))[:30]
            raise RawRefused(
                f"Command {shown} in line {line.number} is not one that draws a label; remove it "
                "from the document.",
                command=shown,
                line=line.number,
            )
    raise RawRefused(
        f"The label that begins in line {session.line} is not ended; add PRINT.",
        line=session.line,
    )


def _is_binary(line: _Line) -> bool:
    return bool(line.words) and line.words[0].upper() in _BINARY


def _utilities(document: bytes, first: _Line, lines: Iterator[_Line]) -> bytes:
    """Return a harmless ``! UTILITIES`` session whole."""
    for line in lines:
        name = line.words[0].upper() if line.words else b"PRINT-NOT"
        if name == b"PRINT":
            return document[first.start : line.end]
        if line.words and name not in _UTILITIES:
            _refuse_asking(line)
    raise RawRefused(
        f"The session that begins in line {first.number} is not ended; add PRINT.",
        line=first.number,
    )
