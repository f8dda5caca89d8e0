"""Locations: the tree of sites, zones and bins; made one by one or in a row; labels; closed.

/locations               the tree, and the list with what can be done to many
/locations/A-01          what is inside it, what it is, and closing it
/locations/A-01/serials  … /stock
/location-series         from A-01-01 to A-03-20: seen first, then made
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console import choosing
from gateway.console.asking import Api, Asked, at
from gateway.console.form import Form, body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Filter, Listing, show
from gateway.console.noting import Link, Note
from gateway.console.parties import active_cell, switching
from gateway.console.serials import SERIALS_AT_LOCATION
from gateway.console.words import translate
from gateway.errors import InputRefused
from gateway.registry.place_series import codes_between

KINDS: Mapping[str, str] = {
    "site": "Site",
    "zone": "Zone",
    "bin": "Bin",
    "quarantine": "Quarantine",
    "staging": "Staging",
    "in_transit": "On its way",
}

PLACE_WORDS = tuple(KINDS.values())
"""What kinds of locations are called: for the table of words."""

TEMPLATE = "location-label"

MOST_DRAWN = 400
"""Locations of the tree on one screen; with more, bins stand on the page of what they are in."""


async def _print(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Print a label for each location."""
    labels = []
    for code in ids:
        place = await api.get(at("/v1/locations/{}", code))
        labels.append(
            {"location": place["code"], "code": place["barcode"], "note": place["name"][:60]}
        )
    body = {"printer": one(form, "print.printer"), "template": TEMPLATE, "labels": labels}
    job = (await api.ask("POST", "/v1/jobs", body)).json
    said = translate("Labels of %(n)s locations are being printed.", api.language)
    link = Link(translate("To the job", api.language), at("/jobs/{}", job["id"]))
    return Note(said % {"n": len(ids)}, links=(link,))


LOCATIONS = Listing(
    name="locations",
    title="Locations",
    path="/locations",
    api="/v1/locations",
    key=lambda row: str(row["code"]),
    columns=(
        Column("Code", lambda row: Cell(row["code"], to=at("/locations/{}", row["code"]))),
        Column("Name", lambda row: row["name"]),
        Column("Kind", lambda row: Cell(KINDS[row["kind"]], kind="word")),
        Column("Inside", lambda row: Cell(
            row["parent"] or "", to=at("/locations/{}", row["parent"]) if row["parent"] else "")),
        Column("Status", lambda row: active_cell(row["active"])),
    ),
    filters=(
        Filter("q", "Code or name begins with"),
        Filter("kind", "Kind", tuple(KINDS.items())),
        Filter("parent", "Right inside"),
        Filter("active", "Status", (("1", "Active"), ("0", "Inactive"))),
    ),
    bulk=(
        Bulk("print", "Print labels", _print,
             asks=(Filter("printer", "Printer", choosing.printers),)),
        switching("/v1/locations/{}", False, "Inactive now: %(n)s.",
                  "Nothing can be put there any more. Where goods are still there, it is refused. "
                  "Make them inactive?"),
        switching("/v1/locations/{}", True, "Active now: %(n)s."),
    ),
    empty="There is no location yet. Make your site first, such as MAIN, then its bins.",
    next_act=(("Make a location", "/locations#make"),
              ("Bring in a list", "/import?what=locations")),
)  # fmt: skip

INSIDE = replace(
    LOCATIONS,
    name="locations-inside",
    path="/locations/{}",
    api="/v1/locations?parent={}",
    filters=tuple(one for one in LOCATIONS.filters if one.name != "parent"),
    columns=tuple(one for one in LOCATIONS.columns if one.title != "Inside"),
    empty="Nothing is inside this location.",
    next_act=(),
)

STOCK_AT = Listing(
    name="stock-at-location",
    title="Stock",
    path="/locations/{}/stock",
    api="/v1/stock?location={}",
    key=lambda row: str(row["item"]),
    columns=(
        Column("Item", lambda row: Cell(row["item"], to=at("/items/{}", row["item"]),
                                        detail=row["name"])),
        Column("On hand", lambda row: row["on_hand"], figure=True),
        Column("Available", lambda row: row["available"], figure=True),
        Column("Committed", lambda row: row["committed"], figure=True),
    ),
    filters=(Filter("q", "Item begins with"),),
    empty="Nothing is here.",
    next_act=(("Move something here", "/documents/new/transfer"),),
)  # fmt: skip


@dataclass(slots=True)
class Node:
    """A location in the tree."""

    place: Mapping[str, Any]
    inside: list[Node] = field(default_factory=list)


def grown(places: Sequence[Mapping[str, Any]]) -> list[Node]:
    """Return the tree of locations; one whose parent is not among them stands at the top.

    >>> rows = [{"code": "A", "parent": "M"}, {"code": "M", "parent": None}]
    >>> [(node.place["code"], [one.place["code"] for one in node.inside]) for node in grown(rows)]
    [('M', ['A'])]
    """
    nodes = {place["code"]: Node(place) for place in places}
    top: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.place["parent"])
        (top if parent is None else parent.inside).append(node)
    return top


async def _tree(api: Api) -> tuple[list[Node], bool]:
    """Return the tree, and whether all locations are in it."""
    found = await api.get("/v1/locations", limit=MOST_DRAWN)
    if not found["next"]:
        return grown(found["items"]), True
    places = [
        place
        for kind in KINDS
        if kind != "bin"
        for place in (await api.get("/v1/locations", kind=kind, limit=MOST_DRAWN))["items"]
    ]
    return grown(places), False


def location_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    for listing in (LOCATIONS, INSIDE, STOCK_AT):
        frame.listings[listing.name] = listing

    def shared(request: Request) -> dict[str, Any]:
        features = frame.parts.registry.features()
        language = frame.language(request)
        return {
            "kinds": KINDS,
            "kind_choices": [
                (key, translate(word, language))
                for key, word in KINDS.items()
                if key not in ("zone", "bin") or "bins" in features
            ],
            "bins": "bins" in features,
        }

    @router.get("/locations", dependencies=[needs("read")])
    async def get_locations(request: Request, api: Asked) -> Response:
        shown = await show(api, LOCATIONS, request.query_params)
        tree, whole = ([], True) if shown.filtered else await _tree(api)
        return frame.page(
            request, "locations.html", shown=shown, tree=tree, whole_tree=whole, **shared(request)
        )

    @router.post("/locations", dependencies=[needs("read")])
    async def make_location(request: Request, api: Asked) -> Response:
        """Make one unless there is one of that code."""
        body = body_of(read_form(await request.body()))
        code = str(body.pop("code", "")).strip()
        if not code:
            raise InputRefused("Give the location its code, as it stands on the shelf.", key="code")
        made = (
            await api.ask(
                "PUT", at("/v1/locations/{}", code), body, headers={"if-none-match": "*"}
            )
        ).json  # fmt: skip
        said = translate("Location %(code)s is made.", frame.language(request))
        return frame.back(request, at("/locations/{}", made["code"]), said % {"code": made["code"]})

    # ------------------------------------------------------------ many in a row

    @router.get("/location-series", dependencies=[needs("read")])
    async def see_series(request: Request, api: Asked) -> Response:
        """What would be made."""
        asked = {
            key: request.query_params.get(key, "") for key in ("first", "last", "kind", "parent")
        }
        rows = _rows(asked)
        checked = (await api.ask("PUT", "/v1/locations?dry_run=1", rows)).json
        return frame.page(
            request, "location_series.html", asked=asked, codes=[row["code"] for row in rows],
            there=[row["code"] for row in checked["items"] if row["status"] != "new"],
            counts=checked["counts"], **shared(request),
        )  # fmt: skip

    @router.post("/location-series", dependencies=[needs("read")])
    async def make_series(request: Request, api: Asked) -> Response:
        """Make them; those that are there stay as they are."""
        form = read_form(await request.body())
        asked = {key: one(form, key) for key in ("first", "last", "kind", "parent")}
        rows = _rows(asked)
        if one(form, "look") == "1":
            return frame.back(request, f"/location-series?{urlencode(asked)}")
        checked = (await api.ask("PUT", "/v1/locations?dry_run=1", rows)).json
        new = [
            row
            for row, found in zip(rows, checked["items"], strict=True)
            if found["status"] == "new"
        ]
        await api.ask("PUT", "/v1/locations", new)
        said = translate("%(n)s locations are made.", frame.language(request)) % {"n": len(new)}
        to = at("/locations/{}", asked["parent"]) if asked["parent"] else "/locations"
        return frame.back(request, to, said)

    # ------------------------------------------------------------ one of them

    async def page(request: Request, api: Api, code: str, tab: str) -> Response:
        said = await api.ask("GET", at("/v1/locations/{}", code))
        place = said.json
        listing = {"inside": INSIDE, "serials": SERIALS_AT_LOCATION, "stock": STOCK_AT}[tab]
        shown = await show(api, listing, request.query_params, code)
        fields = (await api.get("/v1/fields/location"))["items"]
        return frame.page(
            request, "location.html", place=place, etag=said.etag, tab=tab, shown=shown,
            fields=fields, printers=await choosing.printers(api), **shared(request),
        )  # fmt: skip

    @router.get("/locations/{code}", dependencies=[needs("read")])
    async def get_location(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "inside")

    @router.get("/locations/{code}/serials", dependencies=[needs("read")])
    async def get_serials(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "serials")

    @router.get("/locations/{code}/stock", dependencies=[needs("read")])
    async def get_stock(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "stock")

    @router.post("/locations/{code}/label", dependencies=[needs("read")])
    async def print_label(code: str, request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        note = await _print(api, [code], form)
        return frame.back(request, at("/locations/{}", code), note=note)

    return router


def _rows(asked: Mapping[str, str]) -> list[dict[str, object]]:
    if not asked["first"].strip() or not asked["last"].strip():
        raise InputRefused("Give the first and the last code, such as A-01-01 and A-01-20.")
    row: dict[str, object] = {"kind": asked["kind"] or "bin"}
    if asked["parent"].strip():
        row["parent"] = asked["parent"].strip()
    return [{"code": code, **row} for code in codes_between(asked["first"], asked["last"])]
