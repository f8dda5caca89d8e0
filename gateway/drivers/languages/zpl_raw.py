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
from dataclasses import dataclass, field

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused
from gateway.zpl.commands import (
    DRAWS,
    PASSES,
    PLACES,
    Command,
    names,
    read_commands,
    refuse_dangerous,
    refuse_switch,
    stored_name,
)

_COUNTING = names("PQ SN SF DF XF GF XA XZ")
"""What passes and has a meaning for the count, or binary data."""


def _one_of(names: frozenset[str]) -> bytes:
    """Return a pattern of names of two letters, by the first: a third of a list's time."""
    ends: dict[str, str] = {}
    for name in sorted(names):
        ends[name[0]] = ends.get(name[0], "") + re.escape(name[1])
    return "|".join(f"{first}[{seconds}]" for first, seconds in ends.items()).encode()


_PLAIN = re.compile(
    rb"[\0\t\r\n ]*+(\^XA(?:\^(?:A|GFA|%b)[^\^~\x02\x03]*+)++\^XZ)[\0\t\r\n ]*+"
    % _one_of(PASSES - _COUNTING)
)
_PLAIN_INK = re.compile(rb"\^(?:GFA|%b)" % _one_of(DRAWS - _COUNTING))


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
    commands: list[Command] = field(default_factory=list)

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
    commands = list(read_commands(document))
    inside = False
    for command in commands:
        refuse_dangerous(command)
        if command.name == "^XA":
            inside = True
        elif command.name == "^XZ":
            inside = False
        if not inside:
            refuse_switch(document[command.start : command.end], command.start)
    return count_pieces(document, uncounted, lambda: _count(document, commands))


def _count(document: bytes, commands: list[Command]) -> list[bytes]:
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
        elif any(name[1:] in DRAWS for name in names):
            label = _recalled(current, defined) + whole
            copies = _copies(current)
            check_number(len(pieces) + copies)
            if copies > 1:
                label = _recalled(current, defined) + _single(document, current, command)
            pieces.append(b"".join(before) + label)
            pieces += [label] * (copies - 1)
            before = []
        elif any(name[1:] in PLACES for name in names):
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


def _end(document: bytes, command: Command) -> int:
    """Return where a ^XZ itself ends: one byte when it was written as ETX."""
    return command.start + (1 if document[command.start] == 3 else 3)


def _define(current: _Format, whole: bytes, defined: dict[str, bytes]) -> None:
    for command in current.commands:
        if command.name in ("^PQ", "^SN", "^SF"):
            raise Uncountable(
                f"The stored format at byte {current.start} holds {command.name}", command.start
            )
        if command.name == "^DF":
            defined[stored_name(command)] = whole


def _recalled(current: _Format, defined: dict[str, bytes]) -> bytes:
    """Return the formats this one recalls: each piece carries them, and so stands alone."""
    needed: dict[str, bytes] = {}
    for command in current.commands:
        if command.name == "^XF":
            name = stored_name(command)
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


def _single(document: bytes, current: _Format, last: Command) -> bytes:
    """Return the format with a quantity of one."""
    parts, at = [], current.start
    for command in current.commands:
        if command.name == "^PQ":
            parts.append(document[at : command.start])
            at = command.end
    parts.append(document[at : last.start])
    return b"".join(parts) + b"^PQ1" + document[last.start : _end(document, last)]
