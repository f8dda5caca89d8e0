r"""Documents that are EPL2 already: refuse what is not for printing, and count the paper.

Only commands that draw a label or choose how it is printed pass; a list of what may pass, since
nobody knows all that may not. What passes is cut into pieces, one printed label each, and each
carries the settings and the drawing it needs, so that it is the same label alone.

>>> pieces = split_raw(b'N\nA9,9,0,3,1,1,N,"Box"\nP2\n')
>>> [piece.payload for piece in pieces] == [b'\r\nN\r\nA9,9,0,3,1,1,N,"Box"\r\nP1\r\n'] * 2
True
>>> split_raw(b"^@\n")  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command ^@ at byte 0 resets the printer; remove it from the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused

_DRAWS = re.compile(rb"(A|B|b|X)\d|(GG)\"|(LE|LO|LS|LW)\d")
_SETS = re.compile(rb"(q|Q|R|S|D)\d|(ZT|ZB|JF|JB|JC|rN|rY|EPL2)$|(I)[78],|(O)[A-Za-z0-9,]*$")
"""Commands that choose how labels are printed; a later one of a name replaces the earlier."""

_WHY = {
    b"^@": "resets the printer",
    b"^ee": "asks the printer something, and only the gateway may do that",
    b"^default": "loads the factory settings",
    b"AUTOFR": "changes the printer's configuration",
    b"C": "cuts the paper, or has the printer count by itself",
    b"E": "writes to the printer's memory, or prints what is in it",
    b"e": "changes what the printer reports, and the gateway relies on that",
    b"F": "writes to the printer's memory, or prints what is in it",
    b"G": "writes to the printer's memory, or prints what is in it",
    b"M": "changes the printer's memory",
    b"o": "changes the printer's configuration",
    b"PA": "prints a form by itself",
    b"PF": "moves the paper",
    b"T": "changes the printer's clock",
    b"U": "asks the printer something, or changes what it reports; only the gateway may do that",
    b"W": "changes the printer's configuration",
    b"xa": "moves the paper to measure it",
    b"Y": "changes the printer's configuration",
    b"dump": "changes the printer's configuration",
    b"!": "changes the printer's configuration",
}
"""Why a command is refused: the longest beginning that fits."""

_GRAPHIC = re.compile(rb"GW(\d{1,5}),(\d{1,5}),(\d{1,5}),(\d{1,5})(?:,|\r?\n)")
_PRINT = re.compile(rb"P(\d{1,5})(?:,(\d{1,5}))?\s*$")
_FORM = re.compile(rb"(FR\"|V\d\d|C\d,|\?)")
_LINE = re.compile(rb"[^\r\n]+")
_CLOSED = re.compile(rb'(?:"(?:\\.|[^"\\])*"|[^"])*')
"""A line whose quotation marks come in pairs."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One command: where it stands, what kind it is, and its bytes with CR LF."""

    start: int
    kind: str
    """draw, set, clear, print or form."""
    name: bytes
    text: bytes


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of an EPL2 document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a picture that is cut off, more
            than ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    lines = list(_lines(document))
    return count_pieces(document, uncounted, lambda: _count(lines))


def _lines(document: bytes) -> Iterator[_Line]:
    """Yield the commands; the bytes of a GW are counted, whatever they hold."""
    at = 0
    while at < len(document):
        if document[at] in b"\r\n\0 \t":
            at += 1
            continue
        if head := _GRAPHIC.match(document, at):
            end = head.end() + int(head[3]) * int(head[4])
            if end > len(document):
                raise RawRefused(
                    f"The picture GW at byte {at} is cut off; send it whole.", position=at
                )
            yield _Line(at, "draw", b"GW", document[at:end] + b"\r\n")
            at = end
            continue
        found = _LINE.match(document, at)
        assert found is not None
        text = found[0].rstrip()
        if text[:1] != b";":  # a comment
            if _CLOSED.fullmatch(text) is None:
                # A printer may go on to the next line for the end, or take that for a command.
                raise _refused(text, at, "has a quotation mark without its end on the line")
            yield _classify(at, text)
        at = found.end()


def _classify(start: int, text: bytes) -> _Line:
    line = text + b"\r\n"
    if text == b"N":
        return _Line(start, "clear", text, line)
    if text[:1] == b"P" and text[1:2] not in (b"A", b"F"):
        return _Line(start, "print", b"P", line)
    if found := _DRAWS.match(text):
        return _Line(start, "draw", found[found.lastindex or 0], line)
    if found := _SETS.match(text):
        return _Line(start, "set", found[found.lastindex or 0][:1], line)
    if _FORM.match(text):
        return _Line(start, "form", text[:2], line)
    why = max((begin for begin in _WHY if text.startswith(begin)), key=len, default=b"")
    raise _refused(text, start, _WHY.get(why, "is not one that draws a label"))


def _refused(text: bytes, start: int, why: str) -> RawRefused:
    named = re.match(rb"\^?[A-Za-z]{0,6}[@?]?", text)
    name = (named[0] if named and named[0] else text[:6]).decode("latin-1")
    shown = name if name.isascii() and name.isprintable() else repr(name)[1:-1]
    return RawRefused(
        f"Command {shown} at byte {start} {why}; remove it from the document.",
        command=shown,
        position=start,
    )


def _count(lines: list[_Line]) -> list[bytes]:
    pieces: list[bytes] = []
    settings: dict[bytes, bytes] = {}
    drawing: list[bytes] = []
    """What lies in the image buffer: it stays there after P, until N, q or Q."""
    for line in lines:
        match line.kind:
            case "clear":
                drawing.clear()
            case "draw":
                drawing.append(line.text)
            case "set":
                settings.pop(line.name, None)
                settings[line.name] = line.text
                if line.name in (b"q", b"Q"):
                    drawing.clear()
            case "form":
                raise Uncountable(
                    f"The {repr(line.name)[2:-1]} at byte {line.start} uses a form that the "
                    "printer keeps",
                    line.start,
                )
            case _:
                copies = _copies(line)
                check_number(len(pieces) + copies)
                label = (b"".join(settings.values()), b"".join(drawing))
                pieces += [b"\r\n%bN\r\n%bP1\r\n" % label] * copies
    if not pieces:
        raise RawRefused("The document prints nothing: it has no P.")
    return pieces


def _copies(line: _Line) -> int:
    """Return how many labels P asks for: p1 sets of p2 copies."""
    asked = _PRINT.match(line.text)
    copies = int(asked[1]) * int(asked[2] or 1) if asked else 0
    if not copies:
        raise RawRefused(
            f"The P at byte {line.start} asks for no number of labels from 1; say how many are "
            "wanted.",
            position=line.start,
        )
    return copies
