"""Serials: the list of all of them, and everything about one.

    /serials        SERIALS ──► filters in the address, badges, what can be done to ticked rows
    /serials/{id}   its card, what happened, what may be done: drawn from the lifecycle's table

The tabs of items, parties and so on show the same list: ``SERIALS_OF_ITEM``, ``SERIALS_OF_PARTY``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console import choosing
from gateway.console.asking import Api, Asked, at
from gateway.console.form import Form, body_of
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Choices, Column, Filter, Listing, Order, Row, show
from gateway.console.noting import Link, Note
from gateway.console.state_words import LABELS, STATES
from gateway.console.words import translate
from gateway.errors import InputRefused


def state_cell(row: Row) -> Cell:
    """Return the badge of a serial's state."""
    said = STATES[row["state"]]
    return Cell(said.word, tone=said.tone, kind="word")


def serial_cell(row: Row) -> Cell:
    """Return a serial that leads to its card."""
    return Cell(row["serial"], to=at("/serials/{}", row["id"]))


def _item(row: Row) -> Cell:
    return Cell(row["item"], to=at("/items/{}", row["item"]))


def _location(row: Row) -> Cell:
    code = row["location"] or ""
    return Cell(code, to=at("/locations/{}", code) if code else "")


def _customer(row: Row) -> Cell:
    code = row["customer"] or ""
    return Cell(code, to=at("/parties/{}", code) if code else "")


def _document(row: Row) -> Cell:
    if not (document := row["document"]):
        return Cell("")
    to = at("/documents/{}/{}", document["type"], document["number"])
    return Cell(document["number"], to=to)


def _held(row: Row) -> Cell:
    return Cell(row["held"], tone="look") if row["held"] else Cell("")


def _label(row: Row) -> Cell:
    if row["label"] in ("none", "printed", "sent"):
        return Cell({"none": "", "sent": "sent", "printed": "printed"}[row["label"]], kind="word")
    word, tone = LABELS[row["label"]]
    return Cell(word, tone=tone, kind="word")


# ---------------------------------------------------------------- what is done to ticked rows


async def templates(api: Api) -> Choices:
    """Return the templates that a serial's label can be of."""
    return (await choosing.templates(api)).serials


def asked_of(form: Form, bulk: str) -> dict[str, Any]:
    """Return what the fields of a bulk action hold, without those that were left empty."""
    return {key: value for key, value in body_of(form).get(bulk, {}).items() if value != ""}


async def print_labels(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Print a label for each serial that is ticked."""
    asked = asked_of(form, "print")
    if copies := asked.get("copies"):
        if not str(copies).isdecimal():
            raise InputRefused(f"The number of copies must be a number, got {copies[:40]!r}.")
        asked["copies"] = int(copies)
    said = (await api.ask("POST", "/v1/serials/print", {**asked, "ids": list(ids)})).json
    link = Link(translate("Job %(id)s", api.language) % said, at("/jobs/{}", said["id"]))
    return Note(
        counted(api, "print", said["labels"], printer=said["printer"]), links=(link,)
    )  # fmt: skip


BULK_WORDS: Mapping[str, str] = {
    "print.one": "%(n)s label goes to %(printer)s.",
    "print.many": "%(n)s labels go to %(printer)s.",
    "transfer.one": "%(n)s serial was moved.",
    "transfer.many": "%(n)s serials were moved.",
    "hold.one": "%(n)s serial is held.",
    "hold.many": "%(n)s serials are held.",
    "unhold.one": "%(n)s serial may move again.",
    "unhold.many": "%(n)s serials may move again.",
    "annotate.one": "%(n)s serial has the new memo.",
    "annotate.many": "%(n)s serials have the new memo.",
    "write_off.one": "%(n)s serial is written off.",
    "write_off.many": "%(n)s serials are written off.",
}
"""What is said when it was done, to one or to several."""


def counted(api: Api, bulk: str, n: int, **facts: object) -> str:
    """Return what is said of a bulk action that was done to so many."""
    text = BULK_WORDS[f"{bulk}.{'one' if n == 1 else 'many'}"]
    return translate(text, api.language) % {"n": n, **facts}


def acting(action: str) -> Any:
    """Return what does an action to all rows that are ticked: to all of them, or to none."""

    async def act(api: Api, ids: Sequence[str], form: Form) -> Note:
        body = {**asked_of(form, action), "action": action, "ids": list(ids)}
        said = (await api.ask("POST", "/v1/serials/actions", body)).json
        sentence = counted(api, action, said["count"])
        return Note(sentence, "look" if said["warnings"] else "done", said["warnings"])

    return act


_REASON = Filter("reason", "Why", kind="reason")

RIGHT = "registry:serial"

BULK = (
    Bulk(
        "print", "Print labels", print_labels, scope="print",
        asks=(
            Filter("printer", "Printer", choosing.printers),
            Filter("template", "Label", templates),
            Filter("copies", "Copies of each"),
        ),
    ),
    Bulk(
        "transfer", "Move", acting("transfer"), scope=RIGHT,
        asks=(Filter("location", "To which location", kind="location"),),
    ),
    Bulk("hold", "Hold", acting("hold"), asks=(_REASON,), scope=RIGHT),
    Bulk("unhold", "Let go", acting("unhold"), scope=RIGHT),
    Bulk(
        "annotate", "Write a memo", acting("annotate"), asks=(Filter("memo", "Memo"),),
        scope=RIGHT,
    ),
    Bulk(
        "write_off", "Write off", acting("write_off"), tone="drop", asks=(_REASON,), scope=RIGHT,
        question="They leave the stock for good. Write them off?",
    ),
)  # fmt: skip

# ---------------------------------------------------------------- lists


WORDS = ("Yes", "No")
YES_NO = (("1", "Yes"), ("0", "No"))


async def custom_fields(api: Api) -> tuple[Filter, ...]:
    """Return a filter for each custom field that serials are found by."""
    found = (await api.get("/v1/fields/serial"))["items"]
    return tuple(
        Filter(
            f"field.{one['key']}",
            one["label"] or one["key"],
            YES_NO if one["type"] == "yes_no" else tuple((c, c) for c in one["choices"]),
            "date" if one["type"] == "date" else "text",
            rare=True,
        )
        for one in found
        if one["searchable"]
    )


_STATE = Filter("state", "State", tuple((key, said.word) for key, said in STATES.items()))
_FILTERS = (
    Filter("prefix", "Begins with"),
    Filter("item", "Item", kind="item"),
    _STATE,
    Filter("location", "Location", kind="location"),
    Filter("inside", "With all inside it", kind="flag"),
    Filter("customer", "Customer", kind="party"),
    Filter("held", "Held", (("1", "Held"), ("0", "Not held"), ("recall", "Recalled"))),
    Filter("serial", "Exactly this serial", rare=True),
    Filter("supplier", "Supplier", kind="party", rare=True),
    Filter("lot", "Lot", rare=True),
    Filter("document", "Document", rare=True),
    Filter("label", "Label", tuple((key, word) for key, (word, _) in LABELS.items()), rare=True),
    Filter("received_from", "Received from", kind="date", rare=True),
    Filter("received_to", "Received until", kind="date", rare=True),
    Filter("shipped_from", "Shipped from", kind="date", rare=True),
    Filter("shipped_to", "Shipped until", kind="date", rare=True),
    Filter("warranty_before", "Warranty ends before", kind="date", rare=True),
    Filter("show", "Stock", (("all", "Everything there ever was"), ("on_hand", "On hand")),
           rare=True),
    Filter(
        "locations", "Locations",
        (("all", "All locations"), ("active", "Active locations")), rare=True,
    ),
)  # fmt: skip

_COLUMNS = (
    Column("Serial", serial_cell),
    Column("Item", _item),
    Column("State", state_cell),
    Column("Held", _held, spare=True),
    Column("Location", _location, spare=True),
    Column("Customer", _customer, spare=True),
    Column("Document", _document, spare=True),
    Column("Lot", lambda row: row["lot"], spare=True),
    Column("Label", _label, spare=True),
    Column("Received", lambda row: Cell(row["received_at"] or "", kind="time"), spare=True),
    Column("Shipped", lambda row: Cell(row["shipped_at"] or "", kind="time"), spare=True),
)

SERIALS = Listing(
    name="serials",
    title="Serials",
    path="/serials",
    api="/v1/serials",
    key=lambda row: row["id"],
    columns=_COLUMNS,
    filters=_FILTERS,
    orders=(
        Order("newest", "Newest first", {"order": "newest"}),
        Order("oldest", "Oldest first", {"order": "oldest"}),
    ),
    bulk=BULK,
    empty="No serial is known yet. Bring in what you have, or receive a delivery: each piece gets "
    "its serial and its label then.",
    next_act=(("Bring in serials", "/import"), ("Receive a delivery", "/documents")),
    further=custom_fields,
)


def _without(*names: str) -> tuple[Filter, ...]:
    return tuple(one for one in _FILTERS if one.name not in names)


SERIALS_OF_ITEM = replace(
    SERIALS,
    name="serials-of-item",
    path="/items/{}/serials",
    api="/v1/items/{}/serials",
    columns=tuple(one for one in _COLUMNS if one.title != "Item"),
    filters=(
        Filter("show", "Stock", (("on_hand", "On hand"), ("all", "Everything there ever was"))),
        Filter(
            "locations", "Locations",
            (("active", "Active locations"), ("all", "All locations")),
        ),
        *_without("item", "show", "locations"),
    ),
    empty="No serial of this item is on hand.",
    next_act=(("Receive a delivery", "/documents"),),
)  # fmt: skip
"""Of one item, by its SKU: on hand at active locations unless the filters say otherwise."""

SERIALS_OF_PARTY = replace(
    SERIALS,
    name="serials-of-party",
    path="/parties/{}/serials",
    api="/v1/parties/{}/serials",
    columns=tuple(one for one in _COLUMNS if one.title != "Customer"),
    filters=_without("customer", "supplier"),
    empty="No serial went to this customer or came from this supplier yet.",
    next_act=(("Ship an order", "/documents"),),
)
"""What a customer has, or a supplier delivered, by the party's code."""

SERIALS_AT_LOCATION = replace(
    SERIALS,
    name="serials-at-location",
    path="/locations/{}/serials",
    api="/v1/locations/{}/serials",
    columns=tuple(one for one in _COLUMNS if one.title != "Location"),
    filters=_without("location"),
    empty="No serial is at this location.",
    next_act=(("Look at all serials", "/serials"),),
)
"""What is at a location, by its code; ``inside`` also counts what is inside it."""


def serial_pages(frame: Frame) -> APIRouter:
    """Return the routes of the list of serials and of one serial."""
    router = frame.router()
    for listing in (SERIALS, SERIALS_OF_ITEM, SERIALS_OF_PARTY, SERIALS_AT_LOCATION):
        frame.listings[listing.name] = listing

    @router.get("/serials", dependencies=[needs("read")])
    async def get_serials(request: Request, api: Asked) -> Response:
        shown = await show(api, SERIALS, request.query_params)
        return frame.page(request, "list.html", shown=shown)

    return router
