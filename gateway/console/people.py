"""The people who work here: their badges, PINs and rights; badges printed from here.

/people           everybody; somebody new
/people/{badge}   name, PIN, rights; the badge on a label
/people/sheet     all badges on paper
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, at
from gateway.console.form import Form, body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Listing, Row, each, show
from gateway.console.noting import Note
from gateway.console.rendering import page
from gateway.console.station import Bars, bars
from gateway.console.stations import MOST, targets
from gateway.console.words import translate
from gateway.errors import GatewayError

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a new badge: none that is taken for another."""

BADGE_LETTERS = 6

TEMPLATE = "badge"
"""The built-in template of a badge's label."""

RIGHT_WORDS = {
    "registry:receipt": "Receive",
    "registry:purchase_order": "Purchase orders",
    "registry:sales_order": "Sales orders",
    "registry:shipment": "Ship",
    "registry:invoice": "Invoices",
    "registry:customer_return": "Take back from customers",
    "registry:supplier_return": "Send back to suppliers",
    "registry:transfer": "Move between places",
    "registry:work_order": "Build",
    "registry:stocktake": "Count",
    "registry:adjustment": "Correct the stock",
    "registry:write_off": "Write off",
    "registry:inspect": "Inspect",
    "registry:hold": "Hold and let go",
    "registry:rename": "Change a serial",
    "registry:undo": "Take back what is long past",
    "registry:case": "Answer what is in doubt",
    "registry:serial": "Make and change serials",
    "registry:lot": "Make and change lots",
    "registry:item": "Make and change items",
    "registry:location": "Make and change locations",
    "registry:party": "Make and change customers and suppliers",
    "registry:*": "Everything of the registry",
    "read": "Look",
    "scan": "Scan",
    "print": "Print",
    "raw": "Send a printer's own language",
    "templates": "Make and change labels",
    "admin": "Set up the gateway",
}
"""A right -> what it lets somebody do."""


PEOPLE_WORDS = ("what the station may", "asked for", "none", "Here", "Away")
"""What the list says of people."""


def _rights(row: Row) -> Cell:
    roles = row["roles"]
    if not roles:
        return Cell("what the station may", kind="word")
    return Cell(", ".join(RIGHT_WORDS.get(role, role) for role in roles))


def _now(row: Row) -> Cell:
    return Cell("Here", kind="word") if row["active"] else Cell("Away", tone="look", kind="word")


async def _print(api: Api, ids: Sequence[str], form: Form) -> Note:
    printer = one(form, "printer")
    people = [await api.get(at("/v1/operators/{}", badge)) for badge in ids]
    job = {
        "printer": printer,
        "template": TEMPLATE,
        "labels": [{"badge": person["badge"], "name": person["name"]} for person in people],
        "title": "Badges",
    }
    await api.ask("POST", "/v1/jobs", job)
    said = translate("%(n)s badges are printing on %(printer)s.", api.language)
    return Note(said % {"n": len(ids), "printer": printer})


async def _remove(api: Api, ids: Sequence[str], form: Form) -> Note:
    return await each(api, "DELETE", "/v1/operators/{}", ids, "%(n)s people are removed.")


PEOPLE = Listing(
    name="people",
    title="People",
    path="/people",
    api="/v1/operators",
    key=lambda row: row["badge"],
    columns=(
        Column("Name", lambda row: Cell(row["name"] or "–", to=at("/people/{}", row["badge"]))),
        Column("Badge", lambda row: row["badge"]),
        Column("PIN", lambda row: Cell("asked for" if row["has_pin"] else "none", kind="word")),
        Column("May", _rights),
        Column("Now", _now),
    ),
    bulk=(
        Bulk("print", "Print their badges", _print, fields="people_fields.html"),
        Bulk(
            "remove",
            "Remove them",
            _remove,
            tone="drop",
            question="Their badges sign nobody in any more; what they did stays in the record. "
            "Remove them?",
        ),
    ),
    empty="Nobody has a badge yet. Without badges stations work for whoever stands there; with "
    "them the record says who did what. Add somebody below.",
    whole=True,
    scope="admin",
)


def people_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[PEOPLE.name] = PEOPLE

    @router.get("/people", dependencies=[needs("admin")])
    async def get_people(request: Request, api: Asked) -> Response:
        return frame.page(
            request, "people.html", shown=await show(api, PEOPLE, request.query_params),
            printers=await targets(api), rights=RIGHT_WORDS, new_badge=new_badge(),
        )  # fmt: skip

    @router.post("/people", dependencies=[needs("admin")])
    async def add_person(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        badge = one(form, "_badge").strip()
        new = {"if-none-match": "*"}
        path = at("/v1/operators/{}", badge or " ")
        made = (await api.ask("PUT", path, body_of(form), headers=new)).json
        said = translate("%(name)s works here with the badge %(badge)s.", frame.language(request))
        return frame.back(request, at("/people/{}", made["badge"]), said % made)

    @router.get("/people/sheet", dependencies=[needs("admin")])
    async def get_sheet(request: Request, api: Asked) -> Response:
        people = (await api.get("/v1/operators", active="true", limit=MOST))["items"]
        people.sort(key=lambda who: who["name"].casefold())
        return page(
            "people_sheet.html", lang=frame.language(request),
            people=[(who, badge_bars(who["badge"])) for who in people],
        )  # fmt: skip

    @router.get("/people/{badge}", dependencies=[needs("admin")])
    async def get_person(badge: str, request: Request, api: Asked) -> Response:
        said = await api.ask("GET", at("/v1/operators/{}", badge))
        return frame.page(
            request, "person.html", person=said.json, etag=said.etag, rights=RIGHT_WORDS,
            printers=await targets(api), bars=badge_bars(said.json["badge"]), template=TEMPLATE,
        )  # fmt: skip

    return router


def new_badge() -> str:
    """Return a badge that nobody guesses and everybody can read aloud."""
    return "B-" + "".join(secrets.choice(LETTERS) for _ in range(BADGE_LETTERS))


def badge_bars(badge: str) -> Bars | None:
    """Return a badge's barcode; None where it holds what no Code 128 does."""
    try:
        return bars(badge)
    except GatewayError:
        return None
