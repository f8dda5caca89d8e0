"""Documents: orders, deliveries, counts. Which kinds there are, what may be done with each, when.

    (type, verb) ──STEPS──► from which statuses, to which, by which action on serials

One row of ``STEPS`` is one verb of one type; buttons, the API's verbs and the refusal's ``allowed``
all read it. A draft may say anything; what a step needs is asked when the step is taken (the gates,
``missing``). What becomes of a change to a document on which something has happened already:

- ``done`` or ``cancelled``: memo, custom fields and foreign references only (``document_done``).
- a line asks for less than was planned, committed, picked or done: ``line_below_done``.
- a line is left out on which anything was chosen or done: ``line_below_done``.
- a line changes its item after that, or the document its party: ``document_not_editable``.
- a line asks for more: it is open again, and a confirmed order reserves what is free; what is not
  there is its backorder (``quantity - reserved - done``).

>>> [str(verb) for verb in verbs("sales_order", "open")]
['confirm', 'pick', 'unpick', 'ship', 'close', 'cancel']
>>> serial_status(True, 3, 2), serial_status(True, 3, 3), serial_status(False, 3, 0)
('partial', 'complete', 'not_required')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal, NamedTuple

from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused


class DocumentType(StrEnum):
    """Kinds of documents."""

    PURCHASE_ORDER = "purchase_order"
    RECEIPT = "receipt"
    SALES_ORDER = "sales_order"
    SHIPMENT = "shipment"
    INVOICE = "invoice"
    CUSTOMER_RETURN = "customer_return"
    SUPPLIER_RETURN = "supplier_return"
    WORK_ORDER = "work_order"
    TRANSFER = "transfer"
    WRITE_OFF = "write_off"
    STOCKTAKE = "stocktake"
    ADJUSTMENT = "adjustment"
    CASE = "case"


Status = Literal["draft", "open", "in_progress", "done", "cancelled"]
UNFINISHED: tuple[Status, ...] = ("draft", "open", "in_progress")

Chosen = Literal["planned", "committed", "wanted"]
"""What a serial is to a line it was chosen for before the step: announced, reserved, or named."""


class Kind(NamedTuple):
    """What is particular to a type."""

    prefix: str
    """Of the numbers drawn for it."""
    party: Literal["customer", "supplier", ""]
    """Whose document it is."""
    sources: tuple[DocumentType, ...]
    """Which documents it may fulfil."""
    chosen: Chosen
    feature: str = ""
    """The feature without which there is no such document."""


T = DocumentType
KINDS: Mapping[DocumentType, Kind] = {
    T.PURCHASE_ORDER: Kind("PO", "supplier", (), "planned"),
    T.RECEIPT: Kind("GR", "supplier", (T.PURCHASE_ORDER,), "planned"),
    T.SALES_ORDER: Kind("SO", "customer", (), "committed"),
    T.SHIPMENT: Kind("SH", "customer", (T.SALES_ORDER,), "committed"),
    T.INVOICE: Kind("INV", "customer", (T.SALES_ORDER, T.SHIPMENT), "wanted"),
    T.CUSTOMER_RETURN: Kind("RMA", "customer", (T.SALES_ORDER, T.SHIPMENT, T.CASE), "wanted"),
    T.SUPPLIER_RETURN: Kind("SR", "supplier", (T.PURCHASE_ORDER, T.RECEIPT), "wanted"),
    T.WORK_ORDER: Kind("WO", "", (T.SALES_ORDER,), "committed", "work_orders"),
    T.TRANSFER: Kind("TR", "", (), "wanted", "multi_location"),
    T.WRITE_OFF: Kind("WRO", "", (), "wanted"),
    T.STOCKTAKE: Kind("ST", "", (), "wanted"),
    T.ADJUSTMENT: Kind("ADJ", "", (), "wanted"),
    T.CASE: Kind("CASE", "customer", (), "wanted"),
}


class Verb(StrEnum):
    """What is done with a document."""

    CONFIRM = "confirm"
    POST = "post"
    RECEIVE = "receive"
    DROP_SHIP = "drop_ship"
    PICK = "pick"
    UNPICK = "unpick"
    SHIP = "ship"
    INSPECT = "inspect"
    START = "start"
    CONSUME = "consume"
    PRODUCE = "produce"
    FINISH = "finish"
    UNBUILD = "unbuild"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    COUNT = "count"
    DECIDE = "decide"
    LANDED_COST = "landed_cost"
    CLOSE = "close"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: one verb of one type."""

    sources: tuple[Status, ...]
    """Statuses in which it may be done."""
    to: Status | Literal["derived", ""]
    """The status it leads to; derived from what is done of its lines; or as it was."""
    action: Action | None
    """What it does with serials and quantities."""
    whole: bool
    """Every line must be complete; else as much as is given."""
    says: str


_D: tuple[Status, ...] = ("draft",)
_DO: tuple[Status, ...] = ("draft", "open")
_O: tuple[Status, ...] = ("open", "in_progress")
_DOI: tuple[Status, ...] = ("draft", "open", "in_progress")
_I: tuple[Status, ...] = ("in_progress",)
A, V = Action, Verb

STEPS: Mapping[tuple[DocumentType, Verb], Step] = {
    (T.PURCHASE_ORDER, V.CONFIRM): Step(_D, "derived", None, False, "places the order"),
    (T.PURCHASE_ORDER, V.RECEIVE): Step(_O, "derived", A.RECEIVE, False, "takes a delivery in"),
    (T.PURCHASE_ORDER, V.DROP_SHIP): Step(
        _O, "derived", A.DROP_SHIP, False, "goes from the supplier straight to a customer"),
    (T.PURCHASE_ORDER, V.CLOSE): Step(_O, "done", None, False, "the rest will not come"),
    (T.PURCHASE_ORDER, V.CANCEL): Step(_DOI, "cancelled", None, False, "takes the order back"),
    (T.RECEIPT, V.POST): Step(_DO, "derived", A.RECEIVE, True, "takes the delivery in, whole"),
    (T.RECEIPT, V.LANDED_COST): Step(
        ("done",), "", None, False, "adds freight and duty to the cost of its pieces"),
    (T.RECEIPT, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.SALES_ORDER, V.CONFIRM): Step(
        _DOI, "derived", None, False, "reserves what is there; the rest is a backorder"),
    (T.SALES_ORDER, V.PICK): Step(_O, "in_progress", A.PICK, False, "takes pieces from the shelf"),
    (T.SALES_ORDER, V.UNPICK): Step(_O, "derived", A.UNPICK, False, "puts pieces back"),
    (T.SALES_ORDER, V.SHIP): Step(_O, "derived", A.SHIP, False, "sends pieces to the customer"),
    (T.SALES_ORDER, V.CLOSE): Step(_O, "done", None, False, "the rest will not be sent"),
    (T.SALES_ORDER, V.CANCEL): Step(_DOI, "cancelled", None, False, "gives all of it free again"),
    (T.SHIPMENT, V.CONFIRM): Step(_D, "open", None, False, "gives it to the warehouse"),
    (T.SHIPMENT, V.PICK): Step(_DOI, "in_progress", A.PICK, False, "takes pieces from the shelf"),
    (T.SHIPMENT, V.UNPICK): Step(_DOI, "derived", A.UNPICK, False, "puts pieces back"),
    (T.SHIPMENT, V.SHIP): Step(_DOI, "derived", A.SHIP, True, "sends it to the customer, whole"),
    (T.SHIPMENT, V.CANCEL): Step(_DOI, "cancelled", None, False, "gives all of it free again"),
    (T.INVOICE, V.POST): Step(_DO, "done", None, True, "is sent; its serials are complete"),
    (T.INVOICE, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.CUSTOMER_RETURN, V.CONFIRM): Step(_D, "open", None, False, "expects the pieces"),
    (T.CUSTOMER_RETURN, V.RECEIVE): Step(_DOI, "derived", A.RETURN, False, "takes pieces back"),
    (T.CUSTOMER_RETURN, V.INSPECT): Step(
        ("in_progress", "done"), "", None, False, "finds pieces good or bad"),
    (T.CUSTOMER_RETURN, V.CLOSE): Step(_O, "done", None, False, "the rest will not come"),
    (T.CUSTOMER_RETURN, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.SUPPLIER_RETURN, V.SHIP): Step(_DO, "derived", A.SEND_BACK, True, "sends pieces back"),
    (T.SUPPLIER_RETURN, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.WORK_ORDER, V.CONFIRM): Step(_DO, "open", None, False, "reserves what it takes"),
    (T.WORK_ORDER, V.START): Step(_DO, "in_progress", None, True, "begins the work"),
    (T.WORK_ORDER, V.CONSUME): Step(_I, "", A.CONSUME, False, "builds components in"),
    (T.WORK_ORDER, V.PRODUCE): Step(_I, "", A.PRODUCE, False, "takes products in"),
    (T.WORK_ORDER, V.FINISH): Step(_I, "done", None, True, "ends the work, whole"),
    (T.WORK_ORDER, V.UNBUILD): Step(
        ("in_progress", "done"), "", A.UNBUILD, False, "takes components out of a product"),
    (T.WORK_ORDER, V.CANCEL): Step(_DOI, "cancelled", None, False, "gives all of it free again"),
    (T.TRANSFER, V.POST): Step(_DO, "derived", A.TRANSFER, True, "moves it in one step"),
    (T.TRANSFER, V.DISPATCH): Step(_DO, "in_progress", A.DISPATCH, True, "sends it on its way"),
    (T.TRANSFER, V.ARRIVE): Step(_I, "derived", A.ARRIVE, False, "takes in what has arrived"),
    (T.TRANSFER, V.CLOSE): Step(_I, "done", None, False, "decides what did not arrive"),
    (T.TRANSFER, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.WRITE_OFF, V.POST): Step(_DO, "derived", A.WRITE_OFF, True, "takes it out of stock"),
    (T.WRITE_OFF, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.ADJUSTMENT, V.POST): Step(_DO, "derived", A.ADJUST_IN, True, "corrects the stock"),
    (T.ADJUSTMENT, V.CANCEL): Step(_DO, "cancelled", None, False, "throws it away"),
    (T.STOCKTAKE, V.START): Step(_DO, "in_progress", None, False, "opens the count"),
    (T.STOCKTAKE, V.COUNT): Step(_I, "", A.COUNT, False, "writes down what is seen"),
    (T.STOCKTAKE, V.DECIDE): Step(_I, "", None, False, "decides about differences"),
    (T.STOCKTAKE, V.POST): Step(_I, "done", None, False, "corrects the stock as decided"),
    (T.STOCKTAKE, V.CANCEL): Step(_DOI, "cancelled", None, False, "throws the count away"),
    (T.CASE, V.CLOSE): Step(_DOI, "done", None, False, "is settled"),
    (T.CASE, V.CANCEL): Step(_DOI, "cancelled", None, False, "throws it away"),
}  # fmt: skip


def type_of(name: str) -> DocumentType:
    """Return a type by its name.

    Raises:
        RegistryRefused: there is no such type of document.
    """
    try:
        return DocumentType(name)
    except ValueError:
        raise RegistryRefused(
            "document_unknown",
            f"There is no type of document {name[:40]!r}; there are {', '.join(DocumentType)}.",
            type=name[:40], types=list(DocumentType),
        ) from None  # fmt: skip


def verbs(kind: str, status: str) -> Iterator[Verb]:
    """Yield what may be done with a document of a type in a status."""
    return (verb for (of, verb), step in STEPS.items() if of == kind and status in step.sources)


def step_of(kind: DocumentType, status: str, verb: str, number: str) -> Step:
    """Return what a verb does with a document.

    Raises:
        RegistryRefused: documents of the type have no such verb, or not in this status.
    """
    step = STEPS.get((kind, Verb(verb))) if verb in set(Verb) else None
    able = [str(one) for one in verbs(kind, status)]
    if step is None:
        known = [str(one) for of, one in STEPS if of == kind]
        raise RegistryRefused(
            "document_wrong_type",
            f"A {kind.replace('_', ' ')} cannot {verb[:40]!r}; it can {', '.join(known)}.",
            verb=verb[:40], type=kind, expected=[
                str(of) for of, one in STEPS if one == verb], allowed=able,
        )  # fmt: skip
    if status not in step.sources:
        finished = status in ("done", "cancelled")
        raise RegistryRefused(
            "document_done" if finished else "document_not_editable",
            f"{number} is {status.replace('_', ' ')}; it cannot be told to {verb} now.",
            document=number, status=status, verb=verb, allowed=able,
        )  # fmt: skip
    return step


# ---------------------------------------------------------------------- lines


SerialStatus = Literal["not_required", "needed", "partial", "complete"]


def serial_status(serialised: bool, quantity: int, chosen: int) -> SerialStatus:
    """Return whether a line's serials are there: what the badge beside it shows."""
    if not serialised or not quantity:
        return "not_required"
    if not chosen:
        return "needed"
    return "partial" if chosen < quantity else "complete"


def base_quantity(given: Fraction, factor: int, item: str, serialised: bool, line: str) -> int:
    """Return a quantity in base units.

    >>> base_quantity(Fraction("0.5"), 12, "DRILL", True, "1")
    6

    Raises:
        RegistryRefused: it is no whole number of them, or negative.
    """
    pieces = given * factor
    if pieces.denominator != 1 or pieces < 0:
        what = "pieces with a serial each" if serialised else "base units"
        raise RegistryRefused(
            "fractional_serial_quantity",
            f"{float(given):g} × {factor} of {item} is {float(pieces):g}; it must be a whole "
            f"number of {what}.",
            line=line, item=item, quantity=float(given), factor=factor,
        )  # fmt: skip
    return int(pieces)


@dataclass(frozen=True, slots=True)
class Need:
    """What one line lacks before a step."""

    line: int
    item: str
    expected: int
    given: int
    serialised: bool = True

    @property
    def offence(self) -> Offence:
        """Return it as refusals name it."""
        what = ("serial" if self.serialised else "piece") + ("" if self.expected == 1 else "s")
        fewer = self.given < self.expected
        none = self.given == 0
        return Offence(
            f"line {self.line}",
            "serials_missing" if fewer and self.serialised
            else "quantity_missing" if fewer else "serial_count_mismatch",
            f"Line {self.line} ({self.item}) needs {self.expected} {what} and has "
            f"{'none' if none else self.given}.",
            {"line": self.line, "item": self.item, "expected": self.expected,
             "given": self.given},
        )  # fmt: skip


def refuse_needs(needs: Sequence[Need], number: str) -> RegistryRefused:
    """Return the refusal that names every incomplete line."""
    offences = [need.offence for need in needs]
    first = offences[0]
    detail = first.detail
    if len(offences) > 1:
        detail = f"{len(offences)} lines of {number} are incomplete; the first: {first.detail}"
    return RegistryRefused(
        first.code, detail, offences, document=number, lines=[need.line for need in needs],
        **({"expected": needs[0].expected, "given": needs[0].given} if len(needs) == 1 else {}),
    )  # fmt: skip
