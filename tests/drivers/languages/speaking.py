"""A virtual printer of any language without a socket: bytes in, paper and answers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from gateway.drivers.languages import Model, Page
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.printer import Language, speaker_of
from gateway.label import Label, Tile
from gateway.templates.builtin import builtin_templates
from gateway.templates.layout import UTC, Head, Moment, compile_template
from gateway.units import Density
from tests.drivers.languages.judging import SLOWEST, Printed


@dataclass
class Spoken:
    """A printer that keeps what it is told to keep, and prints at once."""

    machine: Machine
    language: Language
    answers: bytearray = field(default_factory=bytearray)
    stored: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.language.answer = self.answers.extend

    def feed(self, payload: bytes) -> None:
        self.language.feed(payload, self.machine.session)
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


@contextmanager
def speaking(
    language: str, density: Fraction | int, width: int, height: int, head: int = 0
) -> Iterator[Spoken]:
    """A printer with labels of width × height dots in it."""
    make = Make(
        density=density, stock_width=width, stock_height=height, head_width=head or max(width, 832)
    )
    machine = Machine(Paper(), make, pace=Pace(speed_mm_s=0))
    machine.start()
    try:
        yield Spoken(machine, speaker_of(language)(machine, None, False))
    finally:
        machine.stop()


@contextmanager
def loaded_with(label: Label, model: Model) -> Iterator[Spoken]:
    """A printer of that model with stock of the label's size."""
    head = model.head_dots or label.width
    with speaking(model.language, label.density, label.width, label.height, head) as printer:
        yield printer


def differing(one: Tile, other: Tile) -> int:
    """Return how many dots differ between two tiles of one size."""
    assert (one.width, one.height) == (other.width, other.height)
    return (int.from_bytes(one.ink, "big") ^ int.from_bytes(other.ink, "big")).bit_count()


def builtin_label(name: str, density: Density) -> Label:
    """Return a built-in template filled with its own example."""
    template = builtin_templates()[name]
    design = compile_template(template, Head(density), None)
    counters = {counter.name: 1 for counter in template.counters}
    return design.lay_out(design.bind(template.example(), NOON, counters))


BUILTIN = tuple(sorted(builtin_templates()))
NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)


def speckled(width: int, height: int, seed: int) -> Tile:
    """Ink that no compression likes: a linear congruential generator's top bits."""
    state, ink = seed, bytearray()
    stride = (width + 7) // 8
    keep = 0xFF << (8 * stride - width) & 0xFF
    for _ in range(height):
        for _ in range(stride):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            ink.append(state >> 23 & 0xFF)
        ink[-1] &= keep
    return Tile(width, height, bytes(ink))
