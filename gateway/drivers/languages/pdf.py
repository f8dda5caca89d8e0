"""Labels as PDF: one page each at its true size, or many on a sheet; dots as 1-bit pictures.

    labels ──pdf──► a page for each
    labels, Sheet ──pdf_sheets──► pages of paper with the labels in their places

The file is written by hand: a catalogue, and for each page its contents and its pictures
(ISO 32000-1, 7.5 and 8.9.5). Equal labels share one picture.

>>> from gateway.units import parse_density
>>> pdf([Label(8, 8, parse_density(8), ())])[:9]
b'%PDF-1.4\\n'
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from typing import Final

from gateway.drivers.languages.page import Language, Mode, Model, Page
from gateway.drivers.languages.sheets import Sheet
from gateway.errors import InputRefused, OffTheLabel
from gateway.label import Label, Tile, draw
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density, say_length


def pdf(labels: Iterable[Label]) -> bytes:
    """Return a PDF document with one page for each label."""
    file = _File()
    for label in labels:
        width, height = (_points(dots, label.density) for dots in (label.width, label.height))
        picture = file.picture(draw(label))
        # A hair smaller than the page for the same reason.
        drawing = b"%.4f 0 0 %.4f 0 0 cm /L%d Do" % (width - 0.001, height - 0.001, picture)
        file.page(width, height, drawing, (picture,))
    return file.written()


def pdf_sheets(
    labels: Iterable[Label], sheet: Sheet, *, start: int = 1, marks: bool = False
) -> bytes:
    """Return a PDF document of sheets with the labels in their places, in reading order.

    ``start`` is the first place used of the first sheet, from 1, for one that has labels missing.
    A label smaller than its place lies in the middle of it. ``marks`` draws where to cut plain
    paper, in the margins.

    Raises:
        InputRefused: the sheet has no such place, or there is no label.
        OffTheLabel: a label is larger than the sheet's.
    """
    if not 1 <= start <= sheet.count:
        raise InputRefused(
            f"The sheet has {sheet.count} labels, so its first free place is a number from 1 to "
            f"{sheet.count}, got {start}.",
            start=start,
            count=sheet.count,
        )
    file = _File()
    width, height = _of_um(sheet.width), _of_um(sheet.height)
    border = _cut_marks(sheet) if marks else []
    drawing, used = list(border), dict[int, None]()
    pages = 0
    last = start - 1
    for last, label in enumerate(labels, start):
        page, left, top = sheet.place(last)
        if page > pages:
            file.page(width, height, b"\n".join(drawing), tuple(used))
            drawing, used, pages = list(border), {}, page
        wide, high = (Fraction(dots * 1000) / label.density for dots in (label.width, label.height))
        dot = 1000 / label.density
        # Whole dots may be half a dot more than the template's size.
        if wide >= sheet.label_width + dot or high >= sheet.label_height + dot:
            raise OffTheLabel(
                f"The label is {say_length(round(wide))} × {say_length(round(high))} and the "
                f"sheet's labels are {say_length(sheet.label_width)} × "
                f"{say_length(sheet.label_height)}; use a smaller template or another sheet.",
                width=round(wide),
                height=round(high),
            )
        x = left + (sheet.label_width - wide) / 2
        y = sheet.height - top - (sheet.label_height + high) / 2
        picture = file.picture(draw(label))
        used[picture] = None
        placed = tuple(float(_of_um(length)) for length in (wide, high, x, y))
        drawing.append(b"q %.4f 0 0 %.4f %.4f %.4f cm /L%d Do Q" % (*placed, picture))
    if last < start:
        raise InputRefused("There is no label to put on a sheet; give one row or more.")
    file.page(width, height, b"\n".join(drawing), tuple(used))
    return file.written()


_MARK: Final = 3_000
"""µm a cut mark is long, as printers' shops make them."""
_AWAY: Final = 1_000
"""µm between a cut mark and the labels."""


def _cut_marks(sheet: Sheet) -> list[bytes]:
    """Return lines in the margins that show each label's edges."""
    _, right, bottom = sheet.place(sheet.count)
    right_edge, bottom_edge = right + sheet.label_width, bottom + sheet.label_height
    lines: list[tuple[int, int, int, int]] = []
    for column in range(sheet.columns):
        edge = sheet.left + column * sheet.pitch_x
        for x in (edge, edge + sheet.label_width):
            lines.append((x, sheet.top - _AWAY - _MARK, x, sheet.top - _AWAY))
            lines.append((x, bottom_edge + _AWAY, x, bottom_edge + _AWAY + _MARK))
    for row in range(sheet.rows):
        edge = sheet.top + row * sheet.pitch_y
        for y in (edge, edge + sheet.label_height):
            lines.append((sheet.left - _AWAY - _MARK, y, sheet.left - _AWAY, y))
            lines.append((right_edge + _AWAY, y, right_edge + _AWAY + _MARK, y))
    ends = (
        (float(_of_um(x)), float(_of_um(sheet.height - y)))
        for x1, y1, x2, y2 in dict.fromkeys(lines)
        for x, y in ((x1, y1), (x2, y2))
    )
    points = [b"%.4f %.4f" % end for end in ends]
    # A quarter of a point, the thinnest line that office printers draw without breaks.
    return [b"0.25 w"] + [
        b"%b m %b l S" % pair for pair in zip(points[::2], points[1::2], strict=True)
    ]


def _of_um(length: Fraction | int) -> Fraction:
    """Return a length of µm in points of 1/72 inch."""
    return length * Fraction(72, 25_400)


class _File:
    """The objects of a PDF file while it is written."""

    def __init__(self) -> None:
        self._objects: list[bytes] = [b"", b""]  # 1 is the catalogue and 2 the list of pages
        # By digest: the dots of a thousand labels would be a lot to hold.
        self._pictures: dict[tuple[int, int, bytes], int] = {}
        self._pages: list[int] = []

    def picture(self, tile: Tile) -> int:
        """Return the number of the tile's picture; equal tiles have one."""
        key = tile.width, tile.height, sha256(tile.ink).digest()
        if key not in self._pictures:
            self._objects.append(_picture(tile))
            self._pictures[key] = len(self._objects)
        return self._pictures[key]

    def page(
        self, width: float | Fraction, height: float | Fraction, drawing: bytes, used: Iterable[int]
    ) -> None:
        """Add a page of so many points that uses the pictures as ``/L<number>``."""
        self._objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing))
        named = b"".join(b"/L%d %d 0 R" % (number, number) for number in used)
        self._objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.4f %.4f]/Contents %d 0 R"
            b"/Resources<</XObject<<%b>>>>>>"
            % (float(width), float(height), len(self._objects), named)
        )
        self._pages.append(len(self._objects))

    def written(self) -> bytes:
        """Return the whole file."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
        self._objects[1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(self._pages), kids)
        return _assemble(self._objects)


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
