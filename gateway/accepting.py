"""Acceptance: a request becomes an order, or a refusal that names every wrong label.

    JobRequest ──► template, printer, head ──► every row bound and checked ──► Order

Nothing is drawn and nothing is stored here. What an ``Order`` holds can be printed: fields,
characters, glyphs, sizes and codes of every row were checked for the printer's head.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.drawing import Document, Drawing, moment, original_number, raw_tile
from gateway.drivers.languages import load_language
from gateway.errors import (
    DocumentRefused,
    FieldRefused,
    GatewayError,
    InputRefused,
    NotNow,
    RawRefused,
    Several,
)
from gateway.label import Tile, draw
from gateway.ledger import Order, Piece
from gateway.printers import Printer

if TYPE_CHECKING:
    from gateway.templates.model import Template

__all__ = ["Desk", "Document", "JobRequest"]

MOST_COPIES = 10_000
MOST_LABELS = 100_000
"""Labels of one job, copies counted: a roll has a few thousand."""

MOST_REFUSALS = 100
"""Refused rows that are told one by one; the rest are only counted."""

LONGEST_LIFE = 366 * 86_400.0
"""Seconds a job may wait before it expires."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a caller asks for, with the right types and nothing more checked."""

    printer: str
    template: str | None = None
    version: str | None = None
    labels: Sequence[Mapping[str, object]] = field(default_factory=lambda: ({},))
    copies: int = 1
    mode: str | None = None
    priority: int = 0
    hold: bool = False
    strict: bool = False
    expires_in: float | None = None
    """Seconds."""
    title: str = ""
    raw: bytes | None = None
    uncounted: bool = False
    document: Document | None = None


class Printers(Protocol):
    def find(self, name: str) -> Printer: ...


class Templates(Protocol):
    def find(self, name: str, version: str | None = None) -> Template: ...


class Desk:
    """Checks requests. Used from any thread; holds no state of its own."""

    def __init__(
        self,
        printers: Printers,
        templates: Templates,
        drawing: Drawing,
        counters: Callable[[str], Mapping[str, int]],
        zone: Callable[[], str],
    ) -> None:
        self._printers, self._templates, self._drawing = printers, templates, drawing
        self._counters, self._zone = counters, zone

    def order(self, request: JobRequest, at: int) -> Order:
        """Return the order a request makes, accepted at ``at`` (microseconds UTC).

        Raises:
            UnknownPrinter, UnknownTemplate: there is none of that name.
            InputRefused: one label, or ``Several``, cannot be printed; nothing was stored.
        """
        printer = self._printers.find(request.printer)
        _check_numbers(request)
        expires_at = None if request.expires_in is None else at + int(request.expires_in * 1e6)
        carried = [
            name
            for name, value in (
                ("template", request.template),
                ("raw", request.raw),
                ("document", request.document),
            )
            if value is not None
        ]
        if len(carried) != 1:
            got = " and ".join(carried) if carried else "none of them"
            raise FieldRefused(
                f"A job carries one of template, raw or document; got {got}.", carried=carried
            )
        if request.raw is not None:
            return self._raw_order(request, printer, request.raw, expires_at)
        if request.document is not None:
            if request.document.type == "application/zpl":  # carriers send labels like this
                _refuse_placing(request.document)
                return self._raw_order(request, printer, request.document.content, expires_at)
            return self._document_order(request, printer, request.document, expires_at)
        return self._template_order(request, printer, at, expires_at)

    # ------------------------------------------------------------ templates

    def _template_order(
        self, request: JobRequest, printer: Printer, at: int, expires_at: int | None
    ) -> Order:
        template = self._templates.find(request.template or "", request.version)
        rows, total = request.labels, len(request.labels) * request.copies
        if not rows:
            raise FieldRefused(
                "The job has no labels; give labels a list of rows, one object each."
            )
        if total > MOST_LABELS:
            raise FieldRefused(
                f"The job has {total} labels; expected at most {MOST_LABELS}. Send it as several.",
                labels=total,
            )
        zone = self._zone()
        first = self._first_counters(template)
        self._check_rows(template, printer, rows, first, at, zone)
        mode = request.mode or ("native" if template.mode == "native" else printer.mode)
        options: dict[str, object] = {} if zone == "UTC" else {"zone": zone}
        return Order(
            printer.id,
            printer.name,
            "template",
            tuple(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows),
            copies=request.copies,
            template=template.name,
            version=template.version,
            mode=mode,
            priority=request.priority,
            strict=request.strict,
            held=request.hold,
            expires_at=expires_at,
            title=request.title,
            counters={
                counter.name: (
                    first[counter.name],
                    first[counter.name] + len(rows) * counter.step,
                )
                for counter in template.counters
            },
            options=options,
        )

    def _first_counters(self, template: Template) -> dict[str, int]:
        if not template.counters:
            return {}
        used = self._counters(template.name)
        return {
            counter.name: used.get(counter.name, counter.start) for counter in template.counters
        }

    def _check_rows(
        self,
        template: Template,
        printer: Printer,
        rows: Sequence[Mapping[str, object]],
        first: Mapping[str, int],
        at: int,
        zone: str,
    ) -> None:
        from gateway.templates.binding import Moment

        design = self._drawing.design(template, printer)
        when = moment(at, zone, Moment)
        bind, check = design.bind, design.check
        steps = [(counter.name, first[counter.name], counter.step) for counter in template.counters]
        refused: list[tuple[int, GatewayError]] = []
        counters: dict[str, int] = {}
        wrong = 0
        for n, row in enumerate(rows):
            if steps:
                counters = {name: start + n * step for name, start, step in steps}
            try:
                check(bind(row, when, counters))
            except InputRefused as error:
                if len(rows) == 1:
                    raise
                wrong += 1
                if len(refused) < MOST_REFUSALS:
                    refused.append((n + 1, error))
        if refused:
            raise Several(refused, of=len(rows), refused=wrong)

    # ------------------------------------------------------------ raw and documents

    def _raw_order(
        self, request: JobRequest, printer: Printer, raw: bytes, expires_at: int | None
    ) -> Order:
        language = load_language(printer.language)
        if language.split is None:
            raise RawRefused(
                f"Printer {printer.name!r} speaks {language.title}, which takes no raw commands."
            )
        pieces = language.split(raw, request.uncounted)
        return Order(
            printer.id,
            printer.name,
            "raw",
            (None,) * len(pieces),
            copies=request.copies,
            mode="native",
            priority=request.priority,
            strict=request.strict,
            held=request.hold,
            counted=all(piece.counted for piece in pieces),
            expires_at=expires_at,
            title=request.title,
            payload=raw,
            body=pieces[0].payload if len(pieces) == 1 else None,
        )

    def _document_order(
        self, request: JobRequest, printer: Printer, document: Document, expires_at: int | None
    ) -> Order:
        count = self._drawing.check_document(document, printer)
        if count * request.copies > MOST_LABELS:
            raise FieldRefused(
                f"The document makes {count * request.copies} labels; expected at most "
                f"{MOST_LABELS}.",
                labels=count * request.copies,
            )
        options: dict[str, object] = {
            "type": document.type,
            "fit": document.fit,
            "rotation": document.rotation,
        }
        if document.pages:
            options["pages"] = document.pages
        return Order(
            printer.id,
            printer.name,
            "document",
            (None,) * count,
            copies=request.copies,
            mode="exact",
            priority=request.priority,
            strict=request.strict,
            held=request.hold,
            expires_at=expires_at,
            title=request.title,
            options=options,
            payload=document.content,
        )

    # ------------------------------------------------------------ again

    def reprint(
        self,
        pieces: Sequence[Piece],
        printer: Printer,
        reason: str,
        payload: Callable[[int], bytes],
        *,
        priority: int = 0,
        hold: bool = False,
    ) -> Order:
        """Return an order that prints accepted labels of one job anew, to the dot.

        Template version, fields, counters and dates are those of the first acceptance.

        Raises:
            FieldRefused: there is no reason, or no label.
            NotNow: the labels are of several jobs.
        """
        if not reason.strip():
            raise FieldRefused(
                "A reprint needs a reason, such as 'label was torn'; it is kept with the job."
            )
        if not pieces:
            raise FieldRefused("There is no label to print again; name at least one.")
        ticket = pieces[0].ticket
        if any(piece.ticket.job != ticket.job for piece in pieces):
            raise NotNow("Labels of several jobs are reprinted job by job.")
        carried = {
            key: ticket.options[key]
            for key in ("zone", "type", "fit", "rotation", "pages")
            if key in ticket.options
        }
        return Order(
            printer.id,
            printer.name,
            ticket.kind,
            tuple(piece.fields for piece in pieces),
            template=ticket.template,
            version=ticket.version,
            mode=ticket.mode,
            priority=priority,
            strict=ticket.strict,
            held=hold,
            counted=ticket.counted,
            reason=reason.strip(),
            reprint_of=tuple(piece.key for piece in pieces),
            options={
                **carried,
                "at": ticket.options.get("at", ticket.accepted_at),
                "counters": ticket.options.get("counters", dict(ticket.counters)),
                "numbers": [original_number(ticket, piece.number) for piece in pieces],
            },
            payload=None if ticket.kind == "template" else payload(ticket.job),
        )

    # ------------------------------------------------------------ looking

    def proof(self, request: JobRequest, at: int, first: int = 10) -> list[Tile]:
        """Return the first labels of a request as they would print; nothing is stored.

        Raises:
            InputRefused: the request would be refused.
        """
        order = self.order(request, at)
        printer = self._printers.find(request.printer)
        if order.kind == "raw":
            split = load_language(printer.language).split
            assert split is not None, "an order of raw commands was made by it"
            pieces = split(order.payload or b"", request.uncounted)[:first]
            return [raw_tile(piece.payload, printer) for piece in pieces]
        if order.kind == "document" and request.document is not None:
            return [
                self._drawing.document_tile(request.document, n + 1, printer)
                for n in range(min(first, len(order.rows)))
            ]
        from gateway.templates.binding import Moment

        template = self._templates.find(request.template or "", request.version)
        design = self._drawing.design(template, printer)
        when, tiles = moment(at, self._zone(), Moment), []
        for n, row in enumerate(request.labels[:first]):
            counters = {
                counter.name: order.counters[counter.name][0] + n * counter.step
                for counter in template.counters
            }
            tiles.append(draw(design.lay_out(design.bind(row, when, counters))))
        return tiles


def _refuse_placing(document: Document) -> None:
    """Refuse to place printer commands: they say themselves where their ink is."""
    for key, asked in (
        ("fit", document.fit != "contain"),
        ("rotation", document.rotation != 0),
        ("pages", document.pages != ""),
    ):
        if asked:
            raise DocumentRefused(
                f"A ZPL document prints as it stands and takes no {key!r}; leave it out, or send "
                "the label as PDF or PNG.",
                key=key,
            )


def _check_numbers(request: JobRequest) -> None:
    if not 1 <= request.copies <= MOST_COPIES:
        raise FieldRefused(
            f"copies is {request.copies}; expected 1 to {MOST_COPIES}.", copies=request.copies
        )
    if not -100 <= request.priority <= 100:
        raise FieldRefused(
            f"priority is {request.priority}; expected -100 (last) to 100 (first).",
            priority=request.priority,
        )
    if request.mode not in (None, "exact", "native"):
        raise FieldRefused(
            f"mode is {request.mode!r}; expected 'exact' or 'native'.", mode=request.mode
        )
    if request.expires_in is not None and not 0 < request.expires_in <= LONGEST_LIFE:
        raise FieldRefused(
            f"expires_in is {request.expires_in}; expected seconds, above 0 and at most a year.",
            expires_in=request.expires_in,
        )
