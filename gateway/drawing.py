"""From an accepted label to a page of bytes: the straight part of the pipe, drawn at the claim.

    Piece ──fields, counters, date──► Row ──lay_out──► Label ──encode──► Page

Everything a label needs was fixed when it was accepted: the template's version, its fields, the
first value of each counter and the moment that dates show. Drawing the same label twice gives the
same dots, today or at a reprint next year.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args
from zoneinfo import ZoneInfo

from gateway.drivers.languages import load_language
from gateway.drivers.languages.batch import hold_common
from gateway.drivers.languages.page import Mode, Model, Page
from gateway.drivers.models import find_model
from gateway.drivers.transports import check_payload
from gateway.errors import DocumentRefused, RawRefused
from gateway.label import Commands, Label, Picture, Tile, draw, move, on_stock
from gateway.ledger import Piece, Ticket
from gateway.printers import Printer
from gateway.units import format_density, to_dots

if TYPE_CHECKING:
    from gateway.drivers.document import Placing
    from gateway.templates.binding import Moment, Row
    from gateway.templates.drafting import Sketch
    from gateway.templates.layout import Design, Head
    from gateway.templates.model import Template
    from gateway.templates.typefaces import Resources

T = TypeVar("T")

KEPT_DESIGNS = 64
"""Templates compiled for a head and kept; a warehouse prints from a handful."""

KEPT_PAPERS = 4
"""Raw or document jobs whose pieces are kept between the claims of their labels."""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF or picture to print as it is."""

    content: bytes
    type: str
    """``application/pdf``, ``image/png`` …"""
    fit: str = "contain"
    rotation: int = 0
    pages: str = ""
    """``1-3,5``; empty for all."""


KEPT_PAGES = 16
"""Drawn pages of documents that are kept: copies of one page are drawn once."""


KEPT_FIRSTS = 64
"""First labels of jobs that are kept, to see what the later ones share with them."""


class Templates(Protocol):
    def by_version(self, version: str) -> Template: ...


class _Kept:
    """The last few results of something slow. One lock, never held while making one."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                found: T = self._results[key]
                return found
        result = make()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        return result


def model_of(printer: Printer) -> Model:
    """Return what the encoder may use on this printer."""
    return find_model(printer.model, printer.language, printer.density)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class Drawing:
    """Draws accepted labels; shared by all printers' threads and by the API's pictures."""

    def __init__(
        self, templates: Templates, resources: Resources, payload: Callable[[int], bytes]
    ) -> None:
        self._templates, self._resources, self._payload = templates, resources, payload
        self._designs = _Kept(KEPT_DESIGNS)
        self._papers = _Kept(KEPT_PAPERS)
        self._pages = _Kept(KEPT_PAGES)
        self._firsts = _Kept(KEPT_FIRSTS)

    def design(self, template: Template, printer: Printer) -> Design:
        """Return a template compiled for a printer's head.

        Raises:
            InputRefused: something in it cannot be printed at that density.
        """
        model = model_of(printer)
        key = (template.version, printer.density, model.head_dots)

        def compile_it() -> Design:
            from gateway.templates.layout import Head, compile_template

            head = Head(printer.density, model.head_dots or None)
            return compile_template(template, head, self._resources)

        return self._designs.get(key, compile_it)

    def sketch(
        self,
        document: object,
        head: Head,
        values: Mapping[str, object],
        at: Moment,
        counters: Mapping[str, int],
    ) -> Sketch:
        """Return a label that somebody works on, as far as it can be drawn.

        Raises:
            InputRefused: it is wrong outside of its elements.
        """
        from gateway.templates.drafting import sketch

        return sketch(document, head, values, at, self._resources, counters)

    def page(self, piece: Piece, printer: Printer) -> Page:
        """Return a label as the printer's language.

        Raises:
            InputRefused: it cannot be drawn for this printer, or the way to it would garble it.
        """
        page = self._page(piece, printer)
        for stored in page.needs:
            check_payload(printer.url, stored.payload)
        check_payload(printer.url, page.body)
        return page

    def _page(self, piece: Piece, printer: Printer) -> Page:
        if piece.body is not None:
            return Page(body=piece.body)
        if piece.ticket.kind == "raw":
            return Page(body=self._raw_piece(piece, printer))
        mode: Mode = "native" if piece.ticket.mode == "native" else "exact"
        label = self.label(piece, printer)
        # What a job's labels share is stored in the printer once, not sent with each.
        first = self._firsts.get((piece.ticket.job, printer.id, printer.density), lambda: label)
        if first is not label:
            label = hold_common(label, first)
        return self._encode(label, mode, printer)

    def _encode(self, label: Label, mode: Mode, printer: Printer) -> Page:
        setup, media, language = printer.setup, printer.media, load_language(printer.language)
        for element in label.elements:
            if isinstance(element, Commands):
                refuse_commands(element.id, element.language, printer)
        label = move(
            label, to_dots(setup.offset_x, label.density), to_dots(setup.offset_y, label.density)
        )
        if language.fills_stock:
            endless = setup.tracking == "continuous"
            label = on_stock(
                label,
                to_dots(media.width, label.density),
                label.height if endless else to_dots(media.height, label.density),
            )
        return language.encode(label, mode, model_of(printer), setup)

    def check_stock(self, label: Callable[[], Label], printer: Printer) -> None:
        """Refuse a label that a printer's stock cannot take, where that is the printer's rule.

        Raises:
            PrinterRefused: there is no such stock, or ink lies in its margin.
        """
        if load_language(printer.language).fills_stock:
            self._encode(label(), "exact", printer)

    def label(self, piece: Piece, printer: Printer) -> Label:
        """Return a template's or document's label, laid out for the printer's head."""
        if piece.ticket.kind == "document":
            return self._document_label(piece, printer)
        template = self._templates.by_version(piece.ticket.version or "")
        design = self.design(template, printer)
        return design.lay_out(self._row(design, template, piece))

    def picture(self, piece: Piece, printer: Printer) -> Tile:
        """Return the ink of an accepted label.

        Raises:
            InputRefused: it cannot be drawn for this printer.
        """
        if piece.ticket.kind == "raw":
            return raw_tile(self._raw_piece(piece, printer), printer)
        return draw(self.label(piece, printer))

    def _row(self, design: Design, template: Template, piece: Piece) -> Row:
        ticket = piece.ticket
        number = original_number(ticket, piece.number)
        first = ticket.options.get("counters", ticket.counters)
        assert isinstance(first, Mapping)
        counters = {
            counter.name: first[counter.name] + (number - 1) * counter.step
            for counter in template.counters
        }
        return design.bind(json.loads(piece.fields or "{}"), moment_of(ticket), counters)

    def _raw_piece(self, piece: Piece, printer: Printer) -> bytes:
        ticket = piece.ticket

        def split() -> tuple[bytes, ...]:
            language = load_language(printer.language)
            if language.split is None:
                raise RawRefused(f"Printer {printer.name!r} takes no raw commands.")
            pieces = language.split(self._payload(ticket.job), not ticket.counted)
            return tuple(raw.payload for raw in pieces)

        pieces = self._papers.get((ticket.job, printer.language), split)
        return pieces[original_number(ticket, piece.number) - 1]

    def document_tile(self, document: Document, number: int, printer: Printer) -> Tile:
        """Return the ``number``-th chosen page of a document as it prints on a printer's stock.

        Raises:
            DocumentRefused: it cannot be read.
        """
        from gateway.drivers.document import draw_page

        media, density = printer.media, printer.density
        page = chosen_pages(document)[number - 1]
        width, height = to_dots(media.width, density), to_dots(media.height, density)
        return draw_page(document.content, page, width, height, density, placing_of(document))

    def check_document(self, document: Document, printer: Printer) -> int:
        """Return how many labels a document makes, each of which can be drawn for the printer.

        Raises:
            DocumentRefused: it cannot be read, has no such page, or one is too large.
        """
        from gateway.drivers.document import check_pages

        media, density = printer.media, printer.density
        placing, pages = placing_of(document), chosen_pages(document)
        width, height = to_dots(media.width, density), to_dots(media.height, density)
        check_pages(document.content, pages, width, height, density, placing)
        return len(pages)

    def _document_label(self, piece: Piece, printer: Printer) -> Label:
        ticket, options = piece.ticket, piece.ticket.options

        def read() -> Document:
            return Document(
                self._payload(ticket.job),
                str(options["type"]),
                str(options.get("fit", "contain")),
                int(str(options.get("rotation", 0))),
                str(options.get("pages", "")),
            )

        document = self._papers.get((ticket.job, "document"), read)
        number = original_number(ticket, piece.number)
        tile = self._pages.get(
            (ticket.job, number, printer.media, printer.density),
            lambda: self.document_tile(document, number, printer),
        )
        page = Picture("document", 0, 0, 0, tile, fixed=False)
        return Label(tile.width, tile.height, printer.density, (page,))


def check_commands(template: Template, printer: Printer) -> None:
    """Refuse a template with printer commands in it where this printer does not print them.

    Raises:
        RawRefused: they are of another language, or count the dots of another head.
    """
    for element in template.commands():
        refuse_commands(element.id, element.language, printer)
        if element.density is not None and element.density != printer.density:
            raise RawRefused(
                f"{element.id!r} holds printer commands for "
                f"{format_density(element.density)} dots per mm, and printer {printer.name!r} "
                f"prints {format_density(printer.density)}; replace it by elements of the editor, "
                "which any head prints.",
                element=element.id,
            )


def refuse_commands(name: str, language: str, printer: Printer) -> None:
    """Refuse an element of printer commands of another language than the printer's.

    Raises:
        RawRefused: it speaks another.
    """
    if language != printer.language:
        speaks = load_language(printer.language).title
        raise RawRefused(
            f"{name!r} holds printer commands of {load_language(language).title}, and printer "
            f"{printer.name!r} speaks {speaks}; print on one that understands them, or replace "
            "the element by one that every printer prints.",
            element=name,
            language=language,
        )


def raw_tile(commands: bytes, printer: Printer) -> Tile:
    """Return a raw label as the virtual printer draws it; a real one's own fonts may differ."""
    from gateway.drivers.virtual.preview import draw_commands

    media, density = printer.media, printer.density
    drawn = draw_commands(
        printer.language,
        commands,
        density=density,
        width_mm=media.width / 1000,
        height_mm=media.height / 1000,
        most=1,
    )
    width, height = to_dots(media.width, density), to_dots(media.height, density)
    if not drawn:  # commands that print nothing the virtual printer knows
        return Tile(width, height, bytes((width + 7) // 8 * height))
    tile = drawn[0].tile
    stride = (tile.width + 7) // 8
    spare = 8 * stride - tile.width
    ink = b"".join((row << spare).to_bytes(stride, "big") for row in tile.rows)
    return Tile(tile.width, tile.height, ink)


def placing_of(document: Document) -> Placing:
    """Return how a document lies on the label.

    Raises:
        DocumentRefused: there is no such fit or rotation.
    """
    from gateway.drivers.document import Fit, Placing

    fits = get_args(Fit)
    if document.fit not in fits:
        raise DocumentRefused(
            f"fit is {document.fit!r}; expected one of {', '.join(fits)}.", fit=document.fit
        )
    if document.rotation not in (0, 90, 180, 270):
        raise DocumentRefused(
            f"rotation is {document.rotation}; expected 0, 90, 180 or 270 degrees clockwise.",
            rotation=document.rotation,
        )
    return Placing(document.fit, document.rotation)  # type: ignore[arg-type]


def chosen_pages(document: Document) -> tuple[int, ...]:
    """Return the numbers of a document's pages to print, as asked for by ``1-3,5``.

    Raises:
        DocumentRefused: it cannot be read, or has no such page.
    """
    from gateway.drivers.document import inspect_document

    total = inspect_document(document.content).pages
    if not document.pages:
        return tuple(range(1, total + 1))
    chosen: list[int] = []
    for part in document.pages.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,5})\s*(?:-\s*([0-9]{1,5})\s*)?", part, re.ASCII)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= total:
            raise DocumentRefused(
                f"pages is {document.pages!r}, and {part.strip()!r} is no page of a document of "
                f"{total}; write it as '1-3,5'.",
                pages=document.pages,
                total=total,
            )
        chosen += range(first, last + 1)
    return tuple(chosen)


def original_number(ticket: Ticket, number: int) -> int:
    """Return the place a label has in the job it was first accepted with; reprints keep it."""
    numbers = ticket.options.get("numbers")
    return int(numbers[number - 1]) if isinstance(numbers, list) else number


def moment_of(ticket: Ticket) -> Moment:
    """Return the moment dates on a job's labels show: that of its first acceptance."""
    from gateway.templates.binding import Moment

    at = ticket.options.get("at", ticket.accepted_at)
    return moment(int(str(at)), str(ticket.options.get("zone", "UTC")), Moment)


def moment(at: int, zone: str, make: Callable[[datetime, ZoneInfo], T]) -> T:
    """Return a moment on a site's clock, from microseconds UTC."""
    return make(datetime.fromtimestamp(at / 1_000_000, UTC), _zone(zone))
