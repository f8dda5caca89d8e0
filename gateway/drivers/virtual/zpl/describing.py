"""Commands that describe a field: where it stands, in which font or code, what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.drivers.virtual.zpl.fields import QUARTERS, Block
from gateway.drivers.virtual.zpl.parameters import number, numbers
from gateway.drivers.virtual.zpl.parser import Command
from gateway.drivers.virtual.zpl.serial import next_decimal, next_masked, strip_zeros
from gateway.drivers.virtual.zpl.state import ENCODINGS, LONGEST_LABEL, FontChoice

if TYPE_CHECKING:
    from gateway.drivers.virtual.zpl.interpreter import Interpreter


Act = Callable[["Interpreter", Command], None]

_LONGEST_FIELD = 3072
"""Bytes of field data that are printed (ZPL II guide, ^FD)."""
_WIDEST_MODULE = 10
"""ZPL II guide, ^BY."""


def _origin(zpl: Interpreter, command: Command) -> None:
    _move(zpl, command, typeset=False)


def _typeset(zpl: Interpreter, command: Command) -> None:
    _move(zpl, command, typeset=True)


def _move(zpl: Interpreter, command: Command, *, typeset: bool) -> None:
    x, y, align = numbers(command, 3)
    draft = zpl.open_format.draft
    draft.at = (x or 0, y or 0)
    draft.typeset = typeset
    draft.align = zpl.settings.align if align is None else align


def _choose_font(zpl: Interpreter, command: Command) -> None:
    text = command.text()
    parts = text.split(",")
    head = parts[0]
    draft = zpl.open_format.draft
    name = head[:1].upper() or "0"
    turn = head[1:2].upper()
    height, width = number(parts, 1), number(parts, 2)
    draft.font = sized(zpl, name, height, width)
    draft.turn = turn if turn in QUARTERS else zpl.settings.turn


def sized(zpl: Interpreter, name: str, height: int | None, width: int | None) -> FontChoice:
    default = zpl.settings.default_font
    if height is None and width is None:
        height, width = default.height, default.width
    return FontChoice(name, max(0, height or 0), max(0, width or 0))


def _choose_named_font(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    draft = zpl.open_format.draft
    turn = parts[0][:1].upper()
    draft.turn = turn if turn in QUARTERS else zpl.settings.turn
    named = parts[3].strip() if len(parts) > 3 else ""
    draft.font = sized(zpl, "0", number(parts, 1), number(parts, 2))
    zpl.open_format.page.list_unknown(f"font {named or '?'} drawn as font 0")


def _default_font(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    old = zpl.settings.default_font
    name = parts[0].strip()[:1].upper() or old.name
    height, width = number(parts, 1), number(parts, 2)
    if height is None and width is None:
        height, width = old.height, old.width
    zpl.settings.default_font = FontChoice(name, max(0, height or 0), max(0, width or 0))


def _alias_font(zpl: Interpreter, command: Command) -> None:
    letter, _, named = command.text().partition(",")
    if letter.strip():
        zpl.settings.aliases[letter.strip()[:1].upper()] = named.strip()


def choose_barcode(zpl: Interpreter, command: Command) -> None:
    text = command.text()
    # The orientation is the first letter; the rest are parameters after its comma.
    parts = text.split(",")
    turn = parts[0].strip()[:1].upper()
    zpl.open_format.draft.barcode = (
        command.name,
        turn if turn in QUARTERS else zpl.settings.turn,
        tuple(parts[1:]),
    )
    zpl.open_format.draft.stands = True


def _set_module(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    settings = zpl.settings
    width, height = number(parts, 0), number(parts, 2)
    if width:
        settings.module = max(1, min(width, _WIDEST_MODULE))
    if len(parts) > 1 and (match := re.match(r"\s*([0-9]+(?:\.[0-9]+)?)", parts[1])):
        settings.ratio = min(3.0, max(2.0, float(match[1])))
    if height:
        settings.bar_height = max(1, min(height, LONGEST_LABEL))


def _set_block(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    width = number(parts, 0) or 0
    justify = parts[3].strip().upper()[:1] if len(parts) > 3 else ""
    zpl.open_format.draft.block = (
        Block(
            width,
            max(1, min(number(parts, 1) or 1, 9999)),
            max(-9999, min(number(parts, 2) or 0, 9999)),
            justify if justify in ("L", "C", "R", "J") else "L",
            max(0, number(parts, 4) or 0),
        )
        if width > 0
        else None
    )


def _set_area(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    turn = parts[0].strip()[:1].upper()
    width, height = number(parts, 1) or 1, number(parts, 2) or 1
    zpl.open_format.draft.area = (
        max(1, width),
        max(1, height),
        turn if turn in QUARTERS else "",
    )


def _reverse_field(zpl: Interpreter, command: Command) -> None:
    zpl.open_format.draft.reverse = True


def _escape_field(zpl: Interpreter, command: Command) -> None:
    zpl.open_format.draft.escape = command.parameters[0] if command.parameters else ord("_")


def _set_content(zpl: Interpreter, command: Command) -> None:
    draft = zpl.open_format.draft
    content = command.parameters.translate(None, b"\r\n")
    if len(content) > _LONGEST_FIELD:
        zpl.note(f"{len(content)} bytes of field data, only {_LONGEST_FIELD} are printed")
    draft.content = content[:_LONGEST_FIELD]


def _count_content(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    draft = zpl.open_format.draft
    step_text = parts[1].strip() if len(parts) > 1 else ""
    step = int(step_text) if re.fullmatch(r"[+-]?[0-9]{1,12}", step_text) else 1
    zeros = len(parts) > 2 and parts[2].strip().upper() == "Y"
    draft.content = parts[0].encode("latin-1") or b"1"

    def advance(content: bytes, copy: int) -> bytes:
        text = next_decimal(content.decode("latin-1"), step * copy)
        return (text if zeros else strip_zeros(text)).encode("latin-1")

    draft.serial = advance


def _count_masked(zpl: Interpreter, command: Command) -> None:
    mask, _, increment = command.text().partition(",")
    reached: dict[bytes, tuple[int, str]] = {}

    def advance(content: bytes, copy: int) -> bytes:
        at, text = reached.get(content, (0, content.decode("latin-1")))
        if at > copy:
            at, text = 0, content.decode("latin-1")
        for _ in range(copy - at):
            text = next_masked(text, mask, increment.strip() or "1")
        reached[content] = copy, text
        return text.encode("latin-1")

    zpl.open_format.draft.serial = advance


def _number_field(zpl: Interpreter, command: Command) -> None:
    if match := re.match(r"\s*([0-9]{1,4})", command.text()):
        zpl.open_format.draft.number = int(match[1])
    else:
        zpl.list_command(command)


def _field_default(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    turn = parts[0].strip().upper()[:1]
    if turn in QUARTERS:
        zpl.settings.turn = turn
    align = number(parts, 1)
    if align is not None:
        zpl.settings.align = align


def _encoding(zpl: Interpreter, command: Command) -> None:
    number = numbers(command, 1)[0] or 0
    if number not in ENCODINGS:
        zpl.list_command(command)
        return
    zpl.settings.encoding = number


DESCRIBING: Mapping[str, Act] = {
    "^A": _choose_font,
    "^A@": _choose_named_font,
    "^BY": _set_module,
    "^CF": _default_font,
    "^CI": _encoding,
    "^CW": _alias_font,
    "^FB": _set_block,
    "^FD": _set_content,
    "^FH": _escape_field,
    "^FN": _number_field,
    "^FO": _origin,
    "^FR": _reverse_field,
    "^FT": _typeset,
    "^FV": _set_content,
    "^FW": _field_default,
    "^SF": _count_masked,
    "^SN": _count_content,
    "^TB": _set_area,
}
"""Commands by name."""
