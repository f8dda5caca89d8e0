r"""Documents that are ESC/POS already: refuse what is not for printing, and count the paper.

A list of what may pass, since nobody knows all that may not. What passes is cut where the printer
cuts or feeds to the next label, and where ESC @ begins anew; each piece takes along the settings
made before it, so that it can be printed alone.

>>> [piece.payload for piece in split_raw(b"\x1b@\x1ba\x01One\n\x1dVB\0Two\n\x1dVB\0", False)]
[b'\x1b@\x1ba\x01One\n\x1dVB\x00', b'\x1b@\x1ba\x01Two\n\x1dVB\x00']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.errors import RawRefused


def _rows(lead: str, names: str) -> frozenset[str]:
    return frozenset(f"{lead} {name}" for name in names.split())


_SETS = (
    _rows("ESC", "SP ! % & - 2 3 ? @ D E G M R T U V W a c r t {")
    | _rows("FS", "! & - . 2 ? C S W")
    | _rows("GS", "! * B E H L P W b f h w x (N (K (P (Q")
)
"""Changes how what follows is printed."""
_BUFFERS = _rows("ESC", "*") | {"text"}
"""Goes into the line that is being made; the next feed prints it."""
_FEEDS = _rows("ESC", "J d") | {"LF"}
_PICTURES = _rows("GS", "/ (L 8L (k k v Q") | _rows("FS", "p")
_MOVES = _rows("ESC", "$ \\ < K e L S FF") | _rows("GS", "$ \\") | {"HT", "CAN", "CR", "FF", "00"}
_ENDS = _rows("ESC", "i m") | _rows("GS", "V FF") | _rows("FS", "(L")
_SIGNALS = _rows("ESC", "p (A") | {"BEL"}
"""The cash drawer and the buzzer: whoever sends raw commands asks for them."""
_PASSES = _SETS | _BUFFERS | _FEEDS | _PICTURES | _MOVES | _ENDS | _SIGNALS

_WHY = {
    "DLE": "acts at once, before what was sent earlier, and only the gateway may do that",
    "ESC =": "switches the printer off for what follows",
    "ESC u": "asks the printer something, and only the gateway may do that",
    "ESC v": "asks the printer something, and only the gateway may do that",
    "FS q": "writes to the printer's permanent memory",
    "FS g": "writes to the printer's permanent memory",
    "GS (A": "prints the printer's own settings",
    "GS (C": "writes to the printer's permanent memory",
    "GS (D": "changes which commands act at once",
    "GS (E": "changes the printer's configuration",
    "GS (H": "asks the printer something, and only the gateway may do that",
    "GS (M": "saves or changes the printer's settings",
    "GS (Y": "changes the printer's configuration",
    "GS :": "records a macro, whose paper nobody can count",
    "GS ^": "plays a macro, whose paper nobody can count",
    "GS C": "sets a counter in the printer",
    "GS I": "asks the printer something, and only the gateway may do that",
    "GS T": "drops what the line being made holds",
    "GS a": "has the printer report by itself, and only the gateway may ask it",
    "GS c": "prints a counter of the printer's own",
    "GS g": "reads or resets the printer's maintenance counters",
    "GS j": "has the printer report by itself, and only the gateway may ask it",
    "GS r": "asks the printer something, and only the gateway may do that",
    "GS z": "changes how the printer behaves after an error",
}
"""Why a command is refused."""

_NV_GRAPHICS = {
    0x40: "asks for", 0x41: "deletes", 0x42: "deletes", 0x43: "writes to", 0x44: "writes to",
}  # fmt: skip
"""Functions 64 to 68 of GS ( L: graphics in permanent memory."""


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    start: int
    end: int


_COUNTS = {
    "ESC": {
        **dict.fromkeys("!%-3=?EGJKMRTUVade" + "rtu{", 1), " ": 1, "$": 2, "\\": 2, "c": 2,
        "p": 3, "W": 8, **dict.fromkeys("2<@LSimv\x0c", 0),
    },
    "FS": {**dict.fromkeys("!-CW", 1), **dict.fromkeys("&.", 0), "2": 74, "?": 2, "S": 2, "p": 2},
    "GS": {
        **dict.fromkeys("!/BEHITabfhjrwx", 1), **dict.fromkeys("$LPW\\", 2), "^": 3, "z": 3,
        "g": 4, **dict.fromkeys(":\x0cc", 0),
    },
}  # fmt: skip
"""Bytes after commands of fixed length (Epson ESC/POS Command Reference, "Format")."""

_LEADS = {0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}
_NAMES = {0x07: "BEL", 0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}


class _CutOff(Exception):
    pass


def _le(document: bytes, at: int, size: int = 2) -> int:
    if len(document) < at + size:
        raise _CutOff
    return int.from_bytes(document[at : at + size], "little")


def _nul(document: bytes, at: int) -> int:
    end = document.find(b"\0", at)
    if end < 0:
        raise _CutOff
    return end + 1


def _characters(d: bytes, at: int) -> int:
    count, tall = _le(d, at + 4, 1) - _le(d, at + 3, 1) + 1, _le(d, at + 2, 1)
    end = at + 5
    for _ in range(max(0, count)):
        end += 1 + tall * _le(d, end, 1)
    return end


def _graphics(d: bytes, at: int) -> int:
    return at + 8 + _le(d, at + 4) * _le(d, at + 6)


_LONG: dict[str, Callable[[bytes, int], int]] = {
    "ESC *": lambda d, at: at + 5 + _le(d, at + 3) * (3 if d[at + 2] in (32, 33) else 1),
    "ESC &": _characters,
    "ESC D": lambda d, at: _nul(d, at + 2),
    "GS *": lambda d, at: at + 4 + 8 * _le(d, at + 2, 1) * _le(d, at + 3, 1),
    "GS Q": _graphics,
    "GS V": lambda d, at: at + (3 if _le(d, at + 2, 1) in (0, 1, 48, 49) else 4),
    "GS k": lambda d, at: _nul(d, at + 3) if _le(d, at + 2, 1) <= 6 else at + 4 + _le(d, at + 3, 1),
    "GS v": _graphics,
    "GS 8L": lambda d, at: at + 7 + _le(d, at + 3, 4),
}
"""Where commands end whose own bytes say so."""


def _commands(document: bytes) -> Iterator[_Command]:
    at = 0
    while at < len(document):
        command = _command_at(document, at)
        if command.end > len(document):
            raise _CutOff
        yield command
        at = command.end


def _command_at(document: bytes, at: int) -> _Command:
    first = document[at]
    if first >= 0x20:
        end = at + 1
        while end < len(document) and document[end] >= 0x20:
            end += 1
        return _Command("text", at, end)
    lead = _LEADS.get(first)
    if lead is None:
        name = "DLE" if first == 0x10 else _NAMES.get(first, f"{first:02X}")
        return _Command(name, at, at + 1)
    second = chr(_le(document, at + 1, 1))
    shown = {" ": "SP", "\x0c": "FF"}.get(second, second)
    if second == "(" or (lead == "GS" and second == "8"):
        shown += chr(_le(document, at + 2, 1))
    name = f"{lead} {shown}"
    if measure := _LONG.get(name):
        return _Command(name, at, measure(document, at))
    if second == "(":
        return _Command(name, at, at + 5 + _le(document, at + 3))
    return _Command(name, at, at + 2 + _COUNTS[lead].get(second, 0))


@dataclass(slots=True)
class _Paper:
    """What of a document is printed, and what waits in the line or on the page."""

    waiting: bool = False
    printed: bool = False
    page: bool = False

    def take(self, command: _Command, words: bytes) -> bool:
        """Follow a command; return whether it ends the piece of paper, if there is one."""
        name = command.name
        if name == "ESC @" or (self.page and name in ("ESC S", "CAN")):
            self.waiting = False
            self.page = self.page and name == "CAN"
        elif name == "ESC L":
            self.page = self.page or not self.waiting
        elif name in _BUFFERS:
            self.waiting = True
        elif name in _PICTURES:
            self._draw(_prints(command, words))
        elif self.page:
            if name in ("FF", "ESC FF"):
                self._print()
                self.page = name != "FF"
            # Cuts and label feeds are for standard mode.
        elif name in _FEEDS:
            self._print()
        elif name in _ENDS or name == "FF":
            self._print()
            return True
        return False

    def _draw(self, prints: bool) -> None:
        if self.page:
            self.waiting = self.waiting or prints
        else:
            self._print()
            self.printed = self.printed or prints

    def _print(self) -> None:
        self.printed, self.waiting = self.printed or self.waiting, False


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of an ESC/POS document in order, each cut or fed off.

    What is printed after the last cut is a piece, too; a last line without its end gets one.
    ``uncounted`` changes nothing here: what could not be counted could do more than print.

    Raises:
        RawRefused: a command that is not for printing, one that is cut off or unknown, more than
            ``MOST_PIECES`` pieces, or nothing to print.
    """
    pieces: list[bytes] = []
    settings: list[bytes] = []
    current: list[bytes] = []
    paper = _Paper()
    at = 0
    try:
        for command in _commands(document):
            at = command.end
            words = document[command.start : command.end]
            _refuse_dangerous(command, words)
            empty = not (paper.printed or paper.waiting or paper.page)
            if command.name in _ENDS and pieces and empty:
                pieces[-1] += words  # the cut behind a feed to the cutter
                continue
            if command.name == "ESC @":
                if paper.printed:  # where a program begins anew, a person has torn off the paper
                    pieces.append(b"".join(current))
                    current, paper.printed = [], False
                settings.clear()
            if command.name in _SETS:
                settings.append(words)
            current.append(words)
            if paper.take(command, words) and paper.printed:
                pieces.append(b"".join(current))
                current, paper.printed = list(settings), False
            if len(pieces) > MOST_PIECES:
                raise RawRefused(
                    f"The document prints more than {MOST_PIECES} pieces; send it in parts.",
                    pieces=len(pieces),
                )
    except _CutOff:
        raise RawRefused(
            f"The command at byte {at} is cut off at the end of the document; send it whole.",
            position=at,
        ) from None
    if paper.waiting:
        current.append(b"\x0c" if paper.page else b"\n")
        paper.printed = True
    if paper.printed:
        pieces.append(b"".join(current))
    if not pieces:
        raise RawRefused("The document prints nothing: it has no text, code or picture.")
    return tuple(RawPiece(piece, counted=True) for piece in pieces)


def _prints(command: _Command, words: bytes) -> bool:
    """Return whether a picture or code is printed by the command, not only prepared.

    Of GS ( L and GS 8 L the functions 50 (and 2), 69 and 85 print, of GS ( k function 81.
    """
    at = {"GS (L": 6, "GS (k": 6, "GS 8L": 8}.get(command.name)
    return at is None or words[at : at + 1] in (b"\x02", b"2", b"E", b"U", b"Q")


def _refuse_dangerous(command: _Command, words: bytes) -> None:
    name = command.name
    if name in ("GS (L", "GS 8L"):
        at = 6 if name == "GS (L" else 8
        if (does := _NV_GRAPHICS.get(words[at] if len(words) > at else 0)) is not None:
            raise RawRefused(
                f"Command {name} at byte {command.start} {does} the printer's permanent memory; "
                "remove it from the document.",
                command=name,
                position=command.start,
            )
    if name == "FS (L" and words[5:6] not in (b"A", b"B", b"C"):
        raise RawRefused(
            f"Command FS (L at byte {command.start} changes or asks for the paper layout; remove "
            "it from the document.",
            command=name,
            position=command.start,
        )
    if name in _PASSES:
        return
    shown = name if name.isprintable() and name.isascii() else repr(name)[1:-1]
    raise RawRefused(
        f"Command {shown} at byte {command.start} {_WHY.get(name, 'is not one that prints')}; "
        "remove it from the document.",
        command=shown,
        position=command.start,
    )
