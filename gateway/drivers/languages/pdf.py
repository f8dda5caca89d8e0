"""Labels as PDF: one page each at its true size, the dots as a 1-bit picture.

The file is written by hand: a catalogue, and for each label a page, its contents and a picture
(ISO 32000-1, 7.5 and 8.9.5). Equal labels share one picture.

>>> from gateway.units import parse_density
>>> pdf([Label(8, 8, parse_density(8), ())])[:9]
b'%PDF-1.4\\n'
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from fractions import Fraction

from gateway.drivers.languages.page import Language, Mode, Model, Page
from gateway.label import Label, Tile, draw
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density


def pdf(labels: Iterable[Label]) -> bytes:
    """Return a PDF document with one page for each label."""
    objects: list[bytes] = [b"", b""]  # 1 is the catalogue and 2 the list of pages
    pictures: dict[Tile, int] = {}
    pages: list[int] = []
    for label in labels:
        tile = draw(label)
        if tile not in pictures:
            objects.append(_picture(tile))
            pictures[tile] = len(objects)
        width, height = (_points(dots, label.density) for dots in (label.width, label.height))
        # A hair smaller than the page for the same reason.
        drawing = b"%.4f 0 0 %.4f 0 0 cm /L Do" % (width - 0.001, height - 0.001)
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.4f %.4f]/Contents %d 0 R"
            b"/Resources<</XObject<</L %d 0 R>>>>>>" % (width, height, len(objects), pictures[tile])
        )
        pages.append(len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    kids = b" ".join(b"%d 0 R" % page for page in pages)
    objects[1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(pages), kids)
    return _assemble(objects)


def _points(dots: int, density: Density) -> float:
    """Return a length in points of 1/72 inch, short of the truth by less than a thousandth.

    Readers round sides up to whole dots, and their arithmetic is single precision: a page a hair
    too wide is one dot too wide, and its picture is stretched over it.
    """
    exact = dots / density * Fraction(720, 254)
    return int(exact * 10_000) / 10_000 - 0.0002


def _picture(tile: Tile) -> bytes:
    packed = zlib.compress(tile.ink, 6)
    # A stencil: 1 bits are painted in the fill colour, which is black, and paper stays paper.
    return (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ImageMask true/BitsPerComponent 1"
        b"/Decode[1 0]/Interpolate false/Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
        % (tile.width, tile.height, len(packed), packed)
    )


def _assemble(objects: list[bytes]) -> bytes:
    # Four bytes above 127 tell transports that the file is binary (7.5.2).
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def _encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    return Page(pdf((label,)))


PDF = Language("pdf", "PDF document", "application/pdf", _encode)
"""A preview at its true size, for paper or mail."""
