"""What a ZPL printer knows between commands, as far as a template can say it.

>>> number(["10", " +20", "x"], 1), number(["10", "+20", "x"], 2)
(20, None)
>>> unescape(b"A_42_zz", ord("_"))
b'AB_zz'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.templates.bringing.placing import Box
from gateway.zpl.commands import Command

QUARTERS: Final = {"N": 0, "R": 1, "I": 2, "B": 3}
"""Turns clockwise (ZPL II guide, ^FW)."""

# ZPL II guide, ^CI: 28 is UTF-8, 27 Windows-1252; 0 to 13 are code page 850 with other signs for
# a few characters.
ENCODINGS: Final = {0: "cp850", 13: "cp850", 27: "cp1252", 28: "utf-8"}


def number(parts: Sequence[str], at: int) -> int | None:
    """Return a parameter as a whole number; None when it is left out or is none."""
    match = re.match(r"\s*([+-]?[0-9]{1,9})", parts[at]) if at < len(parts) else None
    return int(match[1]) if match else None


def letter(parts: Sequence[str], at: int) -> str:
    """Return a parameter's first letter, as a capital; empty when it is left out."""
    return parts[at].strip()[:1].upper() if at < len(parts) else ""


def field_data(value: bytes) -> bytes:
    """Return field data without line breaks, which a printer passes over (ZPL II guide, ^FD)."""
    return value.translate(None, b"\r\n")


def unescape(content: bytes, escape: int) -> bytes:
    """Return field data with its hexadecimal bytes written out (ZPL II guide, ^FH)."""
    pattern = re.escape(bytes([escape])) + rb"([0-9A-Fa-f]{2})"
    return re.sub(pattern, lambda found: bytes([int(found[1], 16)]), content)


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font of the printer, and the size asked for in dots; 0 when it was not."""

    name: str = "A"
    height: int = 9
    width: int = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What stays in force from field to field; as a printer begins (ZPL II guide, defaults)."""

    home: tuple[int, int] = (0, 0)
    width: int = 0
    """^PW in dots; 0 when it is not said."""
    length: int = 0
    upside_down: bool = False
    reverse: bool = False
    turn: str = "N"
    align: int = 0
    font: Typeface = field(default_factory=Typeface)
    module: int = 2
    ratio: float = 3.0
    bar_height: int = 10
    encoding: int = 0
    said: tuple[tuple[Command, bytes], ...] = ()
    """Commands in force, with how they were written."""

    def told(self, command: Command, written: bytes) -> Settings:
        """Return the settings after a command that changes some; they remember how it was said."""
        parts = command.parts()
        now = replace(self, said=(*_in_force(self.said, command), (command, written)))
        match command.name:
            case "^LH":
                return replace(
                    now, home=(max(0, number(parts, 0) or 0), max(0, number(parts, 1) or 0))
                )
            case "^FW":
                turn = letter(parts, 0)
                align = number(parts, 1)
                return replace(
                    now,
                    turn=turn if turn in QUARTERS else self.turn,
                    align=self.align if align is None else align,
                )
            case "^CF":
                return replace(
                    now, font=chosen(letter(parts, 0) or self.font.name, parts, self.font)
                )
            case "^BY":
                written_ratio = re.match(r"[0-9]+(\.[0-9]+)?", parts[1]) if len(parts) > 1 else None
                return replace(
                    now,
                    module=max(1, min(number(parts, 0) or self.module, 10)),
                    ratio=min(3.0, max(2.0, float(written_ratio[0])))
                    if written_ratio
                    else self.ratio,
                    bar_height=max(1, number(parts, 2) or self.bar_height),
                )
            case "^CI":
                return replace(now, encoding=number(parts, 0) or 0)
            case "^LR":
                return replace(now, reverse=letter(parts, 0) == "Y")
            case _:
                return now


def _in_force(
    said: tuple[tuple[Command, bytes], ...], command: Command
) -> tuple[tuple[Command, bytes], ...]:
    """Return what still holds of earlier commands: a parameter left out keeps its value."""
    given = _given(command)
    return tuple(one for one in said if one[0].name != command.name or not _given(one[0]) <= given)


def _given(command: Command) -> set[int]:
    return {at for at, part in enumerate(command.parts()) if part}


def chosen(name: str, parts: Sequence[str], otherwise: Typeface) -> Typeface:
    """Return the font that ^A or ^CF chooses: without a size, it is that of ``otherwise``."""
    height, width = number(parts, 1), number(parts, 2)
    if not height and not width:
        return Typeface(name, otherwise.height, otherwise.width)
    return Typeface(name, max(0, height or 0), max(0, width or 0))


CODES: Final = re.compile(r"\^B[0-9A-Z]")
"""Commands that choose a bar code; ^BY only sets one up."""


@dataclass(slots=True)
class Draft:
    """A field being described, up to its ^FS."""

    commands: list[tuple[Command, bytes]] = field(default_factory=list)
    """With how each was written."""
    at: tuple[int, int] | None = None
    typeset: bool = False
    align: int = 0
    font: Typeface | None = None
    turn: str = ""
    code: Command | None = None
    block: list[str] | None = None
    """Parameters of ^FB."""
    area: list[str] | None = None
    """Parameters of ^TB."""
    reverse: bool = False
    escape: int | None = None
    content: bytes | None = None
    number: int | None = None
    prompt: str = ""
    counts: Command | None = None
    """^SN or ^SF."""
    clock: str = ""
    """The sign before a part of the time (^FC)."""
    shape: Command | None = None
    comment: str = ""
    before: Settings | None = None
    """What was in force when it began."""
    reach: Box | None = None
    """Where its ink is on the label, as far as it is known."""

    @property
    def stands(self) -> bool:
        """Whether it is a field at all, and not only a value or a setting."""
        return bool(self.commands) and (
            self.shape is not None or self.content is not None or self.number is not None
        )

    def written(self) -> bytes:
        """Return its commands as they were written."""
        return b"".join(written for _, written in self.commands)

    def describe(self, command: Command, settings: Settings, prompts: Mapping[int, str]) -> None:
        """Take a command of the field."""
        parts = command.parts()
        match command.name:
            case "^FO" | "^FT":
                align = number(parts, 2)
                self.at = max(0, number(parts, 0) or 0), max(0, number(parts, 1) or 0)
                self.typeset = command.name == "^FT"
                self.align = settings.align if align is None else align
            case "^A" | "^A@":
                head = parts[0] if parts else ""
                named = command.name == "^A@"
                turn = head[:1] if named else head[1:2]
                self.turn = turn.upper() if turn.upper() in QUARTERS else settings.turn
                name = "@" if named else head[:1].upper() or "0"
                self.font = chosen(name, parts, settings.font)
            case "^FB":
                self.block = parts
            case "^TB":
                self.area = parts
            case "^FR":
                self.reverse = True
            case "^FH":
                self.escape = command.value[0] if command.value.strip() else ord("_")
            case "^FN":
                self.number = number(parts, 0)
                self.prompt = prompts.get(self.number or 0, "")
            case "^FD" | "^FV":
                self.content = field_data(command.value)
            case "^SN":
                self.content = parts[0].encode("latin-1") if parts else b"1"
                self.counts = command
            case "^SF":
                self.counts = command
            case "^FC":
                self.clock = command.value.decode("latin-1")[:1] or "%"
            case "^GB" | "^GC" | "^GD" | "^GE" | "^GF" | "^GS" | "^XG" | "^IM" | "^IL":
                self.shape = command
            case _ if CODES.fullmatch(command.name):
                self.code = command
            case _:
                pass
