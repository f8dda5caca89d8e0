"""Acceptance: a request becomes an order, or a refusal that names every wrong label.

    JobRequest ──► template, printer, head ──► every row bound and checked ──► Order

Nothing is drawn and nothing is stored here. What an ``Order`` holds can be printed: fields,
characters, glyphs, sizes and codes of every row were checked for the printer's head.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from gateway.drawing import (
    Document,
    Drawing,
    check_commands,
    model_of,
    moment,
    original_number,
    raw_tile,
)
from gateway.drivers.languages import load_language
from gateway.errors import (
    DocumentRefused,
    FieldRefused,
    GatewayError,
    InputRefused,
    NotNow,
    RawRefused,
    Several,
    UnknownPrinter,
)
from gateway.label import Tile, draw
from gateway.ledger import Order, Piece
from gateway.printers import Needs, Pool, Printer, unfit, why_none
from gateway.proofs import Proof, fingerprint
from gateway.units import Density, Um, format_density, to_um

if TYPE_CHECKING:
    from gateway.templates.model import Template

__all__ = ["Desk", "Document", "JobRequest"]

COMMANDS: Mapping[str, str] = {
    "application/zpl": "zpl",  # carriers send labels like this
    "application/octet-stream": "",
}
"""Types of documents that are printer commands, and their language; empty: the printer's own."""

MOST_COPIES = 10_000
MOST_LABELS = 100_000
"""Labels of one job, copies counted: a roll has a few thousand."""

MOST_REFUSALS = 100
"""Refused rows that are told one by one; the rest are only counted."""

TEST_LIVES = 600_000_000
"""µs that a test label may wait for its printer."""

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
    stock: str = ""
    """The stock it must be printed on, by the name a printer's media has."""
    proof: Proof | None = None
    """The first label as somebody has seen it: only these dots are meant."""


class Targets(Protocol):
    def target(self, name: str) -> Printer | Pool:
        """Return the printer or pool of that name."""
        ...

    def members(self, target: int) -> tuple[Printer, ...]:
        """Return the printers that may print what is sent to it."""
        ...


class Templates(Protocol):
    def find(self, name: str, version: str | None = None) -> Template: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a job goes: a printer, or a pool with its printers."""

    id: int
    name: str
    printers: tuple[Printer, ...]
    pool: str
    """The pool's name; empty for a printer."""

    @property
    def mode(self) -> str:
        modes = {printer.mode for printer in self.printers}
        return modes.pop() if len(modes) == 1 else "exact"

    def checked(self, check: Callable[[Printer], object]) -> tuple[Density, ...]:
        """Check a label for the head of every printer; return the densities that can print it.

        None for a single printer: its labels are drawn anew for whatever head it has by then.

        Raises:
            InputRefused: no head can; said of the first.
        """
        if not self.pool:
            check(self.printers[0])
            return ()
        refusal: InputRefused | None = None
        seen: dict[tuple[object, ...], bool] = {}
        for printer in self.printers:
            # Heads of one density but another width have other limits.
            head = (printer.density, model_of(printer).head_dots, printer.media, printer.language)
            if head in seen:
                continue
            try:
                check(printer)
            except InputRefused as error:
                refusal, seen[head] = refusal or error, False
            else:
                seen[head] = True
        good = {head[0] for head, passed in seen.items() if passed}
        if not good:
            assert refusal is not None, "a pool has a printer"
            raise refusal
        densities = (printer.density for printer in self.printers if printer.density in good)
        return tuple(dict.fromkeys(densities))

    def problem(self, needs: Needs) -> str:
        """Return why no printer here can print it now; empty when one can."""
        return why_none(self.printers, needs, self.pool)

    def first(self, needs: Needs) -> Printer:
        """Return the first printer that can print it, or the first of all."""
        return next((p for p in self.printers if not unfit(p, needs)), self.printers[0])


def _one_language(place: _Place) -> tuple[Density, ...]:
    """Return the density of a pool whose printers speak one language.

    Raises:
        RawRefused: they speak several, or their heads differ: commands are written for one.
    """
    kinds = {(printer.language, printer.density) for printer in place.printers}
    if len(kinds) == 1:
        return (place.printers[0].density,)
    said = ", ".join(sorted(f"{name} at {format_density(density)}" for name, density in kinds))
    raise RawRefused(
        f"Raw commands are written for one language and density, and pool {place.name!r} has "
        f"{said} dots per mm; send them to one printer, or use a template.",
        pool=place.name,
    )


class Desk:
    """Checks requests. Used from any thread; holds no state of its own."""

    def __init__(
        self,
        targets: Targets,
        templates: Templates,
        drawing: Drawing,
        counters: Callable[[str], Mapping[str, int]],
        zone: Callable[[], str],
    ) -> None:
        self._targets, self._templates, self._drawing = targets, templates, drawing
        self._counters, self._zone = counters, zone

    def order(self, request: JobRequest, at: int) -> Order:
        """Return the order a request makes, accepted at ``at`` (microseconds UTC).

        Raises:
            UnknownPrinter, UnknownTemplate: there is none of that name.
            InputRefused: one label, or ``Several``, cannot be printed; nothing was stored.
        """
        if request.proof is not None:
            return self._shown_order(request, request.proof, at)
        place = self._place(request.printer)
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
            return self._raw_order(request, place, request.raw, expires_at)
        if request.document is not None:
            if request.document.type in COMMANDS:
                _refuse_placing(request.document)
                _refuse_language(request.document, place)
                return self._raw_order(request, place, request.document.content, expires_at)
            return self._document_order(request, place, request.document, expires_at)
        return self._template_order(request, place, at, expires_at)

    def _shown_order(self, request: JobRequest, proof: Proof, at: int) -> Order:
        """Return the order of what somebody has seen, with its fingerprint; that means drawing."""
        proof.check_age(at)
        plain = replace(request, proof=None)
        # Its dates are those that were shown; how long it may wait counts from now.
        order = self.order(plain, proof.at)
        proof.check(self.proof(plain, proof.at, 1)[0])
        place, needs = self._place(request.printer), order.needs
        if place.pool:
            # On a head of another density the dots are others.
            needs = replace(needs, densities=(place.first(needs).density,))
        expires_at = None if order.expires_at is None else order.expires_at + at - proof.at
        options = {**order.options, "at": proof.at}
        return replace(
            order, needs=needs, options=options, expires_at=expires_at, proof=proof.sha256
        )

    def _place(self, name: str) -> _Place:
        target = self._targets.target(name)
        if isinstance(target, Printer):
            return _Place(target.id, target.name, (target,), "")
        printers = self._targets.members(target.id)
        if not printers:
            raise UnknownPrinter(f"Pool {target.name!r} has no printer left.", pool=target.name)
        return _Place(target.id, target.name, printers, target.name)

    # ------------------------------------------------------------ templates

    def _template_order(
        self, request: JobRequest, place: _Place, at: int, expires_at: int | None
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
        densities = place.checked(
            lambda printer: self._check_rows(template, printer, rows, first, at, zone)
        )
        # A pool may have printers of several languages, and an element may be in one of them.
        speaks = next((element.language for element in template.commands()), "")
        needs = Needs(template.width, template.height, request.stock, speaks, densities)
        problem = place.problem(needs)
        mode = request.mode or ("native" if template.mode == "native" else place.mode)
        options: dict[str, object] = {} if zone == "UTC" else {"zone": zone}
        return Order(
            place.id,
            place.name,
            "template",
            tuple(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows),
            copies=request.copies,
            template=template.name,
            version=template.version,
            mode=mode,
            priority=request.priority,
            strict=request.strict,
            held=request.hold or bool(problem),
            needs=needs,
            problem=problem,
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

        check_commands(template, printer)
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
        if not unfit(printer, Needs(template.width, template.height)):
            first_of = {name: start for name, start, _ in steps}
            self._drawing.check_stock(
                lambda: design.lay_out(bind(rows[0], when, first_of)), printer
            )

    # ------------------------------------------------------------ raw and documents

    def _raw_order(
        self, request: JobRequest, place: _Place, raw: bytes, expires_at: int | None
    ) -> Order:
        printer = place.printers[0]
        densities = _one_language(place) if place.pool else ()
        language = load_language(printer.language)
        if language.split is None:
            raise RawRefused(
                f"Printer {printer.name!r} speaks {language.title}, which takes no raw commands."
            )
        try:
            pieces = language.split(raw, request.uncounted)
        except RawRefused as refused:
            if (other := _looks_like(raw)) and other != printer.language:
                title = load_language(other).title
                raise RawRefused(
                    f"These look like {title} commands, and printer {printer.name!r} speaks "
                    f"{language.title}; send them to a printer that speaks {title}.",
                    printer=printer.name,
                    language=other,
                ) from refused
            raise
        needs = Needs(stock=request.stock, language=printer.language, densities=densities)
        problem = place.problem(needs)
        return Order(
            place.id,
            place.name,
            "raw",
            (None,) * len(pieces),
            copies=request.copies,
            mode="native",
            priority=request.priority,
            strict=request.strict,
            held=request.hold or bool(problem),
            needs=needs,
            problem=problem,
            counted=all(piece.counted for piece in pieces),
            expires_at=expires_at,
            title=request.title,
            payload=raw,
            body=pieces[0].payload if len(pieces) == 1 else None,
        )

    def _document_order(
        self, request: JobRequest, place: _Place, document: Document, expires_at: int | None
    ) -> Order:
        counts: list[int] = []
        densities = place.checked(
            lambda printer: counts.append(self._drawing.check_document(document, printer))
        )
        count = counts[0]
        needs = Needs(stock=request.stock, densities=densities)
        problem = place.problem(needs)
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
            place.id,
            place.name,
            "document",
            (None,) * count,
            copies=request.copies,
            mode="exact",
            priority=request.priority,
            strict=request.strict,
            held=request.hold or bool(problem),
            needs=needs,
            problem=problem,
            expires_at=expires_at,
            title=request.title,
            options=options,
            payload=document.content,
        )

    # ------------------------------------------------------------ again

    def reprint(
        self,
        pieces: Sequence[Piece],
        target: Printer | Pool,
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
        place = self._place(target.name)
        problem = place.problem(ticket.needs)
        proof = None
        if ticket.proof is not None and original_number(ticket, pieces[0].number) == 1:
            # What it comes out as here: on another head the dots are others. Where it cannot be
            # drawn it waits for a printer that can, as any label does.
            with contextlib.suppress(InputRefused):
                proof = fingerprint(self._drawing.picture(pieces[0], place.first(ticket.needs)))
        return Order(
            place.id,
            place.name,
            ticket.kind,
            tuple(piece.fields for piece in pieces),
            template=ticket.template,
            version=ticket.version,
            mode=ticket.mode,
            priority=priority,
            strict=ticket.strict,
            held=hold or bool(problem),
            needs=ticket.needs,
            problem=problem,
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
            proof=proof,
        )

    # ------------------------------------------------------------ setting up

    @staticmethod
    def test_size(printer: Printer) -> tuple[Um, Um]:
        """Return how large a printer's test label is, in µm: its stock, no wider than its head."""
        head, media = model_of(printer).head_dots, printer.media
        widest = media.width if head is None else to_um(head, printer.density)
        return Um(min(media.width, widest)), media.height

    def test_order(self, printer: Printer, at: int) -> tuple[Order, Template]:
        """Return an order for a printer's test label, and the label's template to keep with it.

        It expires: tomorrow nobody remembers why a test label comes out.

        Raises:
            InputRefused: the stock is too small or too large for one.
        """
        from gateway.templates.ruler_label import ruler_label

        margins = load_language(printer.language).margins
        template = ruler_label(*self.test_size(printer), printer.name, margins)
        self._check_rows(template, printer, ({},), {}, 0, "UTC")
        order = Order(
            printer.id,
            printer.name,
            "template",
            ("{}",),
            template=template.name,
            version=template.version,
            # As ink: a printer's own commands may place it otherwise.
            mode="exact",
            title="Test label",
            expires_at=at + TEST_LIVES,
            needs=Needs(template.width, template.height),
        )
        return order, template

    # ------------------------------------------------------------ looking

    def proof(self, request: JobRequest, at: int, first: int = 10) -> list[Tile]:
        """Return the first labels of a request as they would print; nothing is stored.

        Raises:
            InputRefused: the request would be refused.
        """
        order = self.order(request, at)
        printer = self._place(request.printer).first(order.needs)
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
                f"Printer commands print as they stand and take no {key!r}; leave it out, or send "
                "the label as PDF or PNG.",
                key=key,
            )


def _refuse_language(document: Document, place: _Place) -> None:
    """Refuse commands in another language than the printer's: it would print them as text."""
    wanted, printer = COMMANDS[document.type], place.printers[0]
    if wanted and printer.language != wanted:
        raise RawRefused(
            f"The document is {wanted}, and {place.name!r} speaks {printer.language}; send it to a "
            f"printer of that language, or the label as PDF or PNG.",
            language=wanted,
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


_FIRST_WORDS = (
    ("zpl", re.compile(rb"\s*(\^|~)[A-Z]{2}")),
    ("tspl", re.compile(rb"\s*(SIZE|GAP|CLS|DIRECTION|REFERENCE)\b[^\n]*\r?\n")),
    ("cpcl", re.compile(rb"\s*! -?\d+ \d+ \d+ \d+ \d+\r?\n")),
    ("escpos", re.compile(rb"\x1b@")),
)
"""How documents in a language begin; of the others nothing is sure."""


def _looks_like(raw: bytes) -> str:
    """Return the language commands seem to be of, empty when that cannot be told.

    >>> _looks_like(b"^XA^FO10,10"), _looks_like(b"SIZE 100 mm,50 mm\\r\\n"), _looks_like(b"N")
    ('zpl', 'tspl', '')
    """
    return next((name for name, begins in _FIRST_WORDS if begins.match(raw)), "")
