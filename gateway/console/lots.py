"""Lots: found by what is in them, and the page of one: whose its serials are, and its editor."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console import choosing
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, body_of, one, read_form
from gateway.console.frame import Frame, came_from
from gateway.console.listing import Bulk, Cell, Column, Filter, Listing, Row, each, show
from gateway.console.noting import Note
from gateway.console.serials import state_cell
from gateway.console.state_words import STATES
from gateway.console.words import translate
from gateway.registry.lives import CUSTODY, State
from gateway.registry.lots import LABELS, STATUSES

TONES = {"received": "done", "returned": "look", "rejected": "refused", "planned": "asked"}
"""How a lot's status looks; the others are quiet."""

GROUPS = (
    ("allocated", "Allocated"),
    ("remaining", "Remaining"),
    ("planned", "Planned"),
    ("gone", "Gone"),
)
"""What a lot's serials are to it, in the order they are asked for."""

PRINTABLE = ",".join((State.PLANNED.value, *sorted(state.value for state in CUSTODY)))
"""States of serials that a label is printed of: what left needs none."""

FIRST = 60
"""Serials of a group on the lot's own page; the rest is behind a link."""


def _span(row: Row) -> Cell:
    """Return a lot's serials, as ``S1 – S9``, and how many."""
    serials = row["serials"]
    if not serials["count"]:
        return Cell("")
    first, last = serials["first"], serials["last"]
    return Cell(first if first == last else f"{first} – {last}")


def _status(row: Row) -> Cell:
    if row["held"] is not None:
        return Cell("Held", tone="look", kind="word", detail=row["held"])
    return Cell(row["status_text"], tone=TONES.get(row["status"], "quiet"), kind="word")


async def print_lots(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Print a label for every serial of the lots that is here or still to come."""
    asked = body_of(form).get("print", {})
    labels = 0
    refused = []
    for lot in ids:
        body = {**asked, "filter": {"lot": lot, "state": PRINTABLE}}
        try:
            labels += (await api.ask("POST", "/v1/serials/print", body)).json["labels"]
        except Declined as refusal:
            refused.append({"detail": refusal.sentence})
    sentence = translate("Labels on their way: %(n)s.", api.language) % {"n": labels}
    return Note(sentence, "look" if refused else "done", refused)


async def hold_lots(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Hold the lots, all for one reason."""
    body = body_of(form).get("hold", {})
    return await each(api, "POST", "/v1/lots/{}/hold", ids, "Lots that are held now: %(n)s.", body)


async def release_lots(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Let the lots go."""
    said = "Lots that may move again: %(n)s."
    return await each(api, "POST", "/v1/lots/{}/unhold", ids, said)


LOTS = Listing(
    name="lots",
    title="Lots",
    path="/lots",
    api="/v1/lots",
    key=lambda row: str(row["id"]),
    columns=(
        Column("Lot", lambda row: Cell(row["code"], to=at("/lots/{}", row["id"]))),
        Column("Item", lambda row: Cell(row["item"], to=at("/items/{}", row["item"]))),
        Column("Status", _status),
        Column("Serials", _span),
        Column("How many", lambda row: row["serials"]["count"] or "", figure=True),
        Column("Here", lambda row: row["here"], figure=True),
        Column("Expires", lambda row: row["expires_on"]),
        Column("Came with", lambda row: (row["document"] or "").replace("_", " ")),
    ),
    filters=(
        Filter("serial", "Serial in the lot"),
        Filter("q", "Lot begins with"),
        Filter("item", "Item (SKU)"),
        Filter("status", "Status", tuple((status, LABELS[status]) for status in STATUSES)),
        Filter("held", "Held", (("1", "Held"), ("0", "Not held"))),
        Filter("expires_before", "Expires before", kind="date"),
    ),
    bulk=(
        Bulk(
            "print",
            "Print labels",
            print_lots,
            asks=(
                Filter("printer", "Printer", choosing.printers),
                Filter("template", "Label", choosing.serial_templates),
            ),
        ),
        Bulk("hold", "Hold", hold_lots, asks=(Filter("reason", "Why", kind="reason"),)),
        Bulk("unhold", "Let go", release_lots),
    ),
    empty="There is no lot yet. A receipt makes one, or make one by hand below.",
    next_act=(("Make a lot", "/lots#make"),),
)


def _order(row: Row) -> Cell:
    document = row["document"]
    if document is None:
        return Cell("")
    return Cell(document["number"], to=at("/documents/{}/{}", document["type"], document["number"]))


SERIALS_OF_LOT = Listing(
    name="serials-of-lot",
    title="Serials of the lot",
    path="/lots/{}/serials",
    api="/v1/lots/{}/serials",
    key=lambda row: str(row["id"]),
    columns=(
        Column("Serial", lambda row: Cell(row["serial"], to=at("/serials/{}", row["id"]))),
        Column("What", lambda row: Cell(dict(GROUPS)[row["group"]], kind="word")),
        Column("State", state_cell),
        Column("Location", lambda row: row["location"]),
        Column("Order", _order),
    ),
    filters=(Filter("group", "What", GROUPS),),
    empty="No serial is in this lot yet.",
)


def lot_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    for listing in (LOTS, SERIALS_OF_LOT):
        frame.listings[listing.name] = listing

    @router.get("/lots", dependencies=[needs("read")])
    async def get_lots(request: Request, api: Asked) -> Response:
        return frame.page(
            request, "lots.html", shown=await show(api, LOTS, request.query_params)
        )  # fmt: skip

    @router.get("/lots/{id}", dependencies=[needs("read")])
    async def get_lot(id: str, request: Request, api: Asked) -> Response:
        said = await api.ask("GET", at("/v1/lots/{}", id))
        groups = {}
        counts = {}
        for name, _ in GROUPS[:3]:
            found = await api.get(at("/v1/lots/{}/serials", id), group=name, limit=FIRST)
            groups[name], counts = found["items"], found["counts"]
        templates = await choosing.templates(api)
        return frame.page(
            request, "lot.html", lot=said.json, etag=said.etag, groups=groups, counts=counts,
            printers=await choosing.printers(api), templates=templates.serials,
            places=await choosing.places(api), fields=(await api.get("/v1/fields/lot"))["items"],
            tones=TONES, states=STATES, printable=PRINTABLE, first=FIRST,
        )  # fmt: skip

    @router.get("/lots/{id}/serials", dependencies=[needs("read")])
    async def get_serials(id: str, request: Request, api: Asked) -> Response:
        lot = await api.get(at("/v1/lots/{}", id))
        shown = await show(api, SERIALS_OF_LOT, request.query_params, id)
        return frame.page(request, "lot_serials.html", lot=lot, shown=shown)

    @router.post("/lots/{id}/serials", dependencies=[needs("read")])
    async def edit_serials(id: str, request: Request, api: Asked) -> Response:
        """What is added, renamed and removed, in one save or not at all."""
        form = read_form(await request.body())
        given = body_of(form)
        body: dict[str, object] = {
            key: given[key] for key in ("add", "location", "reason") if given.get(key)
        }  # fmt: skip
        removed = [*given.get("removed", ())]
        if text := str(given.get("remove", "")).strip():
            body["remove"] = ", ".join([*removed, text])
        elif removed:
            body["remove"] = removed
        rename = {
            row["was"].strip(): row["now"].strip()
            for row in given.get("rename", ())
            if row.get("was", "").strip() and row.get("now", "").strip()
        }
        if rename:
            body["rename"] = rename
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        done = (await api.ask("POST", at("/v1/lots/{}/serials", id), body, headers=headers)).json
        said = translate(
            "Added: %(added)s, renamed: %(renamed)s, removed: %(removed)s.",
            frame.language(request),
        )
        facts = {key: done[key] for key in ("added", "renamed", "removed")}
        return frame.back(request, came_from(request), said % facts)

    return router
