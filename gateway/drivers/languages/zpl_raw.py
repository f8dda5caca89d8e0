r"""Documents that are ZPL already: refuse what is not for printing, and count the paper.

Only commands that draw a label or choose how this label is printed pass; a list of what may pass,
since nobody knows all that may not. What passes is cut into pieces, one printed label each, so
that each can be known to be on paper.

>>> pieces = split_raw(b"^XA^FO9,9^A0N,30^FDBox^FS^PQ2^XZ", False)
>>> [piece.payload for piece in pieces]
[b'^XA^FO9,9^A0N,30^FDBox^FS^PQ1^XZ', b'^XA^FO9,9^A0N,30^FDBox^FS^PQ1^XZ']
>>> split_raw(b"^XA^JUS^XZ", False)  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command ^JU at byte 3 saves or changes the printer's configuration; ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DRAWS = _names("FD FV SN SF GB GC GD GE GF GS XG IM IL XF")
"""A format with one of these prints; one with none of them only sets something."""

_PLACES = _names("FO FT FN")

_PASSES = (
    _DRAWS
    | _PLACES
    | _names("A@ B0 B1 B2 B3 B4 B5 B7 B8 B9 BA BB BC BD BE BF BI BJ BK BL BM BO BP BQ BR BS BT BU")
    | _names("BX BY BZ CF CI CV CW DF FA FB FC FE FH FM FP FR FS FW FX JM LH LL LR LS LT MD ML MM")
    | _names("MN MT PA PM PO PQ PR PW SE TB XA XB XZ")
)
_PASSES_AT_ONCE = _names("SD TA JS")
"""Tilde commands: darkness, tear-off, backfeed."""

_WHY = {
    "^ID": "deletes from the printer's memory",
    "^IS": "writes to the printer's memory",
    "^TO": "copies within the printer's memory",
    "~D": "writes to the printer's memory; send the picture as ^GF",
    "^JU": "saves or changes the printer's configuration",
    "^JB": "formats the printer's memory",
    "^JZ": "changes what happens after an error",
    "~J": "resets the printer, cancels labels or moves the paper",
    "^J": "changes the printer's configuration",
    "^K": "changes the printer's configuration or password",
    "~K": "changes the printer's configuration",
    "^N": "changes the network settings",
    "~N": "changes the network settings",
    "^W": "changes the network settings or moves the paper",
    "~W": "prints the printer's own settings",
    "^S": "changes the printer's settings",
    "^H": "asks the printer something, and only the gateway may do that",
    "~H": "asks the printer something, and only the gateway may do that",
    "^MU": "changes the unit of every number after it",
    "^MC": "keeps this label's ink on the next one",
    "^R": "writes to a radio tag, which is not supported",
    "~R": "resets a counter",
    "~P": "starts or stops the printer",
    "^P": "moves the paper",
}
"""Why a command is refused: the longest beginning that fits."""


@dataclass(frozen=True, slots=True)
class _Command:
    start: int
    end: int
    name: str
    """``^`` or ``~`` and the letters; ``^A`` stands for any font."""
    value: bytes

    def parts(self) -> list[str]:
        return [part.strip() for part in self.value.decode("latin-1").split(",")]


_NEXT = re.compile(rb"[\^~\x02\x03]")
_LANGUAGE_SWITCH = re.compile(rb"!\s*U", re.IGNORECASE)


def _commands(document: bytes) -> Iterator[_Command]:
    """Yield the commands in order; STX and ETX are ^XA and ^XZ (ZPL II guide, ^XA and ^XZ)."""
    found = _NEXT.search(document)
    if document[: found.start() if found else None].strip(b"\0\t\r\n "):
        _refuse_switch(document[: found.start() if found else None], 0)
    while found is not None:
        start = found.start()
        if found[0] in b"\x02\x03":
            begin = start + 1
            name = "^XA" if found[0] == b"\x02" else "^XZ"
        elif document[start + 1 : start + 2] in (b"^", b"~"):
            found = _NEXT.search(document, start + 1)
            continue
        else:
            name = document[start : start + 3].decode("latin-1").upper()
            begin = start + 3
            if name[:2] == "^A" and name != "^A@":
                name, begin = "^A", start + 2
        if name[1:] in ("CC", "CT", "CD"):
            # The value is one character, and it may be ^ or ~ itself.
            value = document[begin : begin + 1]
            yield _Command(start, begin + 1, name, value)
            found = _NEXT.search(document, begin + 1)
            continue
        found = _NEXT.search(document, begin)
        end = found.start() if found else len(document)
        value = document[begin:end]
        if name == "^GF" and value[:1].upper() in (b"B", b"C"):
            end = _skip_binary(document, start, begin)
            value = document[begin:end]
            found = _NEXT.search(document, end)
            end = found.start() if found else len(document)
        yield _Command(start, end, name, value)


def _skip_binary(document: bytes, start: int, begin: int) -> int:
    """Return where the binary data of the ^GF at ``start`` ends: parameter b counts its bytes."""
    head = re.compile(rb"[BC],(\d{1,7}),\d*,\d*,", re.IGNORECASE).match(document, begin)
    if head is None or head.end() + int(head[1]) > len(document):
        raise RawRefused(
            f"The binary picture ^GF at byte {start} does not say how long it is, or is cut off; "
            "send it whole, or as hexadecimal (^GFA).",
            position=start,
        )
    return head.end() + int(head[1])


def _refuse_switch(text: bytes, position: int) -> None:
    if found := _LANGUAGE_SWITCH.search(text):
        place = position + found.start()
        raise RawRefused(
            f"The document holds a printer setting command (! U) at byte {place}; remove it from "
            "the document.",
            position=place,
        )


def _refuse_dangerous(command: _Command) -> None:
    name = command.name
    unchanged = {"CC": b"^", "CT": b"~", "CD": b","}
    if name[1:] in unchanged:
        if command.value == unchanged[name[1:]]:
            return
        raise RawRefused(
            f"Command {name} at byte {command.start} changes the sign that begins commands; "
            "write the document with ^, ~ and comma.",
            command=name,
            position=command.start,
        )
    if name == "^A" or name[1:] in (_PASSES if name[0] == "^" else _PASSES_AT_ONCE):
        if name == "^DF":
            _refuse_foreign_place(command)
        return
    shown = name if name.isprintable() and name.isascii() else repr(name)[1:-1]
    why = max((start for start in _WHY if name.startswith(start)), key=len, default="")
    raise RawRefused(
        f"Command {shown} at byte {command.start} "
        f"{_WHY.get(why, 'is not one that draws a label')}; remove it from the document.",
        command=shown,
        position=command.start,
    )


def _stored_name(command: _Command) -> str:
    """Return the object a ^DF or ^XF names, whole and in capitals."""
    name = command.value.decode("latin-1").strip().upper()
    place, colon, rest = name.partition(":")
    if not colon:
        place, rest = "R", name
    return f"{place}:{rest.partition('.')[0]}.ZPL"


def _refuse_foreign_place(command: _Command) -> None:
    name = _stored_name(command)
    if not name.startswith("R:"):
        raise RawRefused(
            f"Command ^DF at byte {command.start} writes {name} to the printer's permanent memory; "
            "keep the format in R:.",
            command="^DF",
            position=command.start,
        )
    if name.startswith(("R:GW", "R:GF")):
        raise RawRefused(
            f"Command ^DF at byte {command.start} writes {name}, and the gateway keeps its own "
            "under names that begin with GW and GF; choose another name.",
            command="^DF",
            position=command.start,
        )


_COUNTING = _names("PQ SN SF DF XF GF XA XZ")
"""What passes and has a meaning for the count, or binary data."""


def _one_of(names: frozenset[str]) -> bytes:
    """Return a pattern of names of two letters, by the first: a third of a list's time."""
    ends: dict[str, str] = {}
    for name in sorted(names):
        ends[name[0]] = ends.get(name[0], "") + re.escape(name[1])
    return "|".join(f"{first}[{seconds}]" for first, seconds in ends.items()).encode()


_PLAIN = re.compile(
    rb"[\0\t\r\n ]*+(\^XA(?:\^(?:A|GFA|%b)[^\^~\x02\x03]*+)++\^XZ)[\0\t\r\n ]*+"
    % _one_of(_PASSES - _COUNTING)
)
_PLAIN_INK = re.compile(rb"\^(?:GFA|%b)" % _one_of(_DRAWS - _COUNTING))


def _split_plain(document: bytes) -> tuple[RawPiece, ...] | None:
    """Return the piece of a document that is one format with nothing to count; None for others.

    Most documents are: they are read twenty times as fast as command by command, and come out the
    same.
    """
    match = _PLAIN.fullmatch(document)
    if match is None or _PLAIN_INK.search(document) is None:
        return None
    return (RawPiece(match[1], counted=True),)


@dataclass(slots=True)
class _Format:
    start: int
    commands: list[_Command] = field(default_factory=list)

    def names(self) -> set[str]:
        return {command.name for command in self.commands}


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of a ZPL document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a format that is cut off, more
            than ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    if plain := _split_plain(document):
        return plain
    commands = list(_commands(document))
    inside = False
    for command in commands:
        _refuse_dangerous(command)
        if command.name == "^XA":
            inside = True
        elif command.name == "^XZ":
            inside = False
        if not inside:
            _refuse_switch(document[command.start : command.end], command.start)
    return count_pieces(document, uncounted, lambda: _count(document, commands))


def _count(document: bytes, commands: list[_Command]) -> list[bytes]:
    pieces: list[bytes] = []
    before: list[bytes] = []
    defined: dict[str, bytes] = {}
    current: _Format | None = None
    for command in commands:
        if current is None:
            if command.name == "^XZ":
                raise RawRefused(
                    f"The ^XZ at byte {command.start} ends a format that was never begun; "
                    "begin each label with ^XA.",
                    position=command.start,
                )
            if command.name == "^XA":
                current = _Format(command.start)
            else:
                before.append(document[command.start : command.end])
            continue
        if command.name == "^XA":
            raise RawRefused(
                f"The ^XA at byte {command.start} begins a format inside the one that begins at "
                f"byte {current.start}; end each label with ^XZ.",
                position=command.start,
            )
        if command.name != "^XZ":
            current.commands.append(command)
            continue
        whole = document[current.start : _end(document, command)]
        names = current.names()
        if "^DF" in names:
            _define(current, whole, defined)
        elif any(name[1:] in _DRAWS for name in names):
            label = _recalled(current, defined) + whole
            copies = _copies(current)
            check_number(len(pieces) + copies)
            if copies > 1:
                label = _recalled(current, defined) + _single(document, current, command)
            pieces.append(b"".join(before) + label)
            pieces += [label] * (copies - 1)
            before = []
        elif any(name[1:] in _PLACES for name in names):
            raise Uncountable(
                f"The format at byte {current.start} places a field and draws nothing",
                current.start,
            )
        else:
            before.append(whole)
        current = None
    if current is not None:
        raise RawRefused(
            f"The format that begins at byte {current.start} is not ended; add ^XZ.",
            position=current.start,
        )
    if not pieces:
        raise RawRefused(
            "The document prints nothing: it has no format (^XA to ^XZ) with a field that draws."
        )
    if any(part.strip() for part in before):
        pieces[-1] += b"".join(before)
    return pieces


def _end(document: bytes, command: _Command) -> int:
    """Return where a ^XZ itself ends: one byte when it was written as ETX."""
    return command.start + (1 if document[command.start] == 3 else 3)


def _define(current: _Format, whole: bytes, defined: dict[str, bytes]) -> None:
    for command in current.commands:
        if command.name in ("^PQ", "^SN", "^SF"):
            raise Uncountable(
                f"The stored format at byte {current.start} holds {command.name}", command.start
            )
        if command.name == "^DF":
            defined[_stored_name(command)] = whole


def _recalled(current: _Format, defined: dict[str, bytes]) -> bytes:
    """Return the formats this one recalls: each piece carries them, and so stands alone."""
    needed: dict[str, bytes] = {}
    for command in current.commands:
        if command.name == "^XF":
            name = _stored_name(command)
            if name not in defined:
                raise Uncountable(
                    f"The format at byte {current.start} recalls {name}, which the document does "
                    "not define",
                    command.start,
                )
            needed[name] = defined[name]
    return b"".join(needed.values())


def _copies(current: _Format) -> int:
    """Return how many labels the format prints: the last ^PQ says it (ZPL II guide, ^PQ)."""
    asked = [command for command in current.commands if command.name == "^PQ"]
    if not asked:
        return 1
    last = asked[-1]
    quantity, pause, replicates, *_ = [*last.parts(), "", "", ""]
    if not re.fullmatch("[0-9]{0,8}", quantity) or quantity.strip("0") == "" != quantity:
        raise RawRefused(
            f"The quantity {quantity[:20]!r} of the ^PQ at byte {last.start} is not a number from "
            "1; say how many labels are wanted.",
            position=last.start,
        )
    copies = int(quantity or 1)
    # Printers disagree whether replicates multiply the quantity, and after a cut by us nothing
    # would pause or count on; one label at a time none of that happens.
    if replicates.strip("0") not in ("", "1"):
        raise Uncountable(f"The ^PQ at byte {last.start} asks for replicates", last.start)
    if copies > 1:
        if pause.strip("0"):
            raise Uncountable(
                f"The ^PQ at byte {last.start} pauses or cuts between labels", last.start
            )
        for command in current.commands:
            if command.name in ("^SN", "^SF"):
                raise Uncountable(
                    f"The {command.name} at byte {command.start} has the printer count by itself",
                    command.start,
                )
    return copies


def _single(document: bytes, current: _Format, last: _Command) -> bytes:
    """Return the format with a quantity of one."""
    parts, at = [], current.start
    for command in current.commands:
        if command.name == "^PQ":
            parts.append(document[at : command.start])
            at = command.end
    parts.append(document[at : last.start])
    return b"".join(parts) + b"^PQ1" + document[last.start : _end(document, last)]
