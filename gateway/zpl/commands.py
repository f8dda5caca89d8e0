"""ZPL as commands: where each begins and ends, and which of them may pass to a printer.

Only commands that draw a label or choose how this label is printed pass; a list of what may pass,
since nobody knows all that may not. Who reads ZPL, to print it or to make a template of it, reads
it here. The virtual printer has a reader of its own: it judges what is written.

>>> [(one.name, one.value) for one in read_commands(b"^XA^FO9,9^A0N,30^FDBox^FS^XZ")][1:4]
[('^FO', b'9,9'), ('^A', b'0N,30'), ('^FD', b'Box')]
>>> check_field(b"^FO9,9^BCN,80^FDSN-1^FS")
>>> check_field(b"^FO9,9^FDSN-1^FS^PQ9")
Traceback (most recent call last):
...
gateway.errors.RawRefused: Command ^PQ at byte 16 is about the whole label or the printer, which \
the template decides; remove it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import RawRefused


def names(text: str) -> frozenset[str]:
    """Return the names of commands, written with blanks between them."""
    return frozenset(text.split())


DRAWS = names("FD FV SN SF GB GC GD GE GF GS XG IM IL XF")
"""A format with one of these prints; one with none of them only sets something."""

PLACES = names("FO FT FN")

PASSES = (
    DRAWS
    | PLACES
    | names("A@ B0 B1 B2 B3 B4 B5 B7 B8 B9 BA BB BC BD BE BF BI BJ BK BL BM BO BP BQ BR BS BT BU")
    | names("BX BY BZ CF CI CV CW DF FA FB FC FE FH FM FP FR FS FW FX JM LH LL LR LS LT MD ML MM")
    | names("MN MT PA PM PO PQ PR PW SE TB XA XB XZ")
)
PASSES_AT_ONCE = names("SD TA JS")
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
class Command:
    """One command of a document."""

    start: int
    end: int
    name: str
    """``^`` or ``~`` and the letters; ``^A`` stands for any font."""
    value: bytes

    def parts(self) -> list[str]:
        """Return the parameters, without blanks around them."""
        return [part.strip() for part in self.value.decode("latin-1").split(",")]


_NEXT = re.compile(rb"[\^~\x02\x03]")
_LANGUAGE_SWITCH = re.compile(rb"!\s*U", re.IGNORECASE)


def read_commands(document: bytes) -> Iterator[Command]:
    """Yield the commands in order; STX and ETX are ^XA and ^XZ (ZPL II guide, ^XA and ^XZ)."""
    found = _NEXT.search(document)
    if document[: found.start() if found else None].strip(b"\0\t\r\n "):
        refuse_switch(document[: found.start() if found else None], 0)
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
            yield Command(start, begin + 1, name, value)
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
        yield Command(start, end, name, value)


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


def refuse_switch(text: bytes, position: int) -> None:
    """Refuse text outside formats that speaks to the printer itself.

    Raises:
        RawRefused: it holds ``! U``.
    """
    if found := _LANGUAGE_SWITCH.search(text):
        place = position + found.start()
        raise RawRefused(
            f"The document holds a printer setting command (! U) at byte {place}; remove it from "
            "the document.",
            position=place,
        )


def why_refused(name: str) -> str:
    """Return what a command does that keeps it from a printer; empty when that is not known.

    >>> why_refused("^JU"), why_refused("^FD")
    ("saves or changes the printer's configuration", '')
    """
    return _WHY.get(
        max((start for start in _WHY if name.startswith(start)), key=len, default=""), ""
    )


def refuse_dangerous(command: Command) -> None:
    """Refuse a command that is not for printing a label.

    Raises:
        RawRefused: what it does instead.
    """
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
    if name == "^A" or name[1:] in (PASSES if name[0] == "^" else PASSES_AT_ONCE):
        if name == "^DF":
            _refuse_foreign_place(command)
        return
    shown = name if name.isprintable() and name.isascii() else repr(name)[1:-1]
    raise RawRefused(
        f"Command {shown} at byte {command.start} "
        f"{why_refused(name) or 'is not one that draws a label'}; remove it from the document.",
        command=shown,
        position=command.start,
    )


def stored_name(command: Command) -> str:
    """Return the object a ^DF or ^XF names, whole and in capitals."""
    name = command.value.decode("latin-1").strip().upper()
    place, colon, rest = name.partition(":")
    if not colon:
        place, rest = "R", name
    return f"{place}:{rest.partition('.')[0]}.ZPL"


def _refuse_foreign_place(command: Command) -> None:
    name = stored_name(command)
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


_OF_A_FIELD = (
    (DRAWS - names("SN SF XF"))
    | (PLACES - names("FN"))
    | {name for name in PASSES if name[0] == "B"}
    | names("A@ CF CI FB FC FH FM FP FR FS FW FX LH LR TB")
)
"""What may stand in a template among fields of its own: it draws, or says how it is drawn, and
what it changes is set again before the next label. ^SN and ^SF count by themselves, ^FN and ^XF
speak of formats, and the gateway has numbers and formats of its own."""


def check_field(commands: bytes) -> None:
    """Refuse commands that cannot stand beside other fields of a label.

    Raises:
        RawRefused: there are none, text stands before the first, or one is about more than a field.
    """
    found = list(read_commands(commands))
    begins = found[0].start if found else len(commands)
    if not found or commands[:begins].strip():
        raise RawRefused("The commands do not begin with a command of ZPL, such as ^FO10,10.")
    for command in found:
        if (command.name != "^A" and command.name[1:] not in _OF_A_FIELD) or command.name[0] == "~":
            refuse_dangerous(command)
            raise RawRefused(
                f"Command {command.name} at byte {command.start} is about the whole label or the "
                "printer, which the template decides; remove it.",
                command=command.name,
                position=command.start,
            )
        if command.name == "^GF" and command.value[:1].upper() not in (b"A", b""):
            # A printer that does not know the kind takes what is in it for commands.
            raise RawRefused(
                f"The picture ^GF at byte {command.start} is binary; write it in hexadecimal "
                "(^GFA).",
                command="^GF",
                position=command.start,
            )
    if not any(command.name[1:] in DRAWS for command in found):
        raise RawRefused("The commands draw nothing: none of them is ^FD, ^GB or another of those.")
