r"""Documents that are SBPL already: refuse what is not for printing, and count the paper.

Only commands that draw a label or choose how this label is printed pass; a list of what may pass,
since nobody knows all that may not. What passes is cut into pieces, one printed label each, so
that each can be known to be on paper. Job numbers and names are taken out: the gateway gives its
own, by which it follows the label.

>>> pieces = split_raw(b"\x02\x1bA\x1bV10\x1bH10\x1bXMBox\x1bQ2\x1bZ\x03", False)
>>> [piece.payload for piece in pieces]
[b'\x02\x1bA\x1bV10\x1bH10\x1bXMBox\x1bQ1\x1bZ\x03', b'\x02\x1bA\x1bV10\x1bH10\x1bXMBox\x1bQ1\x1bZ\x03']
>>> split_raw(b"\x1bA\x1bPC26,1\x1bZ", False)  # doctest: +ELLIPSIS
Traceback (most recent call last):
gateway.errors.RawRefused: Command PC at byte 2 saves or changes the printer's settings; ...
"""  # noqa: E501 - the two pieces as they are printed

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.drivers.languages.page import RawPiece
from gateway.drivers.languages.raw import Uncountable, check_number, count_pieces
from gateway.errors import RawRefused


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DRAWS = _names(
    "U S M WB WL XU XS XM XB XL X20 X21 X22 X23 X24 OA OB $= RD RG RH K1 K2 K3 K4 K5 K8 K9 "
    "k1 k2 k3 k4 k5 k8 k9 BG BD BC BI BF BP BT BW B D d BK BQ BV DC DN DS FW ( G GM GP WD J"
)
_PLACES = _names(
    "V H A3 A1 % L P PS PR $ R RF RN 2D10 2D12 2D20 2D30 2D31 2D32 2D50 2D51 2D60 BX FX E F CS "
    "#E #F EX AX AR EP CL ~A ~B ~a NC CT ET ID WK Q PO Y TK"
)
_WHY = {
    "PC": "saves or changes the printer's settings",
    "PG": "saves or changes the printer's settings",
    "PH": "saves or changes the printer's settings",
    "PI": "saves or changes the printer's settings",
    "PM": "changes the printer's settings",
    "IG": "changes the printer's settings",
    "I": "changes the printer's settings",
    "LD": "changes the signs that begin commands",
    "TP": "prints the printer's own settings",
    "@": "stops the printer",
    "&": "keeps a form in the printer's memory",
    "/": "recalls a form from the printer's memory",
    "GI": "writes to the printer's memory",
    "GR": "recalls from the printer's memory",
    "T": "writes to the printer's memory",
    "*": "deletes from the printer's memory",
    "CC": "writes to the printer's memory card",
    "BJ": "writes to the printer's memory card",
    "FM": "formats the printer's memory",
    "DL": "loads another program into the printer",
}
"""Why a command is refused: the longest beginning that fits."""

_KNOWN = sorted({*_DRAWS, *_PLACES, *_WHY, "A", "Z"}, key=len, reverse=True)
_COUNTED = re.compile(
    rb"\x1b(?:G([BH])(\d{3})(\d{3})|(?:GM|GP)(\d{5}),|DN(\d{1,4}),)"
)  # fmt: skip
_CONTROLS = re.compile(rb"[\x00\x02\x03\t\r\n ]*")


@dataclass(frozen=True, slots=True)
class _Command:
    start: int
    end: int
    name: str
    value: bytes


def _commands(document: bytes) -> Iterator[_Command]:
    """Yield the commands in order; what is between items may only be STX, ETX and space."""
    at = _past_controls(document, 0)
    while at < len(document):
        counted = _COUNTED.match(document, at)
        begin = counted.end() + _size(counted) if counted else at + 1
        if begin > len(document):
            raise RawRefused(f"The data at byte {at} are cut off; send them whole.", position=at)
        found = document.find(b"\x1b", begin)
        end = found if found >= 0 else len(document)
        text = document[at + 1 : at + 6].decode("latin-1")
        name = _name(document, at, text)
        if name == "Z":
            end = at + 2
        yield _Command(at, end, name, document[at + 1 + len(name) : end])
        at = end if name != "Z" else _past_controls(document, end)


def _past_controls(document: bytes, at: int) -> int:
    found = _CONTROLS.match(document, at)
    end = found.end() if found else at
    if end < len(document) and document[end] != 0x1B:
        raise RawRefused(
            f"Byte {end} stands outside a label and is no SBPL; begin each label with ESC A and "
            "end it with ESC Z.",
            position=end,
        )
    return end


def _size(counted: re.Match[bytes]) -> int:
    kind, wide, high, file, count = counted.groups()
    if kind is not None:
        return int(wide) * int(high) * 8 * (2 if kind == b"H" else 1)
    return int(file if file is not None else count)


def _name(document: bytes, at: int, text: str) -> str:
    if text[:1] == "A" and text[1:2] in ("", "\x1b", "\r", "\n", "\x02"):
        return "A"
    for name in _KNOWN:
        if name != "A" and text.startswith(name):
            return name
    shown = "".join(sign if " " <= sign <= "~" else "?" for sign in text[:3])
    raise RawRefused(
        f"Command {shown} at byte {at} is not one that draws a label; remove it from the document.",
        command=shown,
        position=at,
    )


@dataclass(slots=True)
class _Item:
    start: int
    commands: list[_Command] = field(default_factory=list)


def split_raw(document: bytes, uncounted: bool = False) -> tuple[RawPiece, ...]:
    """Return the printed pieces of an SBPL document in order, each of them one label.

    ``uncounted`` lets a document pass whose labels nobody can count, as one piece.

    Raises:
        RawRefused: a command that is not for printing a label, a label that is cut off, more than
            ``MOST_PIECES`` labels, nothing to print, or labels that cannot be counted.
    """
    items = list(_items(document))
    return count_pieces(document, uncounted, lambda: _count(items))


def _items(document: bytes) -> Iterator[tuple[_Item, bytes]]:
    """Yield each item with its bytes, without framing, number and name."""
    current: _Item | None = None
    for command in _commands(document):
        if command.name in _WHY:
            raise RawRefused(
                f"Command {command.name} at byte {command.start} {_WHY[command.name]}; remove it "
                "from the document.",
                command=command.name,
                position=command.start,
            )
        if command.name == "A":
            if current is not None:
                raise RawRefused(
                    f"The ESC A at byte {command.start} begins a label inside the one that begins "
                    f"at byte {current.start}; end each label with ESC Z.",
                    position=command.start,
                )
            current = _Item(command.start)
        elif current is None:
            raise RawRefused(
                f"Command {command.name} at byte {command.start} stands outside a label; begin "
                "each label with ESC A.",
                command=command.name,
                position=command.start,
            )
        elif command.name == "Z":
            kept = (c for c in current.commands if c.name not in ("ID", "WK"))
            yield current, b"".join(document[c.start : c.end] for c in kept)
            current = None
        else:
            current.commands.append(command)
    if current is not None:
        raise RawRefused(
            f"The label that begins at byte {current.start} is not ended; add ESC Z.",
            position=current.start,
        )


def _count(items: list[tuple[_Item, bytes]]) -> list[bytes]:
    pieces: list[bytes] = []
    before: list[bytes] = []
    for item, content in items:
        names = {command.name for command in item.commands}
        if names.isdisjoint(_DRAWS):
            before.append(_whole(content))
            continue
        copies = _copies(item)
        check_number(len(pieces) + copies)
        label = _whole(_single(item, content))
        pieces.append(b"".join(before) + label)
        pieces += [label] * (copies - 1)
        before = []
    if not pieces:
        raise RawRefused(
            "The document prints nothing: it has no label (ESC A to ESC Z) that draws something."
        )
    pieces[-1] += b"".join(before)
    return pieces


def _whole(content: bytes) -> bytes:
    return b"\x02\x1bA%b\x1bZ\x03" % content


def _copies(item: _Item) -> int:
    """Return how many labels the item prints: the last ESC Q says it."""
    asked = [command for command in item.commands if command.name == "Q"]
    if not asked:
        raise Uncountable(f"The label at byte {item.start} does not say how many (ESC Q)",
                           item.start)  # fmt: skip
    last = asked[-1]
    quantity = last.value.strip().decode("latin-1")
    if not re.fullmatch("[0-9]{1,6}", quantity) or not int(quantity):
        raise RawRefused(
            f"The quantity {quantity[:20]!r} of the ESC Q at byte {last.start} is not a number "
            "from 1; say how many labels are wanted.",
            position=last.start,
        )
    if int(quantity) > 1:
        for command in item.commands:
            if command.name == "F":
                raise Uncountable(
                    f"The ESC F at byte {command.start} has the printer count by itself",
                    command.start,
                )
    return int(quantity)


def _single(item: _Item, content: bytes) -> bytes:
    """Return the item's content with a quantity of one."""
    parts, begin = [], 0
    offset = 0
    for command in item.commands:
        size = command.end - command.start
        if command.name in ("ID", "WK"):
            continue
        if command.name == "Q":
            parts.append(content[begin:offset])
            begin = offset + size
        offset += size
    parts.append(content[begin:])
    return b"".join(parts) + b"\x1bQ1"
