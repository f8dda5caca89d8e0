"""The seam between a label and a printer: what a language is given and what it gives back.

    Label ──encode(label, mode, model)──► Page ──► needs: kept by the printer, sent once
                                               └─► body: this label, sent for each piece of paper

>>> page = Page(body=b"^XA^XGR:GWAAAAAA.GRF,1,1^FS^XZ", needs=(
...     Stored("R:GWAAAAAA.GRF", b"~DGR:GWAAAAAA.GRF,1,1,80", b"^XA^IDR:GWAAAAAA.GRF^FS^XZ"),))
>>> [stored.name for stored in page.needs]
['R:GWAAAAAA.GRF']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gateway.errors import PrinterRefused
from gateway.label import Label
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density, Um, format_density

Mode = Literal["exact", "native"]
"""``exact``: dot for dot as previewed. ``native``: the printer's own codes, boxes and font."""

Graphics = Literal["z64", "rle", "hex"]
"""How a ZPL printer takes pictures: zlib in base 64, run lengths in ASCII, plain hexadecimal."""


@dataclass(frozen=True, slots=True)
class Model:
    """What an encoder and an operator must know of a printer."""

    name: str
    title: str
    language: str
    density: Density
    head_dots: int | None = None
    """Dots the print head is wide; None when nobody knows."""
    graphics: Graphics = "rle"
    keeps: bool = True
    """True when pictures and formats can be kept in its memory (``R:``)."""
    source: str = ""
    """Where the vendor documents it."""
    quirks: frozenset[str] = frozenset()
    """What it cannot do, or does in its own way: names in ``gateway.drivers.models.QUIRKS``."""
    code_pages: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Python codec to the number by which the printer knows the code page (ESC/POS ESC t)."""
    usb: tuple[str, ...] = ()
    """``vendor:product`` in hexadecimal, lower case."""
    ids: tuple[str, ...] = ()
    """How it names itself: IEEE 1284 model, mDNS type, answers to questions."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Something a printer keeps in its memory until it loses power.

    The name is made from the content: the same name is always the same bytes.
    """

    name: str
    payload: bytes
    """Bytes that store it; nothing is printed."""
    forget: bytes
    """Bytes that remove it; empty for settings, which the next ones replace."""


@dataclass(frozen=True, slots=True)
class Page:
    """One label as bytes."""

    body: bytes
    needs: tuple[Stored, ...] = ()
    """What the printer must hold before ``body`` is sent."""
    approximate: tuple[str, ...] = ()
    """Ids of the elements that may differ from the preview."""


@dataclass(frozen=True, slots=True)
class RawPiece:
    """One printed piece of a document in a printer's own language."""

    payload: bytes
    counted: bool
    """False when nobody can tell how many pieces of paper it makes."""


NO_MARGINS = (Um(0), Um(0))


class Encode(Protocol):
    """Writes a label in a printer's language."""

    def __call__(self, label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page: ...


@dataclass(frozen=True, slots=True)
class Language:
    """A printer language, or a kind of picture."""

    name: str
    title: str
    media_type: str
    """What an HTTP answer with such a page is called."""
    encode: Encode
    split: Callable[[bytes, bool], tuple[RawPiece, ...]] | None = None
    """``split(document, uncounted)``: the printed pieces; None when raw documents make no sense."""
    fills_stock: bool = False
    """Its printers are told which stock must lie in them, and print on no other: a smaller label is
    put on the whole of it, and what the stock refuses is found out before a job is accepted."""
    margins: tuple[Um, Um] = NO_MARGINS
    """µm at the sides, and before and behind, where its printers cannot print."""


def check_density(label: Label, model: Model) -> None:
    """Refuse a label whose dots are of another size than the printer's.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
    """
    if label.density != model.density:
        raise PrinterRefused(
            f"The label is laid out for {format_density(label.density)} dots per mm and model "
            f"{model.name!r} prints {format_density(model.density)}; lay it out for this printer.",
            label=str(label.density),
            printer=str(model.density),
        )
