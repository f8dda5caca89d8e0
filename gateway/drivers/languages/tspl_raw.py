r"""Documents that are TSPL already: refuse what is not for printing, and count the paper.

Only commands that draw a label or choose how it is printed pass; a list of what may pass, since
nobody knows all that may not. What passes is cut into pieces, one printed label each, and each
carries the settings and the drawing it needs, so that it is the same label alone.

>>> pieces = split_raw(b'SIZE 50 mm,25 mm\r\nCLS\r\nTEXT 9,9,"3",0,1,1,"Box"\r\nPRINT 1,2\r\n')
>>> len(pieces), pieces[0] == pieces[1]
(2, True)
>>> pieces[1].payload
b'SIZE 50 mm,25 mm\r\nCLS\r\nTEXT 9,9,"3",0,1,1,"Box"\r\nPRINT 1,1\r\n'
>>> split_raw(b"INITIALPRINTER\r\n")  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command INITIALPRINTER at byte 0 loads the factory settings; remove ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DRAWS = _names(
    "BAR BARCODE BITMAP BOX CIRCLE ELLIPSE CODABLOCK DIAGONAL DMATRIX ERASE MAXICODE PDF417 "
    "MPDF417 AZTEC PUTBMP PUTPCX QRCODE RSS REVERSE TEXT BLOCK TLC39 LINE"
)
_SETS = _names(
    "SIZE GAP BLINE OFFSET SPEED DENSITY DIRECTION REFERENCE SHIFT COUNTRY CODEPAGE LIMITFEED"
)
_SWITCHES = _names("TEAR PEEL CUTTER PARTIAL_CUTTER BACK RIBBON STRIPER")
"""What SET may change: how this label is printed and taken away."""

_WHY = {
    "DOWNLOAD": "writes to the printer's memory; send a picture as BITMAP",
    "EOP": "ends a program",
    "KILL": "deletes from the printer's memory",
    "MOVE": "writes to the printer's permanent memory",
    "COPY": "writes to the printer's memory",
    "RUN": "runs a program",
    "FILES": "prints the printer's own settings",
    "SELFTEST": "prints the printer's own settings",
    "INITIALPRINTER": "loads the factory settings",
    "FEED": "moves the paper",
    "BACKFEED": "moves the paper",
    "BACKUP": "moves the paper",
    "FORMFEED": "moves the paper",
    "HOME": "moves the paper",
    "CUT": "moves the paper",
    "AUTODETECT": "moves the paper to measure it",
    "GAPDETECT": "moves the paper to measure it",
    "BLINEDETECT": "moves the paper to measure it",
    "OUT": "asks the printer something, and only the gateway may do that",
    "OUTR": "asks the printer something, and only the gateway may do that",
    "GETSENSOR": "asks the printer something, and only the gateway may do that",
    "GETSETTING$": "asks the printer something, and only the gateway may do that",
    "DELAY": "makes the printer wait",
    "KEY1": "changes the printer's configuration",
    "KEY2": "changes the printer's configuration",
    "SET": "changes the printer's configuration",
    "WLAN": "changes the network settings",
    "NET": "changes the network settings",
    "BT": "changes the network settings",
}
"""Why a command is refused."""

_PROGRAM = _names("FOR NEXT IF THEN ELSE ENDIF WHILE WEND GOTO GOSUB RETURN END REM DO LOOP INPUT")

_NAME = re.compile(rb"[ \t]*(@\d+|@?[A-Za-z_][A-Za-z0-9_]*\$?)")
_BITMAP = re.compile(
    rb"[ \t]*BITMAP[ \t]+(-?\d{1,5}),(-?\d{1,5}),(\d{1,5}),(\d{1,5}),([012]),", re.IGNORECASE
)
_COUNTED = re.compile(rb"\bL\d+,")
_PRINT = re.compile(rb"[ \t]*PRINT[ \t]+(\d{1,9})(?:[ \t]*,[ \t]*(\d{1,9}))?[ \t]*", re.IGNORECASE)
_COUNTER = re.compile(rb"@\d+\b")
_SET_COUNTER = re.compile(rb"SET[ \t]+COUNTER\b", re.IGNORECASE).match


@dataclass(frozen=True, slots=True)
class _Line:
    """One command: where it stands, its name in capitals, and its bytes with CR LF."""

    start: int
    name: str
    text: bytes


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of a TSPL document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a picture that is cut off, more
            than ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    lines = list(_lines(document))
    for line in lines:
        _refuse_dangerous(line)
    return count_pieces(document, uncounted, lambda: _count(lines))


def _lines(document: bytes) -> Iterator[_Line]:
    """Yield the commands; the bytes of a BITMAP are counted, whatever they hold."""
    at = 0
    while at < len(document):
        if document[at] in b"\r\n\0 \t":
            at += 1
            continue
        if document[at] == 0x1B or document[at : at + 2] == b"~!":
            raise RawRefused(
                f"The command at byte {at} asks or tells the printer something at once, and only "
                "the gateway may do that; remove it from the document.",
                position=at,
            )
        if head := _BITMAP.match(document, at):
            end = head.end() + int(head[3]) * int(head[4])
            if end > len(document):
                raise RawRefused(
                    f"The picture BITMAP at byte {at} is cut off; send it whole.", position=at
                )
            yield _Line(at, "BITMAP", document[at:end] + b"\r\n")
            at = end
            continue
        end = _end_of_line(document, at)
        text = document[at:end]
        name = _NAME.match(text)
        named = name[1].decode().upper() if name else repr(text[:12])[2:-1]
        if b"\x1b!" in text:
            raise RawRefused(
                f"Command {named} at byte {at} holds ESC and !, which begin a command of their "
                "own; remove it from the document.",
                position=at,
            )
        yield _Line(at, named, text.rstrip() + b"\r\n")
        at = end


def _end_of_line(document: bytes, at: int) -> int:
    ends = [found for sign in (b"\r", b"\n") if (found := document.find(sign, at)) >= 0]
    return min(ends, default=len(document))


def _refuse_dangerous(line: _Line) -> None:
    name = line.name
    if name in _DRAWS or name in _SETS or name in ("CLS", "PRINT", "SOUND", "EOJ"):
        if name not in ("SOUND", "EOJ"):
            return
        why = "is not one that draws a label"
    elif name == "SET":
        parts = line.text.split(None, 2)
        what = parts[1].decode("latin-1").upper() if len(parts) > 1 else ""
        if what in _SWITCHES or what == "COUNTER":
            return
        name, why = f"SET {what[:20]}", _WHY["SET"]
    elif _COUNTER.match(line.text):
        return
    elif name in _PROGRAM:
        why = "belongs to a program"
    elif name.startswith("@") or b"=" in line.text:
        why = "changes one of the printer's variables"
    else:
        why = _WHY.get(name, "is not one that draws a label")
    shown = name if name.isascii() and name.isprintable() else repr(name)[1:-1]
    raise RawRefused(
        f"Command {shown[:40]} at byte {line.start} {why}; remove it from the document.",
        command=shown[:40],
        position=line.start,
    )


def _count(lines: list[_Line]) -> list[bytes]:
    pieces: list[bytes] = []
    settings: dict[str, bytes] = {}
    drawing: list[bytes] = []
    """What lies in the image buffer: it stays there after PRINT, until CLS."""
    counting: _Line | None = None
    cuts: _Line | None = None
    for line in lines:
        if line.name == "CLS":
            drawing.clear()
        elif line.name in _DRAWS:
            if _COUNTED.search(line.text.partition(b'"')[0]):
                raise Uncountable(
                    f"The {line.name} at byte {line.start} says how long its data are", line.start
                )
            drawing.append(line.text)
        elif line.name.startswith("@") or _COUNTER.match(line.text) or _SET_COUNTER(line.text):
            counting = line
        elif line.name != "PRINT":
            key = b" ".join(line.text.split()[:2]).decode().upper() if line.name == "SET" else ""
            # A gap and a black mark exclude each other: the later of them counts.
            name = key or ("GAP" if line.name == "BLINE" else line.name)
            settings.pop(name, None)
            settings[name] = line.text
            if "CUTTER" in key:
                cuts = line if line.text.split()[-1].upper() not in (b"OFF", b"0", b"1") else None
        else:
            copies = _copies(line)
            if counting is not None:
                raise Uncountable(
                    f"The {counting.name} at byte {counting.start} has the printer count by itself",
                    counting.start,
                )
            if cuts is not None and copies > 1:
                raise Uncountable(f"The SET at byte {cuts.start} cuts between labels", cuts.start)
            check_number(len(pieces) + copies)
            label = b"%bCLS\r\n%bPRINT 1,1\r\n" % (b"".join(settings.values()), b"".join(drawing))
            pieces += [label] * copies
    if not pieces:
        raise RawRefused("The document prints nothing: it has no PRINT.")
    return pieces


def _copies(line: _Line) -> int:
    """Return how many labels PRINT m,n asks for: m sets of n copies."""
    asked = _PRINT.fullmatch(line.text.strip())
    copies = int(asked[1]) * int(asked[2] or 1) if asked else 0
    if not copies:
        raise RawRefused(
            f"The PRINT at byte {line.start} asks for no number of labels from 1; say how many are "
            "wanted.",
            position=line.start,
        )
    return copies
