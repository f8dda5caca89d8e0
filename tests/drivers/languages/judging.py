"""Labels to encode, and a virtual printer to judge what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.drivers.languages import Graphics, Model, Page
from gateway.drivers.virtual.machine import Machine
from gateway.drivers.virtual.paper import ReadCode
from gateway.drivers.virtual.zpl.interpreter import Interpreter
from gateway.drivers.virtual.zpl.memory import Memory
from gateway.label import Barcode, Rotation, Tile
from gateway.units import parse_density

SLOWEST = 30.0
"""Seconds; only a hang takes as long."""


@dataclass
class Judge:
    """A virtual printer without a socket: bytes in, paper out."""

    machine: Machine
    memory: Memory = field(default_factory=Memory)
    stored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.interpreter = Interpreter(self.machine, self.memory)

    def feed(self, payload: bytes) -> None:
        self.interpreter.feed(payload)
        assert self.machine.wait_idle(SLOWEST)

    def print_pages(self, pages: Iterable[Page]) -> list[Printed]:
        """Send each page, storing what it needs once; return the pieces that came out."""
        before = self.machine.paper.count
        for page in pages:
            for stored in page.needs:
                if stored.name not in self.stored:
                    self.stored.add(stored.name)
                    self.feed(stored.payload)
            self.feed(page.body)
        return self.pieces(before)

    def pieces(self, after: int = 0) -> list[Printed]:
        paper = self.machine.paper
        out = []
        for piece in paper.pieces(after):
            tile = paper.tile(piece.number)
            assert tile is not None
            assert not piece.partial
            drawn = Tile(tile.width, tile.height, tile.to_bytes())
            out.append(Printed(drawn, piece.unknown, piece.notes, paper.codes(piece.number)))
        return out


@dataclass(frozen=True)
class Printed:
    tile: Tile
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    codes: tuple[ReadCode, ...]


MakeJudge = Callable[..., Judge]


def model(graphics: Graphics = "z64", *, keeps: bool = True, density: object = 8) -> Model:
    return Model(
        "judge",
        "A printer in a test",
        "zpl",
        parse_density(density),
        4000,
        graphics=graphics,
        keeps=keeps,
    )


def dots(rows: list[str]) -> Tile:
    """Return a tile from rows of ``#`` and ``.``."""
    width = len(rows[0])
    stride = (width + 7) // 8
    ink = b"".join(
        (int(row.replace("#", "1").replace(".", "0"), 2) << 8 * stride - width).to_bytes(stride)
        for row in rows
    )
    return Tile(width, len(rows), ink)


def turn(tile: Tile, rotation: Rotation) -> Tile:
    """Return the tile turned clockwise, dot by dot."""
    rows = tile.art().split("\n")
    for _ in range(rotation // 90):
        rows = ["".join(column) for column in zip(*reversed(rows), strict=True)]
    return dots(rows)


def barcode(
    symbology: str,
    content: str,
    x: int,
    y: int,
    module: int = 2,
    tall: int = 80,
    rotation: Rotation = 0,
    *,
    fixed: bool = False,
) -> Barcode:
    """Return a code as the layout places it."""
    symbol = SYMBOLOGIES[symbology].encode(content, Options())
    rows = ["".join(dot * module for dot in row) for row in symbol.art().split("\n")]
    linear = symbol.kind == "linear"
    tile = dots([row for row in rows for _ in range(tall if linear else module)])
    return Barcode(
        f"{symbology}-{x}-{y}",
        x,
        y,
        rotation,
        turn(tile, rotation),
        fixed,
        symbology,
        symbol.content,
        module,
        tall if linear else 0,
    )
