"""What a ZPL printer knows between commands: settings, the open format, the open field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.drivers.virtual.canvas import Ink
from gateway.drivers.virtual.zpl.fields import Block, Drawn
from gateway.drivers.virtual.zpl.page import Page

LONGEST_LABEL = 32000
"""Dots: the largest ^LL documented (ZPL II guide, ^LL)."""

# ZPL II guide, ^CI: 28 is UTF-8, 27 is Windows-1252, 0 and 13 are code page 850.
ENCODINGS = {0: "cp850", 13: "cp850", 27: "cp1252", 28: "utf-8"}


@dataclass(frozen=True, slots=True)
class FontChoice:
    """A font letter and its size in dots, 0 = not given."""

    name: str = "A"
    height: int = 0
    width: int = 0


@dataclass(slots=True)
class Settings:
    """What stays in force from label to label until it is changed or the power goes."""

    width: int = 0
    """^PW in dots; 0 = the stock's."""
    length: int = 0
    """^LL in dots; 0 = the stock's."""
    home: tuple[int, int] = (0, 0)
    shift_left: int = 0
    shift_down: int = 0
    inverted: bool = False
    mirrored: bool = False
    reverse: bool = False
    turn: str = "N"
    align: int = 0
    module: int = 2
    ratio: float = 3.0
    bar_height: int = 10
    default_font: FontChoice = field(default_factory=lambda: FontChoice("A", 9, 5))
    encoding: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    reprint: bool = True


@dataclass(slots=True)
class Draft:
    """The field being described, between one ^FS and the next."""

    at: tuple[int, int] | None = None
    typeset: bool = False
    align: int = 0
    font: FontChoice | None = None
    turn: str = ""
    barcode: tuple[str, str, tuple[str, ...]] | None = None
    block: Block | None = None
    area: tuple[int, int, str] | None = None
    reverse: bool = False
    escape: int | None = None
    content: bytes | None = None
    number: int | None = None
    graphic: Drawn | None = None
    ink: Ink = Ink.BLACK
    serial: Callable[[bytes, int], bytes] | None = None
    stands: bool = False
    """Whether any command said that this field is to be drawn."""


@dataclass(slots=True)
class OpenFormat:
    """The format being received."""

    page: Page = field(default_factory=Page)
    draft: Draft = field(default_factory=Draft)
    quantity: int = 1
    pause_every: int = 0
    replicates: int = 1
    octets: int = 0
    values: dict[int, bytes] = field(default_factory=dict)
    """What ^FN fields hold."""
    recalled: set[int] = field(default_factory=set)
    """Numbers of fields that a recalled format left to be filled."""
    answers_per_label: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    answers_per_format: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    depth: int = 0
